#include "audit/outline.h"

#include <string.h>

#include "audit/lexical.h"

#define DEEPEST 120

#define LONG_LINE  400 /* bytes of a logical line: docstrings and tables above are left out */
#define SHORT_BODY 200 /* bytes; shorter ones are kept, for what they return */

struct level {
    unsigned indent;
    bool in_class; /* what stands in it is a part of a class's body; else of a function's */
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
           line_begins(text, size, "nonlocal ") || line_begins(text, size, "class\t");
}

bool outline_is_empty(const char *text, size_t size)
{
    static const char *const marks[] = {"class ",     "class\t",      "tuple(",   "Tuple(",
                                        "TypedDict(", "type(",        "class(",   "Enum(",
                                        "Flag(",      "declarative_", "sys.path", "Meta("};
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
        if (has(text, size, marks[i]))
            return false;
    }
    return true;
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

/* A word in place of the text up to `end`, after some spaces, and as many lines. */
static void drop(struct outline *o, size_t end, unsigned spaces, const char *word)
{
    size_t lines = 0, size = end - o->read, length = strlen(word);
    for (size_t i = o->read; i < end; i++)
        lines += o->text[i] == '\n';
    if (size < spaces + length + lines) {
        copy(o, end);
        return;
    }
    for (unsigned i = 0; i < spaces; i++)
        put(o, ' ');
    memcpy(o->text + o->written, word, length);
    o->written += length;
    for (size_t i = 0; i < lines; i++)
        put(o, '\n');
    o->read = end;
}

/* Behind the "=" of a table: NAME = {…, NAME: T = […; 0: the line is none. */
static size_t table_start(const struct outline *o, size_t start, size_t end)
{
    size_t name = strcspn(o->text + start, " =:.([{\n");
    if (!name || memcmp(o->text + start, "__", 2) == 0) /* __all__, __slots__ */
        return 0;
    const char *equals = memchr(o->text + start, '=', end - start);
    size_t at = equals ? (size_t)(equals - o->text) + 1 : 0;
    for (size_t i = start; i + 1 < at; i++) {
        if (strchr("([{'\"\n", o->text[i]))
            return 0;
    }
    size_t value = at ? at + strspn(o->text + at, " ") : 0;
    return value < end && strchr("{[('\"", o->text[value]) ? at : 0;
}

/* Docstrings and tables say nothing about classes. */
static bool take_long_line(struct outline *o, size_t start, size_t next, unsigned indent)
{
    char first = o->text[start];
    if (next - o->read < LONG_LINE)
        return false;
    if (first == '"' || first == '\'' ||
        ((first == 'r' || first == 'R') && o->text[start + 1] == '"')) {
        drop(o, next, indent, "pass");
        return true;
    }
    size_t table = table_start(o, start, next);
    if (!table)
        return false;
    copy(o, table);
    drop(o, next, 1, "...");
    return true;
}

static void push(struct outline *o, unsigned indent, bool in_class)
{
    if (o->depth < DEEPEST)
        o->levels[o->depth++] = (struct level){indent, in_class};
}

/* "return NAME" with the name of the first parameter: perhaps a decorator. */
static bool returns_first(const struct outline *o, size_t name_end, size_t body, size_t end)
{
    const char *open = memchr(o->text + name_end, '(', body - name_end);
    if (!open)
        return true;
    const char *first = open + 1;
    while (*first == ' ' || *first == '\n' || *first == '*')
        first++;
    size_t length = strcspn(first, ",:=) \n");
    char line[80];
    if (!length || length > sizeof line - 8)
        return length != 0;
    memcpy(line, "return ", 7);
    memcpy(line + 7, first, length);
    return memmem(o->text + body, end - body, line, length + 7) != NULL;
}

/* Whether a function outside of classes may be of use to others: as a decorator, or a factory. */
static bool function_matters(const struct outline *o, size_t name_end, size_t body, size_t end)
{
    return end - body < SHORT_BODY || outline_matters(o->text + body, end - body) ||
           has(o->text + body, end - body, "def ") || has(o->text + body, end - body, "lambda") ||
           returns_first(o, name_end, body, end);
}

/* A function's head ends at `body`. */
static void take_function(struct outline *o, size_t def, size_t body, unsigned indent, bool method)
{
    size_t name = def + 4;
    while (name < o->size && (o->text[name] == ' ' || o->text[name] == '\t'))
        name++;
    size_t length = strcspn(o->text + name, "( \t[:\n");
    size_t end = body_end(o, body, indent);
    bool matters = method ? outline_keeps_name(o->text + name, length) ||
                                outline_matters(o->text + body, end - body)
                          : function_matters(o, name + length, body, end);
    copy(o, body);
    if (end > body && !matters)
        drop(o, end, indent + 1, "pass");
    else
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
    bool takes = in_class ? !decorated : o->depth == 0;
    if (begins(o, start, "def") && takes && o->depth < DEEPEST) {
        take_function(o, start, next, indent, in_class);
        return;
    }
    if (take_long_line(o, start, next, indent))
        return;
    if (begins(o, start, "class"))
        push(o, indent, true);
    else if (begins(o, start, "def"))
        push(o, indent, false);
    else if (in_class)
        push(o, indent, true); /* an if, a try: part of the body; a plain line holds nothing */
    copy(o, next);
}

size_t outline_functions(char *text, size_t size)
{
    struct outline o = {.text = text, .size = size};
    while (o.read < size)
        take_line(&o);
    return o.written;
}
