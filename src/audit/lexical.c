#include "audit/lexical.h"

#include <stdbool.h>
#include <string.h>

/* The index behind the string that begins at `at`; a broken one ends with its line. */
static size_t after_string(const char *text, size_t size, size_t at)
{
    char quote = text[at];
    bool triple = at + 2 < size && text[at + 1] == quote && text[at + 2] == quote;
    size_t i = at + (triple ? 3 : 1);
    for (; i < size; i++) {
        if (text[i] == '\\')
            i++;
        else if (!triple && (text[i] == quote || text[i] == '\n'))
            return i + 1;
        else if (triple && text[i] == quote && i + 2 < size && text[i + 1] == quote &&
                 text[i + 2] == quote)
            return i + 3;
    }
    return size;
}

size_t lexical_after_opaque(const char *text, size_t size, size_t at)
{
    if (text[at] == '"' || text[at] == '\'')
        return after_string(text, size, at);
    if (text[at] != '#')
        return at;
    const char *end = memchr(text + at, '\n', size - at);
    return end ? (size_t)(end - text) : size;
}

/* With `exact`, brackets in strings and comments do not count. */
static unsigned deeper_than(const char *text, size_t size, int limit, bool exact)
{
    int depth = 0;
    unsigned line = 1;
    for (size_t i = 0; i < size; i++) {
        size_t behind = exact ? lexical_after_opaque(text, size, i) : i;
        for (; i < behind; i++)
            line += text[i] == '\n';
        if (i >= size)
            break;
        switch (text[i]) {
        case '(':
        case '[':
        case '{':
            if (++depth > limit)
                return line;
            break;
        case ')':
        case ']':
        case '}':
            depth -= depth > 0;
            break;
        case '\n':
            line++;
            break;
        }
    }
    return 0;
}

unsigned lexical_too_deep(const char *text, size_t size, int depth)
{
    /* Reading strings takes longer, and hardly any file needs it. */
    return deeper_than(text, size, depth, false) ? deeper_than(text, size, depth, true) : 0;
}
