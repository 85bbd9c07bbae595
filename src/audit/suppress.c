/* suppress.c: comments that suppress, read from the source. */
#include "audit/suppress.h"

#include <stdlib.h>
#include <string.h>

#include "audit/syntax.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "finding/rules.h"

#define MARK "steth:"

/* ---- one comment ----------------------------------------------------------------------------- */

static void complain(struct suppression_comment *comment, char *problem)
{
    free(comment->problem);
    comment->problem = problem;
}

static void add_rule(struct suppression_comment *comment, const char *word, size_t size)
{
    _cleanup_free_ char *name = strndup(word, size);
    const struct rule *rule = name && *name ? rule_find(name) : NULL;
    if (!name || !*name)
        complain(comment, text_format("its brackets name no rule: ignore[RES002]"));
    else if (!rule || rule->kind != RULE_KIND_RULE)
        complain(comment, text_format("there is no rule '%s'; steth explain lists them", name));
    else if (comment->rule_count == SUPPRESSION_RULES)
        complain(comment, text_format("more than %d rules in one comment", SUPPRESSION_RULES));
    else
        comment->rules[comment->rule_count++] = rule->code;
}

/* "[RES002, META001]"; returns what follows, NULL when there is no closing bracket. */
static const char *read_rules(struct suppression_comment *comment, const char *at)
{
    const char *end = strchr(at, ']');
    if (*at != '[' || !end)
        return NULL;
    for (at++; at <= end;) {
        at += strspn(at, " \t");
        size_t whole = strcspn(at, ",]"), size = whole;
        while (size && (at[size - 1] == ' ' || at[size - 1] == '\t'))
            size--;
        add_rule(comment, at, size);
        at += whole + 1;
    }
    return end + 1;
}

static bool is_date(const char *text)
{
    static const unsigned char days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    static const char form[] = "0000-00-00";
    for (size_t i = 0; i < sizeof form - 1; i++)
        if (form[i] == '0' ? text[i] < '0' || text[i] > '9' : text[i] != form[i])
            return false;
    int year = atoi(text), month = atoi(text + 5), day = atoi(text + 8);
    if (text[10] != '\0' || month < 1 || month > 12 || day < 1 || day > days[month - 1])
        return false;
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month != 2 || day < 29 || leap;
}

static const char *read_until(struct suppression_comment *comment, const char *at)
{
    static const char word[] = "until=";
    if (strncmp(at, word, sizeof word - 1) != 0)
        return at;
    at += sizeof word - 1;
    size_t size = strcspn(at, " \t");
    _cleanup_free_ char *date = strndup(at, size);
    if (date && is_date(date))
        strcpy(comment->until, date);
    else
        complain(comment, text_format("'%s' is no date; until=2027-03-01", date ? date : ""));
    return at + size;
}

/* `text` is what stands behind the mark. */
static void read_comment(struct suppression_comment *comment, const char *text)
{
    static const char word[] = "ignore";
    text += strspn(text, " \t");
    const char *rest = strncmp(text, word, sizeof word - 1) == 0 ? text + sizeof word - 1 : NULL;
    rest = rest ? read_rules(comment, rest) : NULL;
    if (!rest) {
        complain(comment, text_format("only ignore[RULE, …] is understood"));
        return;
    }
    rest += strspn(rest, " \t");
    rest = read_until(comment, rest);
    rest += strspn(rest, " \t");
    if (*rest)
        comment->reason = strdup(rest);
}

/* ---- the comments of a file ------------------------------------------------------------------ */

static bool is_blank(const char *from, const char *to)
{
    for (; from < to; from++)
        if (*from != ' ' && *from != '\t' && *from != '\f')
            return false;
    return true;
}

/* The next line with code, counted from a comment that stands alone. */
static unsigned next_code(const struct source *source, const char *comment, unsigned line)
{
    const char *end = source->text + source->size;
    for (const char *at = comment; at < end;) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        if (!newline)
            break;
        at = newline + 1;
        line++;
        size_t indent = strspn(at, " \t\f\r");
        if (at[indent] != '\n' && at[indent] != '#' && at[indent] != '\0')
            break;
    }
    return line;
}

/* The comment around the mark at `at`: "#", blanks, the mark; also behind "# noqa" and the like. */
static bool is_marked(TSNode node, const struct source *source, const char *at)
{
    const char *start = source->text + ts_node_start_byte(node);
    if (!node_is(node, "comment") || start >= at)
        return false;
    const char *sign = memrchr(start, '#', (size_t)(at - start));
    return sign && is_blank(sign + 1, at);
}

static struct error *add_comment(const struct rule_file *file, TSNode node, const char *at,
                                 suppression_comments *comments)
{
    const struct source *source = file->source;
    const char *start = source->text + ts_node_start_byte(node);
    const char *end = source->text + ts_node_end_byte(node);
    const char *line = start;
    while (line > source->text && line[-1] != '\n')
        line--;
    at += sizeof MARK - 1;
    while (end > at && (end[-1] == '\r' || end[-1] == ' ' || end[-1] == '\t'))
        end--;
    struct suppression_comment comment = {.file = strdup(file->path),
                                          .line = source_line(source, node)};
    _cleanup_free_ char *text = strndup(at, (size_t)(end - at));
    comment.covers = is_blank(line, start) ? next_code(source, start, comment.line) : comment.line;
    if (text)
        read_comment(&comment, text);
    if (text && comment.file && vector_push(comments, comment))
        return NULL;
    free(comment.file);
    free(comment.reason);
    free(comment.problem);
    return error_no_memory();
}

struct error *suppressions_collect(const struct rule_file *file, suppression_comments *comments)
{
    const struct source *source = file->source;
    const char *end = source->text + source->size, *at = source->text;
    if (!source->tree)
        return NULL;
    TSNode root = ts_tree_root_node(source->tree);
    while ((at = memmem(at, (size_t)(end - at), MARK, sizeof MARK - 1))) {
        uint32_t offset = (uint32_t)(at - source->text);
        TSNode node = ts_node_descendant_for_byte_range(root, offset, offset + 1);
        struct error *error =
            is_marked(node, source, at) ? add_comment(file, node, at, comments) : NULL;
        if (error)
            return error;
        at += sizeof MARK - 1;
    }
    return NULL;
}

static void free_comment(struct suppression_comment *comment)
{
    free(comment->file);
    free(comment->reason);
    free(comment->problem);
}

struct error *suppressions_move(suppression_comments *comments, suppression_comments *from)
{
    if (!vector_reserve(comments, comments->count + from->count))
        return error_no_memory();
    for (size_t i = 0; i < from->count; i++)
        comments->items[comments->count++] = from->items[i];
    vector_free(from);
    return NULL;
}

void suppressions_free(suppression_comments *comments)
{
    for (size_t i = 0; i < comments->count; i++)
        free_comment(&comments->items[i]);
    vector_free(comments);
}
