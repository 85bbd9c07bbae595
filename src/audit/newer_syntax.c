#include "audit/newer_syntax.h"

#include <ctype.h>
#include <string.h>

#include "audit/lexical.h"

/* Where the reader of the text is: outside of strings and comments. */
struct place_in_text {
    char *text;
    size_t size, at;
    bool changed;
};

static bool is_word(char c)
{
    return isalnum((unsigned char)c) || c == '_' || (unsigned char)c >= 0x80;
}

static bool word_at(const struct place_in_text *p, size_t at, const char *word)
{
    size_t length = strlen(word);
    return at + length < p->size && memcmp(p->text + at, word, length) == 0 &&
           !is_word(p->text[at + length]);
}

static size_t skip_blanks(const struct place_in_text *p, size_t at)
{
    while (at < p->size && (p->text[at] == ' ' || p->text[at] == '\t'))
        at++;
    return at;
}

/* The first of `stops` from `from` on, outside of brackets, strings and comments; `size` when the
 * brackets around end first. */
static size_t level_end(const struct place_in_text *p, size_t from, const char *stops)
{
    int depth = 0;
    for (size_t i = from; i < p->size; i++) {
        size_t behind = lexical_after_opaque(p->text, p->size, i);
        if (behind != i) {
            i = behind - 1;
            continue;
        }
        char c = p->text[i];
        if (depth == 0 && strchr(stops, c))
            return i;
        if (c == '(' || c == '[' || c == '{')
            depth++;
        else if ((c == ')' || c == ']' || c == '}') && depth-- == 0)
            return p->size;
    }
    return p->size;
}

static void blank(struct place_in_text *p, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++) {
        if (p->text[i] != '\n')
            p->text[i] = ' ';
    }
    p->changed = true;
}

static void rewrite_lazy(struct place_in_text *p)
{
    size_t next = skip_blanks(p, p->at + 4);
    const char *word = word_at(p, next, "import") ? "import"
                       : word_at(p, next, "from") ? "from"
                                                  : NULL;
    if (!word || next == p->at + 4)
        return;
    size_t length = strlen(word);
    blank(p, p->at, next + length);
    memcpy(p->text + p->at, word, length);
}

/* Blanks the defaults of type parameters, behind "class NAME[", "def NAME[" and "type NAME[". */
static void rewrite_defaults(struct place_in_text *p, size_t keyword)
{
    size_t i = skip_blanks(p, p->at + keyword);
    size_t name = i;
    while (i < p->size && is_word(p->text[i]))
        i++;
    if (i == name || i >= p->size || p->text[i] != '[')
        return;
    size_t end = level_end(p, i + 1, "]");
    while (end < p->size && i < end) {
        size_t stop = level_end(p, i + 1, ",=]");
        if (stop >= end)
            return;
        if (p->text[stop] == '=') {
            size_t next = level_end(p, stop + 1, ",]");
            blank(p, stop, next);
            stop = next;
        }
        i = stop;
    }
}

/* "{**m for": a comprehension has a "for" before its brace ends. */
static void rewrite_unpacking(struct place_in_text *p)
{
    size_t i = skip_blanks(p, p->at + 1);
    if (i + 2 >= p->size || p->text[i] != '*' || p->text[i + 1] != '*')
        return;
    size_t end = level_end(p, i, ",}");
    for (size_t k = i + 2; k < end && end < p->size; k++) {
        if (p->text[k] == ' ' && word_at(p, k + 1, "for")) {
            blank(p, i, i + 2);
            return;
        }
    }
}

bool newer_syntax_rewrite(char *text, size_t size)
{
    struct place_in_text p = {.text = text, .size = size};
    bool fresh = true; /* nothing but blanks since the statement began */
    for (; p.at < size; p.at++) {
        size_t behind = lexical_after_opaque(text, size, p.at);
        if (behind != p.at) {
            p.at = behind - 1;
            fresh = false;
            continue;
        }
        char c = text[p.at];
        bool starts = p.at == 0 || !is_word(text[p.at - 1]);
        if (fresh && starts && word_at(&p, p.at, "lazy"))
            rewrite_lazy(&p);
        else if (starts && word_at(&p, p.at, "class"))
            rewrite_defaults(&p, 5);
        else if (starts && word_at(&p, p.at, "def"))
            rewrite_defaults(&p, 3);
        else if (fresh && starts && word_at(&p, p.at, "type"))
            rewrite_defaults(&p, 4);
        else if (c == '{')
            rewrite_unpacking(&p);
        fresh = c == '\n' || c == ';' || (fresh && (c == ' ' || c == '\t'));
    }
    return p.changed;
}
