#include "audit/outline.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "audit/import_line.h"
#include "audit/outline_body.h"
#include "audit/syntax.h"

#define DEEPEST   120
#define LONG_LINE 400 /* bytes of a logical line: tables above are left out */

struct level {
    unsigned indent;
    bool in_class; /* what stands in it is a part of a class's body; else of a function's */
};

struct writer {
    const char *text;
    enum outline_purpose purpose;
    struct outline *outline;
    struct line_cursor cursor;
    struct level levels[DEEPEST];
    unsigned depth;
    bool decorated;
    size_t decorators_at, decorator_rows; /* where they begin in the outline */
    unsigned folded_indent;               /* of the last statement that stands for others */
    bool no_memory;
};

/* ---- what matters ---------------------------------------------------------------------------- */

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
           line_begins(text, size, "nonlocal ") || line_begins(text, size, "class\t");
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

/* ---- writing --------------------------------------------------------------------------------- */

/* There is room: nothing is longer than what it stands for. */
static void put(struct writer *w, const char *text, size_t size)
{
    memcpy(w->outline->text + w->outline->size, text, size);
    w->outline->size += size;
}

static void end_row(struct writer *w, unsigned line)
{
    if (!vector_push(&w->outline->lines, line))
        w->no_memory = true;
}

/* The text up to `end`, which is that of its line. */
static void copy(struct writer *w, const struct logical_line *line, size_t end)
{
    put(w, w->text + line->begin, end - line->begin);
}

static void copy_line(struct writer *w, const struct logical_line *line)
{
    copy(w, line, line->end);
    unsigned number = line->line;
    const char *end = w->text + line->end;
    for (const char *p = w->text + line->start; (p = memchr(p, '\n', (size_t)(end - p))); p++)
        end_row(w, number++);
    if (end[-1] != '\n') { /* the last one */
        put(w, "\n", 1);
        end_row(w, number);
    }
}

/* Leaves a statement out; where it may be all of a block, something has to stand there. */
static void drop(struct writer *w, const struct logical_line *line)
{
    if (w->cursor.has_next && w->cursor.next.indent == line->indent)
        return;
    copy(w, line, line->start);
    put(w, "0\n", 2);
    end_row(w, line->line);
}

static void push(struct writer *w, unsigned indent, bool in_class)
{
    if (w->depth < DEEPEST)
        w->levels[w->depth++] = (struct level){indent, in_class};
}

/* ---- statements ------------------------------------------------------------------------------ */

/* Whether nothing but blanks and a comment follows in the line. */
static bool is_end(const char *text, const struct logical_line *line, size_t at)
{
    at += strspn(text + at, " \t\r");
    return at >= line->end || text[at] == '\n' || text[at] == '#';
}

static bool has(const char *from, const char *end, char c)
{
    return from < end && memchr(from, c, (size_t)(end - from));
}

/* NAME(…) or a.b.c(…), which binds nothing; in functions also a.b = …, a[b] = …, a.b(…).c(…). Not
 * what decides where modules come from. */
static bool binds_nothing(const struct writer *w, const struct logical_line *line)
{
    static const char *const words[] = {"assert", "await", "del",    "exit",  "lambda", "not",
                                        "print",  "raise", "return", "yield", "except", NULL};
    const char *text = w->text, *end = text + line->end;
    if (line->open == LEXICAL_NOWHERE && !w->depth)
        return false;
    if (line->colon != LEXICAL_NOWHERE || line->string_end != LEXICAL_NOWHERE || line->several)
        return false;
    size_t at = line->start;
    while (isalnum((unsigned char)text[at]) || text[at] == '_' || text[at] == '.')
        at++;
    struct slice word = {text + line->start, at - line->start};
    if (!word.size || slice_among(word, words) ||
        (word.size > 4 && memcmp(word.start, "sys.", 4) == 0))
        return false;
    if (at == line->open && line->groups == 1 && is_end(text, line, line->close))
        return true;
    bool in_function = w->depth && !w->levels[w->depth - 1].in_class;
    if (!in_function || (at != line->open && !has(word.start, text + at, '.')))
        return false;
    const char *sign = memchr(text + at, '=', line->end - at);
    if (!sign)
        return strchr("(.[", text[at]) && text[at];
    return !has(text + at, sign, ',') && !has(text + at, sign, '(') && !has(sign + 1, end, '=') &&
           text[at] != '(' && strncmp(sign + 1 + strspn(sign + 1, " \t"), "yield", 5) != 0;
}

/* Behind the "=" of a table: NAME = {…, NAME: T = […; 0: the line is none. */
static size_t table_start(const char *text, size_t start, size_t end)
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

/* Docstrings, calls and long tables say nothing about classes. */
static bool leave_out(struct writer *w, const struct logical_line *line)
{
    bool string = line->string_end != LEXICAL_NOWHERE && is_end(w->text, line, line->string_end);
    if (!string && w->purpose != OUTLINE_CLASSES)
        return false;
    if (string || binds_nothing(w, line)) {
        drop(w, line);
        return true;
    }
    size_t table =
        line->end - line->begin < LONG_LINE ? 0 : table_start(w->text, line->start, line->end);
    if (!table)
        return false;
    copy(w, line, table);
    put(w, " ...\n", 5);
    end_row(w, line->line);
    return true;
}

/* The index behind the name of a function; 0: the line defines none. */
static size_t function_name(const char *text, const struct logical_line *line, size_t *name)
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

/* Puts a statement in place of others, together with those right before it. */
static void fold(struct writer *w, const struct logical_line *line, bool import, struct slice what)
{
    struct outline *outline = w->outline;
    bool before = outline->lines.count && w->folded_indent == line->indent &&
                  outline->lines.items[outline->lines.count - 1] & OUTLINE_FOLDED;
    if (!before) {
        copy(w, line, line->start);
        put(w, "0\n", 2);
        end_row(w, line->line | OUTLINE_FOLDED);
    }
    struct folded folded = {.row = (uint32_t)outline->lines.count - 1,
                            .line = line->line,
                            .import = import,
                            .start = (uint32_t)(what.start - w->text),
                            .size = (uint32_t)what.size};
    w->no_memory |= !vector_push(&outline->folded, folded);
    w->folded_indent = line->indent;
}

static bool take_import(struct writer *w, const struct logical_line *line)
{
    const char *text = w->text + line->start;
    struct slice statement = {text, line->end - line->start};
    if (w->purpose != OUTLINE_CLASSES || line->several ||
        (strncmp(text, "import", 6) != 0 && strncmp(text, "from", 4) != 0) ||
        !import_line_is_plain(statement))
        return false;
    fold(w, line, true, statement);
    return true;
}

/* Nothing but the name of a function, without its parameters, which nobody asks for then. */
static void drop_body(struct writer *w, const struct logical_line *head, struct slice name,
                      const struct function_body *body)
{
    if (w->purpose == OUTLINE_CLASSES) {
        fold(w, head, false, name);
    } else {
        copy(w, head, (size_t)(name.start - w->text) + name.size);
        put(w, "():0\n", 5);
        end_row(w, head->line);
    }
    w->cursor = body->behind;
}

/* Whether the body of a function has to be read. */
static bool keeps_body(const struct writer *w, const struct logical_line *head, struct slice name,
                       bool decorated, const struct function_body *body)
{
    if (body->matters || head->inner & (WORD_CLASS | WORD_OUTER) || !name.size)
        return true;
    if (w->purpose == OUTLINE_FUNCTIONS)
        return true;
    if (w->purpose == OUTLINE_COROUTINES && (head->word == WORD_ASYNC || body->coroutines ||
                                             body->attributes || body->begin == body->end))
        return true;
    if (w->depth && w->levels[w->depth - 1].in_class)
        return outline_keeps_name(name.start, name.size) || (decorated && body->gives);
    bool block = is_end(w->text, head, head->colon + 1);
    if (!block || w->depth)
        return !block || body->gives;
    return function_body_is_of_use(w->text, head, body);
}

static bool take_function(struct writer *w, const struct logical_line *head, bool decorated)
{
    size_t name = 0, name_end = function_name(w->text, head, &name);
    if (!name_end)
        return false;
    struct function_body body;
    function_body_read(&w->cursor, head, decorated, &body);
    w->outline->coroutines |= body.coroutines || head->word == WORD_ASYNC;
    bool whole =
        head->open != LEXICAL_NOWHERE && head->colon != LEXICAL_NOWHERE && head->open < head->colon;
    struct slice word = {w->text + name, name_end - name};
    if (whole && !keeps_body(w, head, word, decorated, &body)) {
        if (decorated && w->purpose == OUTLINE_CLASSES) { /* without its decorators, too */
            w->outline->size = w->decorators_at;
            w->outline->lines.count = w->decorator_rows;
        }
        drop_body(w, head, word, &body);
    } else {
        push(w, head->indent, false);
        copy_line(w, head);
    }
    return true;
}

static void take_line(struct writer *w, const struct logical_line *line)
{
    while (w->depth && w->levels[w->depth - 1].indent >= line->indent)
        w->depth--;
    bool decorated = w->decorated;
    w->decorated = w->text[line->start] == '@';
    if (w->decorated && !decorated) {
        w->decorators_at = w->outline->size;
        w->decorator_rows = w->outline->lines.count;
    }
    w->outline->classes |= line->word == WORD_CLASS || line->inner & WORD_CLASS;
    if (line->word == WORD_CLASS)
        push(w, line->indent, true);
    else if (take_function(w, line, decorated) || take_import(w, line) || leave_out(w, line))
        return;
    copy_line(w, line);
}

bool outline_make(const char *text, size_t size, int deepest, enum outline_purpose purpose,
                  struct outline *outline)
{
    *outline = (struct outline){.text = malloc(size + 2)};
    struct writer w = {
        .text = text, .purpose = purpose, .outline = outline, .no_memory = !outline->text};
    w.cursor.reader =
        (struct lexical_reader){.text = text, .size = size, .line = 1, .deepest = deepest};
    line_cursor_advance(&w.cursor);
    while (w.cursor.has_next && !w.no_memory) {
        struct logical_line line = w.cursor.next;
        line_cursor_advance(&w.cursor);
        take_line(&w, &line);
    }
    if (outline->text)
        outline->text[outline->size] = '\0';
    outline->too_deep = w.cursor.reader.too_deep;
    outline->whole_lines = w.cursor.reader.line - 1;
    return !w.no_memory;
}

void outline_free(struct outline *outline)
{
    free(outline->text);
    vector_free(&outline->lines);
    vector_free(&outline->folded);
    *outline = (struct outline){0};
}
