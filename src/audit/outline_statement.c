#include "audit/outline_statement.h"

#include <ctype.h>
#include <string.h>

#include "audit/outline.h"
#include "audit/syntax.h"

bool statement_ends(const char *text, const struct logical_line *line, size_t at)
{
    at += strspn(text + at, " \t\r");
    return at >= line->end || text[at] == '\n' || text[at] == '#';
}

static bool has(const char *from, const char *end, char c)
{
    return from < end && memchr(from, c, (size_t)(end - from));
}

bool statement_binds_nothing(const char *text, const struct logical_line *line,
                             enum statement_place place)
{
    static const char *const words[] = {"assert",  "await", "del",    "exec",  "exit",
                                        "lambda",  "not",   "print",  "raise", "return",
                                        "setattr", "yield", "except", NULL};
    const char *end = text + line->end;
    if (memmem(text + line->start, line->end - line->start, ":=", 2))
        return false;
    if (line->open == LEXICAL_NOWHERE && place != IN_FUNCTION)
        return false;
    if (line->colon != LEXICAL_NOWHERE || line->string_end != LEXICAL_NOWHERE || line->several)
        return false;
    size_t at = line->start;
    while (isalnum((unsigned char)text[at]) || text[at] == '_' || text[at] == '.')
        at++;
    struct slice word = {text + line->start, at - line->start};
    if (!word.size || slice_among(word, words) ||
        (word.size > 4 && memcmp(word.start, "sys.", 4) == 0) ||
        (word.size > 8 && memcmp(word.start, "__all__.", 8) == 0))
        return false;
    if (at == line->open && line->groups == 1 && line->close != LEXICAL_NOWHERE &&
        statement_ends(text, line, line->close))
        return true;
    if (place != IN_FUNCTION || (at != line->open && !has(word.start, text + at, '.')))
        return false;
    const char *sign = memchr(text + at, '=', line->end - at);
    if (!sign)
        return strchr("(.[", text[at]) && text[at];
    return !has(text + at, sign, ',') && !has(text + at, sign, '(') && !has(sign + 1, end, '=') &&
           text[at] != '(' && strncmp(sign + 1 + strspn(sign + 1, " \t"), "yield", 5) != 0;
}

size_t statement_table(const char *text, size_t start, size_t end)
{
    size_t name = strcspn(text + start, " =:.([{\n");
    if (!name || memcmp(text + start, "__", 2) == 0) /* __all__, __slots__ */
        return 0;
    const char *equals = memchr(text + start, '=', end - start);
    size_t at = equals ? (size_t)(equals - text) + 1 : 0;
    for (size_t i = start; i + 1 < at; i++) {
        if (strchr("([{'\"\n", text[i]))
            return 0;
    }
    size_t value = at ? at + strspn(text + at, " ") : 0;
    return value < end && strchr("{[('\"", text[value]) ? at : 0;
}

size_t statement_function(const char *text, const struct logical_line *line, size_t *name)
{
    size_t at = line->start;
    if (line->word == WORD_ASYNC) {
        at += strlen("async");
        at += strspn(text + at, " \t");
    } else if (line->word != WORD_DEF) {
        return 0;
    }
    if (strncmp(text + at, "def", 3) != 0 || !strchr(" \t", text[at + 3]))
        return 0;
    at += 3 + strspn(text + at + 3, " \t");
    *name = at;
    return at + strcspn(text + at, "( \t[:\n");
}

/* Whether the last of names with dots between them begins as those of classes do. */
static bool ends_like_class(const char *start, const char *end)
{
    const char *name = memrchr(start, '.', (size_t)(end - start));
    name = name ? name + 1 : start;
    name += strspn(name, " _");
    return name < end && isupper((unsigned char)*name);
}

bool statement_sets_attribute(const char *text, const struct logical_line *line)
{
    static const char set[] = "setattr(";
    const char *start = text + line->start, *at = start;
    if (strncmp(start, set, sizeof set - 1) == 0)
        return true;
    while (isalnum((unsigned char)*at) || *at == '_' || *at == '.')
        at++;
    const char *sign = at + strspn(at, " \t");
    return *sign == '=' && sign[1] != '=' && has(start, at, '.') &&
           (ends_like_class(start, at) ||
            ends_like_class(sign + 1, sign + 1 + strcspn(sign + 1, "([{#\n")));
}

static size_t word_end(const char *text, size_t at, char more)
{
    while (isalnum((unsigned char)text[at]) || text[at] == '_' || (more && text[at] == more))
        at++;
    return at;
}

static bool is_quote(char c)
{
    return c == '"' || c == '\'';
}

/* A constant, a list, a dict or a set, a call: as far as one look tells. */
static bool is_plain_value(const char *text, const struct logical_line *line, size_t at)
{
    static const char *const constants[] = {"None", "True", "False", NULL};
    size_t end = word_end(text, at, '.');
    bool group = end == line->open && line->groups == 1 && line->close != LEXICAL_NOWHERE &&
                 statement_ends(text, line, line->close);
    if (is_quote(text[at]) || isdigit((unsigned char)text[at]) || text[at] == '-')
        return true;
    if (end == at)
        return group && text[at] != '(';
    if (is_quote(text[end]) && end - at <= 2)
        return true;
    if (group && text[end] == '(')
        return true;
    struct slice word = {text + at, end - at};
    return slice_among(word, constants) && statement_ends(text, line, end);
}

size_t statement_field(const char *text, const struct logical_line *line, bool *annotated)
{
    static const char *const words[] = {"else", "except", "finally", "lambda", "try", NULL};
    const char *start = text + line->start;
    if (line->several || !(islower((unsigned char)*start) || *start == '_') ||
        strncmp(start, "__", 2) == 0)
        return 0;
    size_t name = word_end(text, line->start, 0);
    size_t sign = name + strspn(text + name, " \t");
    struct slice word = {start, name - line->start};
    *annotated = sign == line->colon;
    if (*annotated ? slice_among(word, words) : text[sign] != '=')
        return 0;
    size_t value = sign + 1 + strspn(text + sign + 1, " \t");
    if (!*annotated && !is_plain_value(text, line, value))
        return 0;
    size_t size = line->end - line->start;
    return outline_makes_nothing(start, size) && !memmem(start, size, ":=", 2) ? name : 0;
}
