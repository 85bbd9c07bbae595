/* How to look at the same target again. */
#include <string.h>

#include "analysis/look.h"
#include "base/cleanup.h"
#include "base/text.h"

/* As a shell takes it. */
static char *quoted(const char *word)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "_./+-@%=:,";
    char *text = malloc(4 * strlen(word) + 3), *end = text;
    if (!text || strspn(word, plain) == strlen(word))
        return text ? strcpy(text, word) : NULL;
    *end++ = '\'';
    for (; *word; word++)
        end = *word == '\'' ? stpcpy(end, "'\\''") : (*end = *word, end + 1);
    strcpy(end, "'");
    return text;
}

char *look_command(const struct look *look, const char *verb)
{
    _cleanup_free_ char *word = quoted(target_name(look->cpython->target));
    return word ? text_format("steth %s %s", verb, word) : NULL;
}
