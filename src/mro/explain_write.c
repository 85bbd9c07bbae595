/* Lines of an explanation. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "mro/explain_internal.h"

void explain_line(struct writer *writer, const char *format, ...)
{
    va_list arguments;
    char *line = NULL;
    va_start(arguments, format);
    if (vasprintf(&line, format, arguments) < 0)
        line = NULL;
    va_end(arguments);
    if (line && vector_push(writer->lines, line))
        return;
    free(line);
    writer->failed = true;
}

/* The names of a walk with commas; "none" for nothing. NULL: no memory. */
static char *join_walk(const struct writer *writer, struct mro_walk walk)
{
    char *text = NULL;
    size_t size = 0, written = 0;
    FILE *out = open_memstream(&text, &size);
    if (!out)
        return NULL;
    class_number next;
    while ((next = mro_next(&walk)) != CLASS_UNKNOWN && written++ < LISTED_MAX)
        fprintf(out, "%s%s", written > 1 ? ", " : "", explain_name(writer, next));
    if (next != CLASS_UNKNOWN)
        fputs(" …", out);
    if (!written)
        fputs("none", out);
    fclose(out);
    return text;
}

char *explain_join(const struct writer *writer, const class_numbers *numbers)
{
    const struct mro_walk walk = {.hierarchy = writer->hierarchy,
                                  .items = numbers->items,
                                  .left = numbers->count,
                                  .chain = CLASS_UNKNOWN};
    return join_walk(writer, walk);
}

char *explain_join_mro(const struct writer *writer, class_number number)
{
    return join_walk(writer, mro_begin(writer->hierarchy, number));
}
