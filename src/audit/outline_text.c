/* outline_text.c: what of a text matters to an outline. */
#include <string.h>

#include "audit/outline.h"

static bool has_word(const char *text, size_t size, const char *word)
{
    return memmem(text, size, word, strlen(word)) != NULL;
}

/* Whether a line begins with the word. */
static bool line_begins(const char *text, size_t size, const char *word)
{
    const char *end = text + size;
    size_t length = strlen(word);
    for (const char *p = text; (p = memmem(p, (size_t)(end - p), word, length)); p += length) {
        const char *before = p;
        while (before > text && (before[-1] == ' ' || before[-1] == '\t'))
            before--;
        if (before == text || before[-1] == '\n' || before[-1] == ':' || before[-1] == ';')
            return true;
    }
    return false;
}

bool outline_matters(const char *text, size_t size)
{
    return line_begins(text, size, "class ") || line_begins(text, size, "global ") ||
           line_begins(text, size, "nonlocal ") || line_begins(text, size, "class\t") ||
           line_begins(text, size, "globals()") || line_begins(text, size, "sys.modules[") ||
           line_begins(text, size, "setattr(sys.modules[");
}

static bool ends_with(const char *text, const char *end, const char *word)
{
    size_t length = strlen(word);
    return (size_t)(end - text) >= length && memcmp(end - length, word, length) == 0;
}

bool outline_makes_nothing(const char *text, size_t size)
{
    static const char *const makers[] = {"tuple", "Tuple", "TypedDict", "type",
                                         "class", "Enum",  "Flag",      "Meta"};
    const char *end = text + size;
    for (const char *p = text; (p = memchr(p, '(', (size_t)(end - p))); p++) {
        for (size_t i = 0; i < sizeof makers / sizeof *makers; i++) {
            if (ends_with(text, p, makers[i]))
                return false;
        }
    }
    return !has_word(text, size, "declarative_") && !has_word(text, size, "sys.path");
}

bool outline_keeps_name(const char *name, size_t size)
{
    static const char *const kept[] = {"__new__", "__class_getitem__"};
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) {
        if (strlen(kept[i]) == size && memcmp(kept[i], name, size) == 0)
            return true;
    }
    return false;
}
