#include "audit/outline.h"

#include <stdlib.h>
#include <string.h>

#include "audit/import_line.h"
#include "audit/outline_body.h"
#include "audit/outline_statement.h"
#include "audit/syntax.h"

#define DEEPEST   120
#define LONG_LINE 400 /* bytes of a logical line: tables above are left out */

struct level {
    unsigned indent;
    enum statement_place place; /* of what stands in it */
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

static void push(struct writer *w, unsigned indent, enum statement_place place)
{
    if (w->depth < DEEPEST)
        w->levels[w->depth++] = (struct level){indent, place};
}

static enum statement_place place_of(const struct writer *w)
{
    return w->depth ? w->levels[w->depth - 1].place : IN_MODULE;
}

/* ---- statements ------------------------------------------------------------------------------ */

/* Docstrings, calls and long tables say nothing about classes. */
static bool leave_out(struct writer *w, const struct logical_line *line)
{
    bool string =
        line->string_end != LEXICAL_NOWHERE && statement_ends(w->text, line, line->string_end);
    if (!string && w->purpose != OUTLINE_CLASSES)
        return false;
    if (string || statement_binds_nothing(w->text, line, place_of(w))) {
        drop(w, line);
        return true;
    }
    size_t table =
        line->end - line->begin < LONG_LINE ? 0 : statement_table(w->text, line->start, line->end);
    if (!table)
        return false;
    copy(w, line, table);
    put(w, " ...\n", 5);
    end_row(w, line->line);
    return true;
}

/* Puts a statement in place of others, together with those right before it. */
static void fold(struct writer *w, const struct logical_line *line, enum folded_kind kind,
                 struct slice what)
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
                            .kind = kind,
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
    fold(w, line, FOLDED_IMPORT, statement);
    return true;
}

static bool take_field(struct writer *w, const struct logical_line *line)
{
    if (w->purpose != OUTLINE_CLASSES || place_of(w) != IN_CLASS)
        return false;
    bool annotated;
    size_t end = statement_field(w->text, line, &annotated);
    if (!end)
        return false;
    fold(w, line, annotated ? FOLDED_ANNOTATED : FOLDED_FIELD,
         (struct slice){w->text + line->start, end - line->start});
    return true;
}

/* Nothing but the name of a function, without its parameters, which nobody asks for then. */
static void drop_body(struct writer *w, const struct logical_line *head, struct slice name,
                      const struct function_body *body)
{
    if (w->purpose == OUTLINE_CLASSES) {
        fold(w, head, FOLDED_FUNCTION, name);
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
    if (place_of(w) == IN_CLASS)
        return outline_keeps_name(name.start, name.size) || (decorated && body->gives);
    bool block = statement_ends(w->text, head, head->colon + 1);
    if (!block || place_of(w) == IN_FUNCTION)
        return !block || body->gives;
    return function_body_is_of_use(w->text, head, body);
}

static bool take_function(struct writer *w, const struct logical_line *head, bool decorated)
{
    size_t name = 0, name_end = statement_function(w->text, head, &name);
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
        push(w, head->indent, IN_FUNCTION);
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
        push(w, line->indent, IN_CLASS);
    else if (take_function(w, line, decorated) || take_import(w, line) || take_field(w, line) ||
             leave_out(w, line))
        return;
    w->outline->sets |= place_of(w) == IN_MODULE && statement_sets_attribute(w->text, line);
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

const struct folded *outline_folded(const struct outline *outline, uint32_t row, size_t *count)
{
    if (row >= outline->lines.count || !(outline->lines.items[row] & OUTLINE_FOLDED))
        return NULL;
    const struct folded *items = outline->folded.items;
    size_t low = 0, high = outline->folded.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (items[middle].row < row)
            low = middle + 1;
        else
            high = middle;
    }
    for (*count = 0; low + *count < outline->folded.count; ++*count) {
        if (items[low + *count].row != row)
            break;
    }
    return items + low;
}

void outline_free(struct outline *outline)
{
    free(outline->text);
    vector_free(&outline->lines);
    vector_free(&outline->folded);
    *outline = (struct outline){0};
}
