/* class_text.c: class statements to paste: bases, keywords and parameters as they were written. */
#include <stdio.h>
#include <string.h>

#include "analysis/class_parts.h"
#include "base/text.h"

#define LISTED_MAX 100

static bool is_name_character(unsigned char c)
{
    return c == '_' || c >= 128 || (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z');
}

/* A name, or names with dots between them, of that many bytes. */
static bool is_dotted_name(const char *text, size_t size)
{
    if (!size || (*text >= '0' && *text <= '9'))
        return false;
    for (size_t i = 0; i < size; i++)
        if (text[i] != '.' && !is_name_character((unsigned char)text[i]))
            return false;
    return true;
}

/* Whether an expression may be written once more: it is whole, and stands for one base. */
static bool is_whole(const char *text)
{
    size_t size = strlen(text);
    return size && *text != '*' && !strchr(text, '#') &&
           (size < 3 || strcmp(text + size - 3, "...") != 0);
}

const char *class_base_text(const struct hierarchy *hierarchy, const struct class_base *base)
{
    return base->text && is_whole(base->text) ? base->text
                                              : class_short_name(hierarchy, base->number);
}

/* "List[int]", "pkg.Box": what an alias is called without its arguments; 0: not by its name. */
static size_t origin_size(const struct hierarchy *hierarchy, const struct class_base *base,
                          const char *text)
{
    const char *name = class_short_name(hierarchy, base->number);
    size_t size = strcspn(text, "["), length = strlen(name);
    bool named = size >= length && memcmp(text + size - length, name, length) == 0 &&
                 (size == length || text[size - length - 1] == '.');
    return named && is_dotted_name(text, size) ? size : 0;
}

char *class_base_type(const struct hierarchy *hierarchy, const struct class_base *base)
{
    const char *text = class_base_text(hierarchy, base);
    if (base->form != BASE_ALIAS && base->form != BASE_NAMED)
        return text_format("type(%s)", text);
    size_t size = base->form == BASE_ALIAS ? origin_size(hierarchy, base, text) : 0;
    return size ? text_format("type(%.*s)", (int)size, text)
                : text_format("type(%s.__origin__)", text);
}

char *class_statement(const struct class_case *one, const uint32_t *order, size_t count,
                      const char *metaclass)
{
    const struct class_facts *facts = one->facts;
    char *text = NULL;
    size_t size = 0, written = 0;
    FILE *out = open_memstream(&text, &size);
    if (!out)
        return NULL;
    fprintf(out, "class %s%s(", class_short_name(one->hierarchy, one->number),
            facts->parameters ? facts->parameters : "");
    for (size_t i = 0; i < count && written < LISTED_MAX; i++) {
        const struct class_base *base = &facts->bases[order ? order[i] : i];
        if (base->form != BASE_IMPLICIT)
            fprintf(out, "%s%s", written++ ? ", " : "", class_base_text(one->hierarchy, base));
    }
    if (count > LISTED_MAX)
        fputs(", …", out);
    if (facts->keywords)
        fprintf(out, "%s%s", written++ ? ", " : "", facts->keywords);
    if (!metaclass)
        metaclass = facts->metaclass_text;
    if (metaclass)
        fprintf(out, "%smetaclass=%s", written++ ? ", " : "", metaclass);
    fputs("):", out);
    fclose(out);
    return text;
}
