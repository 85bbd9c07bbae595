/* outline_body.c: what a function's body may be of use for, told from its lines alone. */
#include "audit/outline_body.h"

#include <ctype.h>
#include <string.h>

#include "audit/syntax.h"

#define SHORT_BODY 200 /* bytes; longer ones are read only when they look like a decorator */

void line_cursor_advance(struct line_cursor *cursor)
{
    cursor->has_next = lexical_next(&cursor->reader, &cursor->next);
}

/* ---- return statements ----------------------------------------------------------------------- */

/* What the lines of one function say about what it returns. */
struct returns {
    const char *text;
    struct slice first, second; /* names of the parameters that may be a class */
    const char *functions;      /* the first one in it, which it may return; NULL: none */
    bool yields, unclear;
    unsigned count, useless; /* a decorator returns none that are useless */
    bool nothing;            /* the last one returns None */
};

static struct slice word_of(const char *text)
{
    struct slice word = {text, 0};
    while (isalnum((unsigned char)text[word.size]) || text[word.size] == '_' ||
           (unsigned char)text[word.size] >= 0x80)
        word.size++;
    return word;
}

static const char *skip(const char *text, const char *blanks)
{
    return text + strspn(text, blanks);
}

/* The names of the first two parameters, behind "def name(". */
static void read_parameters(struct returns *returns, const char *text,
                            const struct logical_line *head)
{
    if (head->open == LEXICAL_NOWHERE)
        return;
    const char *end = text + head->end;
    const char *at = skip(text + head->open + 1, " \t\r\n*");
    returns->first = word_of(at);
    at = memchr(at, ',', (size_t)(end - at));
    if (at)
        returns->second = word_of(skip(at + 1, " \t\r\n*/,"));
}

static bool is_parameter(const struct returns *returns, struct slice name)
{
    return name.size && (slice_equal(name, returns->first) || slice_equal(name, returns->second));
}

/* Whether a function of that name is defined between `from` and the name. */
static bool defines(const char *from, struct slice name)
{
    for (const char *end = name.start;
         from && (from = memmem(from, (size_t)(end - from), "def", 3)); from += 3) {
        if (slice_equal(word_of(skip(from + 3, " \t")), name))
            return true;
    }
    return false;
}

/* Whether what a return gives may be what a decorator returns: a parameter, a function within it,
 * or what another decorator makes of a parameter. */
static bool may_decorate(const struct returns *returns, const char *value)
{
    if (*value == '(' || *value == '\\')
        return true;
    struct slice name = word_of(value);
    if (!name.size)
        return false;
    const char *behind = skip(value + name.size, " \t");
    if (!*behind || strchr("\r\n#;\\", *behind))
        return is_parameter(returns, name) || defines(returns->functions, name);
    if (*behind != '(')
        return false;
    behind = skip(behind + 1, " \t\r\n");
    if (*behind == '*' || *behind == '(' || *behind == '#' || *behind == '\\')
        return true;
    return is_parameter(returns, word_of(behind));
}

static void take_return(struct returns *returns, const char *value)
{
    value = skip(value, " \t");
    returns->count++;
    returns->useless += !may_decorate(returns, value);
    struct slice word = word_of(value);
    const char *behind = skip(value + word.size, " \t");
    bool ends = !*behind || strchr("\r\n#;", *behind);
    returns->nothing = ends && (!word.size || slice_is(word, "None"));
}

/* ---- bodies ---------------------------------------------------------------------------------- */

static bool is_function(const char *text, const struct logical_line *line)
{
    if (line->word == WORD_DEF)
        return true;
    return line->word == WORD_ASYNC &&
           slice_is(word_of(skip(text + line->start + strlen("async"), " \t")), "def");
}

static bool has_between(const char *from, const char *end, char c)
{
    return end > from && memchr(from, c, (size_t)(end - from));
}

/* Whether a line may set an attribute: a dot, then an equals sign; `for x.y in`, `with a as b.c`.
 */
static bool sets_attribute(const char *text, const struct logical_line *line)
{
    const char *start = text + line->start, *end = text + line->end;
    const char *sign = memchr(start, '=', (size_t)(end - start));
    struct slice word = word_of(start);
    const char *in = slice_is(word, "for") || line->word == WORD_ASYNC
                         ? memmem(start, (size_t)(end - start), " in ", 4)
                         : NULL;
    const char *as = slice_is(word, "with") || line->word == WORD_ASYNC
                         ? memmem(start, (size_t)(end - start), " as ", 4)
                         : NULL;
    return (sign && has_between(start, sign, '.')) || (in && has_between(start, in, '.')) ||
           (as && has_between(as, end, '.'));
}

/* sys.modules[__name__].x = …, setattr(sys.modules[__name__], …) */
static bool sets_on_module(const char *text, const struct logical_line *line)
{
    static const char set[] = "setattr(", modules[] = "sys.modules[";
    const char *start = text + line->start;
    if (*start != 's')
        return false;
    if (strncmp(start, set, sizeof set - 1) == 0)
        start += sizeof set - 1;
    return strncmp(start, modules, sizeof modules - 1) == 0;
}

static void take_own_line(struct returns *returns, const struct logical_line *line)
{
    if (line->word == WORD_RETURN)
        take_return(returns, returns->text + line->start + strlen("return"));
    returns->yields |= line->word == WORD_YIELD;
    returns->unclear |= line->inner & WORD_RETURN;
}

/* What a decorated function returns when it is called is not followed. */
static bool may_give(const struct returns *returns, bool decorated)
{
    if (returns->unclear)
        return true;
    if (returns->yields || !returns->count)
        return false;
    return !returns->useless || (returns->count == 1 && !returns->nothing && !decorated);
}

void function_body_read(const struct line_cursor *cursor, const struct logical_line *head,
                        bool decorated, struct function_body *body)
{
    const char *text = cursor->reader.text;
    struct line_cursor at = *cursor;
    struct returns returns = {.text = text};
    unsigned inner = head->indent; /* of the function that the lines are of */
    *body = (struct function_body){.begin = head->end, .end = head->end};
    read_parameters(&returns, text, head);
    while (at.has_next && at.next.indent > head->indent) {
        const struct logical_line *line = &at.next;
        if (inner > head->indent && line->indent <= inner)
            inner = head->indent;
        body->matters |= line->word == WORD_CLASS || line->word == WORD_OUTER ||
                         line->inner & (WORD_CLASS | WORD_OUTER) || sets_on_module(text, line);
        body->attributes = body->attributes || sets_attribute(text, line);
        if (inner == head->indent)
            take_own_line(&returns, line);
        if (line->word & (WORD_DEF | WORD_ASYNC) && is_function(text, line)) {
            returns.functions = returns.functions ? returns.functions : text + line->start;
            body->coroutines |= line->word == WORD_ASYNC;
            if (inner == head->indent)
                inner = line->indent;
        }
        body->end = line->end;
        line_cursor_advance(&at);
    }
    body->behind = at;
    body->gives = may_give(&returns, decorated);
}

/* "return NAME" with the name of the first parameter: perhaps a decorator. */
static bool returns_first(const char *text, const struct logical_line *head, size_t body,
                          size_t end)
{
    if (head->open == LEXICAL_NOWHERE)
        return true;
    const char *first = skip(text + head->open + 1, " \n*");
    size_t length = strcspn(first, ",:=) \n");
    char line[80];
    if (!length || length > sizeof line - 8)
        return length != 0;
    memcpy(line, "return ", 7);
    memcpy(line + 7, first, length);
    return memmem(text + body, end - body, line, length + 7) != NULL;
}

static bool has(const char *text, size_t size, const char *word)
{
    return memmem(text, size, word, strlen(word)) != NULL;
}

bool function_body_is_of_use(const char *text, const struct logical_line *head,
                             const struct function_body *body)
{
    size_t size = body->end - body->begin;
    if (body->matters || !body->gives)
        return body->matters;
    return size < SHORT_BODY || has(text + body->begin, size, "def ") ||
           has(text + body->begin, size, "lambda") ||
           returns_first(text, head, body->begin, body->end);
}
