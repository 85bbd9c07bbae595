/* suppress_apply.c: what the comments do to a report. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "audit/suppress.h"
#include "base/text.h"

static int by_place(const void *left, const void *right)
{
    const struct suppression_comment *a = left, *b = right;
    int files = strcmp(a->file, b->file);
    if (files)
        return files;
    if (a->covers != b->covers)
        return a->covers < b->covers ? -1 : 1;
    return (a->line > b->line) - (a->line < b->line);
}

static bool is_expired(const struct suppression_comment *comment, const char *today)
{
    return comment->until[0] && strcmp(comment->until, today) < 0;
}

/* The first comment that speaks of that line, or of one behind it. */
static size_t first_comment(const suppression_comments *comments, const char *file, unsigned line)
{
    const struct suppression_comment wanted = {.file = (char *)file, .covers = line};
    size_t low = 0, high = comments->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (by_place(&comments->items[middle], &wanted) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void suppress(struct finding *finding, const struct suppression_comment *comment)
{
    finding->suppressed.kind = "comment";
    finding->suppressed.reason = comment->reason ? strdup(comment->reason) : NULL;
    finding->suppressed.until = comment->until[0] ? strdup(comment->until) : NULL;
    finding->suppressed.at.file = strdup(comment->file);
    finding->suppressed.at.line = comment->line;
}

static void match(suppression_comments *comments, const char *today, struct finding *finding)
{
    const char *file = finding->location.file;
    unsigned line = finding->location.line;
    if (!file || !line)
        return;
    for (size_t i = first_comment(comments, file, line); i < comments->count; i++) {
        struct suppression_comment *comment = &comments->items[i];
        if (comment->covers != line || strcmp(comment->file, file) != 0)
            return;
        for (size_t j = 0; j < comment->rule_count; j++) {
            if (strcmp(comment->rules[j], finding->rule) != 0)
                continue;
            comment->used[j] = true;
            if (!is_expired(comment, today) && !finding->suppressed.kind)
                suppress(finding, comment);
        }
    }
}

/* ---- findings about the comments themselves -------------------------------------------------- */

static struct finding *add(struct report *report, const struct suppression_comment *comment,
                           const char *rule, enum severity severity, const char *what)
{
    struct finding *finding = report_add_finding(report, rule, severity, CONFIDENCE_HIGH);
    if (!finding)
        return NULL;
    finding->location.file = strdup(comment->file);
    finding->location.line = comment->line;
    char *identity = text_format("%s:%s", comment->file, what);
    if (identity)
        finding_identify(finding, identity);
    free(identity);
    return finding;
}

static char *join_rules(const struct suppression_comment *comment)
{
    char *list = strdup("");
    for (size_t i = 0; list && i < comment->rule_count; i++) {
        char *longer = text_format("%s%s%s", list, i ? ", " : "", comment->rules[i]);
        free(list);
        list = longer;
    }
    return list;
}

static void report_problem(struct report *report, const struct suppression_comment *comment)
{
    struct finding *finding = add(report, comment, "SUP003", SEVERITY_WARNING, comment->problem);
    if (!finding)
        return;
    finding->summary =
        text_format("a comment that suppresses is not understood: %s", comment->problem);
    finding_add_fix(finding, "write it as: # steth: ignore[META001] until=2027-03-01 reason");
}

static void report_expired(struct report *report, const struct suppression_comment *comment)
{
    char *rules = join_rules(comment);
    struct finding *finding =
        rules ? add(report, comment, "SUP001", SEVERITY_WARNING, rules) : NULL;
    if (finding) {
        finding->summary = text_format("the suppression of %s ended on %s", rules, comment->until);
        if (comment->reason)
            finding_add_text(finding, "reason", comment->reason);
        finding_add_fix(finding, "mend what it hides, or give it a new date");
    }
    free(rules);
}

/* Whether the rule was looked for. */
static bool was_checked(const struct report *report, const char *rule)
{
    for (size_t i = 0; i < report->ok.count; i++)
        if (strcmp(report->ok.items[i], rule) == 0)
            return true;
    for (size_t i = 0; i < report->findings.count; i++)
        if (strcmp(report->findings.items[i].rule, rule) == 0)
            return true;
    return false;
}

static void report_unused(struct report *report, const struct suppression_comment *comment,
                          const char *rule)
{
    struct finding *finding = add(report, comment, "SUP002", SEVERITY_INFO, rule);
    if (!finding)
        return;
    finding->summary = text_format("nothing to suppress: line %u has no %s", comment->covers, rule);
    finding_add_fix(finding, "take %s out of the comment", rule);
}

static bool is_wanted(const struct rule_choice *choice, const char *rule)
{
    return !choice->checks || choice->checks(choice->context, rule);
}

struct error *suppressions_apply(suppression_comments *comments, const char *today,
                                 const struct rule_choice *choice, struct report *report)
{
    if (!comments->count)
        return NULL;
    qsort(comments->items, comments->count, sizeof *comments->items, by_place);
    for (size_t i = 0; i < report->findings.count; i++)
        match(comments, today, &report->findings.items[i]);
    for (size_t i = 0; i < comments->count; i++) {
        const struct suppression_comment *comment = &comments->items[i];
        if (comment->problem && is_wanted(choice, "SUP003"))
            report_problem(report, comment);
        bool expired = is_expired(comment, today);
        if (expired && is_wanted(choice, "SUP001"))
            report_expired(report, comment);
        for (size_t j = 0; !expired && j < comment->rule_count; j++)
            if (!comment->used[j] && is_wanted(choice, "SUP002") &&
                was_checked(report, comment->rules[j]))
                report_unused(report, comment, comment->rules[j]);
    }
    return NULL;
}

void suppressions_today(char today[11])
{
    const char *epoch = getenv("SOURCE_DATE_EPOCH");
    time_t now = epoch && *epoch ? (time_t)strtoll(epoch, NULL, 10) : time(NULL);
    struct tm date;
    if (!(epoch && *epoch ? gmtime_r(&now, &date) : localtime_r(&now, &date)) ||
        strftime(today, 11, "%Y-%m-%d", &date) != 10)
        strcpy(today, "1970-01-01");
}
