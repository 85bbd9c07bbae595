#include "audit/lexical.h"

#include <ctype.h>
#include <stdint.h>
#include <string.h>

/* The index behind three quotes that no backslash stands before; from the text between them on. */
static size_t after_triple(const char *text, size_t size, size_t from, char quote)
{
    for (const char *p = text + from, *end = text + size; p < end; p++) {
        p = memchr(p, quote, (size_t)(end - p));
        if (!p)
            break;
        size_t escapes = 0;
        while (p - escapes > text + from && p[-1 - (ptrdiff_t)escapes] == '\\')
            escapes++;
        if (escapes % 2 == 0 && end - p > 2 && p[1] == quote && p[2] == quote)
            return (size_t)(p - text) + 3;
    }
    return size;
}

/* The index behind the string that begins at `at`; a broken one ends with its line. */
static size_t after_string(const char *text, size_t size, size_t at)
{
    char quote = text[at];
    bool triple = at + 2 < size && text[at + 1] == quote && text[at + 2] == quote;
    if (triple)
        return after_triple(text, size, at + 3, quote);
    for (size_t i = at + 1; i < size; i++) {
        if (text[i] == '\\')
            i++;
        else if (text[i] == quote || text[i] == '\n')
            return i + 1;
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

/* ---- logical lines --------------------------------------------------------------------------- */

enum mark { PLAIN, END, NEWLINE, QUOTE, COMMENT, BACKSLASH, COLON, OPEN, CLOSE };

static const uint8_t marks[256] = {
    ['\0'] = END,       ['\n'] = NEWLINE, ['"'] = QUOTE, ['\''] = QUOTE, ['#'] = COMMENT,
    ['\\'] = BACKSLASH, [':'] = COLON,    [';'] = COLON, ['('] = OPEN,   ['['] = OPEN,
    ['{'] = OPEN,       [')'] = CLOSE,    [']'] = CLOSE, ['}'] = CLOSE,
};

static bool is_word(char c)
{
    return isalnum((unsigned char)c) || c == '_' || (unsigned char)c >= 0x80;
}

static unsigned word_at(const char *text)
{
    static const struct {
        const char *word;
        unsigned char length, value;
    } words[] = {{"class", 5, WORD_CLASS},   {"def", 3, WORD_DEF},
                 {"async", 5, WORD_ASYNC},   {"global", 6, WORD_OUTER},
                 {"globals", 7, WORD_OUTER}, {"nonlocal", 8, WORD_OUTER},
                 {"return", 6, WORD_RETURN}, {"yield", 5, WORD_YIELD}};
    if (!strchr("cdagnry", *text))
        return 0;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (*text == *words[i].word && strncmp(text, words[i].word, words[i].length) == 0 &&
            !is_word(text[words[i].length]))
            return words[i].value;
    }
    return 0;
}

static unsigned count_newlines(const char *from, const char *end)
{
    unsigned count = 0;
    while ((from = memchr(from, '\n', (size_t)(end - from)))) {
        count++;
        from++;
    }
    return count;
}

/* Leaves the reader at the first byte of code of a line; false: there is none left. */
static bool find_code(struct lexical_reader *reader, struct logical_line *line)
{
    const char *text = reader->text;
    size_t at = reader->at;
    while (at < reader->size) {
        unsigned columns = 0;
        line->begin = at;
        for (; text[at] == ' ' || text[at] == '\t' || text[at] == '\f'; at++)
            columns = text[at] == '\t' ? (columns / 8 + 1) * 8 : columns + 1;
        if (text[at] == '\r' && text[at + 1] == '\n')
            at++;
        if (text[at] == '#')
            at = lexical_after_opaque(text, reader->size, at);
        else if (text[at] != '\n' && at < reader->size) {
            line->start = reader->at = at;
            line->indent = columns;
            line->line = reader->line;
            return true;
        }
        reader->line += at < reader->size;
        at++;
    }
    reader->at = reader->size;
    return false;
}

/* A string begins at `at`; returns the index behind it. */
static size_t take_string(struct lexical_reader *reader, struct logical_line *line, size_t at)
{
    size_t end = lexical_after_opaque(reader->text, reader->size, at);
    bool broken = end > at && reader->text[end - 1] == '\n';
    if (broken) /* its line ends with it */
        end--;
    bool first = at - line->start <= 2 && line->open == LEXICAL_NOWHERE;
    for (size_t i = line->start; first && i < at; i++)
        first = isalpha((unsigned char)reader->text[i]);
    if (first)
        line->string_end = end;
    reader->line += count_newlines(reader->text + at, reader->text + end);
    return end;
}

static size_t take_backslash(struct lexical_reader *reader, size_t at)
{
    if (reader->text[at + 1] == '\r' && reader->text[at + 2] == '\n')
        at++;
    reader->line += reader->text[at + 1] == '\n';
    return at + 2 < reader->size ? at + 2 : reader->size;
}

static void take_colon(const struct lexical_reader *reader, struct logical_line *line, size_t at)
{
    if (reader->text[at] == ';')
        line->several = true;
    else if (line->colon == LEXICAL_NOWHERE)
        line->colon = at;
    const char *next = reader->text + at + 1;
    while (*next == ' ' || *next == '\t')
        next++;
    line->inner |= word_at(next);
}

static int take_open(struct lexical_reader *reader, struct logical_line *line, size_t at, int depth)
{
    if (line->open == LEXICAL_NOWHERE)
        line->open = at;
    line->groups += depth == 0;
    if (depth >= reader->deepest && !reader->too_deep)
        reader->too_deep = reader->line;
    return depth + 1;
}

bool lexical_next(struct lexical_reader *reader, struct logical_line *line)
{
    *line = (struct logical_line){.colon = LEXICAL_NOWHERE,
                                  .string_end = LEXICAL_NOWHERE,
                                  .open = LEXICAL_NOWHERE,
                                  .close = LEXICAL_NOWHERE};
    if (!find_code(reader, line))
        return false;
    const char *text = reader->text;
    size_t at = reader->at;
    int depth = 0;
    line->word = word_at(text + at);
    for (;;) {
        while (marks[(unsigned char)text[at]] == PLAIN)
            at++;
        switch ((enum mark)marks[(unsigned char)text[at]]) {
        case QUOTE:
            at = take_string(reader, line, at);
            continue;
        case COMMENT:
            at = lexical_after_opaque(text, reader->size, at);
            continue;
        case BACKSLASH:
            at = take_backslash(reader, at);
            continue;
        case COLON:
            if (depth == 0)
                take_colon(reader, line, at);
            break;
        case OPEN:
            depth = take_open(reader, line, at, depth);
            break;
        case CLOSE:
            depth -= depth > 0;
            line->close = at + 1;
            break;
        case NEWLINE:
            reader->line++;
            if (depth == 0) {
                line->end = reader->at = at + 1;
                return true;
            }
            break;
        default:
            line->end = reader->at = reader->size;
            return true;
        }
        at++;
    }
}
