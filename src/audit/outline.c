#include "audit/outline.h"

#include <string.h>

#include "audit/lexical.h"

#define DEEPEST 120

struct level {
    unsigned indent;
    bool in_class; /* what stands in it is a part of a class's body */
};

struct outline {
    char *text;
    size_t size;
    size_t read, written;
    struct level levels[DEEPEST];
    unsigned depth;
    bool decorated;
};

static bool has(const char *text, size_t size, const char *word)
{
    return memmem(text, size, word, strlen(word)) != NULL;
}

bool outline_is_enough(const char *text, size_t size)
{
    return !has(text, size, "__del__") && !has(text, size, "async ") && !has(text, size, "steth:");
}

bool outline_matters(const char *text, size_t size)
{
    return has(text, size, "class ") || has(text, size, "global ") ||
           has(text, size, "nonlocal ") || has(text, size, "class\t");
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

/* The start of the next logical line. */
static size_t next_line(const struct outline *o, size_t at)
{
    int depth = 0;
    while (at < o->size) {
        switch (o->text[at]) {
        case '"':
        case '\'':
        case '#':
            at = lexical_after_opaque(o->text, o->size, at);
            continue;
        case '(':
        case '[':
        case '{':
            depth++;
            break;
        case ')':
        case ']':
        case '}':
            depth -= depth > 0;
            break;
        case '\\':
            at++;
            break;
        case '\n':
            if (depth == 0)
                return at + 1;
            break;
        }
        at++;
    }
    return o->size;
}

/* The indentation of the line at `at`; false: it is blank, or a comment. */
static bool indentation(const struct outline *o, size_t at, unsigned *indent, size_t *start)
{
    unsigned columns = 0;
    while (at < o->size && (o->text[at] == ' ' || o->text[at] == '\t' || o->text[at] == '\f')) {
        columns = o->text[at] == '\t' ? (columns / 8 + 1) * 8 : columns + 1;
        at++;
    }
    *indent = columns;
    *start = at;
    return at < o->size && o->text[at] != '\n' && o->text[at] != '\r' && o->text[at] != '#';
}

static bool begins(const struct outline *o, size_t at, const char *word)
{
    size_t length = strlen(word);
    return at + length < o->size && memcmp(o->text + at, word, length) == 0 &&
           (o->text[at + length] == ' ' || o->text[at + length] == '\t' ||
            o->text[at + length] == ':');
}

/* The first line behind a body that is indented more than its head. */
static size_t body_end(const struct outline *o, size_t at, unsigned head)
{
    size_t end = at;
    while (at < o->size) {
        unsigned indent;
        size_t start;
        bool code = indentation(o, at, &indent, &start);
        if (code && indent <= head)
            break;
        at = next_line(o, at);
        if (code)
            end = at;
    }
    return end;
}

static void copy(struct outline *o, size_t end)
{
    memmove(o->text + o->written, o->text + o->read, end - o->read);
    o->written += end - o->read;
    o->read = end;
}

static void put(struct outline *o, char c)
{
    o->text[o->written++] = c;
}

/* "pass" in place of the body, and as many lines. There is room: a body has more than that. */
static void drop(struct outline *o, size_t end, unsigned indent)
{
    size_t lines = 0, size = end - o->read;
    for (size_t i = o->read; i < end; i++)
        lines += o->text[i] == '\n';
    if (size < indent + 5 + lines) {
        copy(o, end);
        return;
    }
    for (unsigned i = 0; i <= indent; i++)
        put(o, ' ');
    memcpy(o->text + o->written, "pass", 4);
    o->written += 4;
    for (size_t i = 0; i < lines; i++)
        put(o, '\n');
    o->read = end;
}

static void push(struct outline *o, unsigned indent, bool in_class)
{
    if (o->depth < DEEPEST)
        o->levels[o->depth++] = (struct level){indent, in_class};
}

/* A method's head ends at `body`. */
static void take_method(struct outline *o, size_t def, size_t body, unsigned indent)
{
    size_t name = def + 4;
    while (name < o->size && (o->text[name] == ' ' || o->text[name] == '\t'))
        name++;
    size_t length = strcspn(o->text + name, "( \t[:\n");
    size_t end = body_end(o, body, indent);
    copy(o, body);
    if (end > body && !outline_keeps_name(o->text + name, length) &&
        !outline_matters(o->text + body, end - body)) {
        drop(o, end, indent);
        return;
    }
    push(o, indent, false);
}

static void take_line(struct outline *o)
{
    unsigned indent;
    size_t start, next = next_line(o, o->read);
    if (!indentation(o, o->read, &indent, &start)) {
        copy(o, next);
        return;
    }
    while (o->depth && o->levels[o->depth - 1].indent >= indent)
        o->depth--;
    bool in_class = o->depth && o->levels[o->depth - 1].in_class;
    bool decorated = o->decorated;
    o->decorated = o->text[start] == '@';
    if (begins(o, start, "def") && in_class && !decorated && o->depth < DEEPEST) {
        take_method(o, start, next, indent);
        return;
    }
    if (begins(o, start, "class"))
        push(o, indent, true);
    else if (begins(o, start, "def"))
        push(o, indent, false);
    else if (in_class)
        push(o, indent, true); /* an if, a try: part of the body; a plain line holds nothing */
    copy(o, next);
}

size_t outline_methods(char *text, size_t size)
{
    struct outline o = {.text = text, .size = size};
    while (o.read < size)
        take_line(&o);
    return o.written;
}
