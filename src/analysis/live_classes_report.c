/* live_classes_report.c: the section of `steth classes`. */
#include <string.h>

#include "analysis/classes.h"
#include "analysis/live_classes.h"

#define EXPLAINED_MAX 10

/* ---- one class ------------------------------------------------------------------------------- */

static bool is_named(const char *name, const char *wanted)
{
    size_t length = strlen(name), end = strlen(wanted);
    return strcmp(name, wanted) == 0 ||
           (length > end && name[length - end - 1] == '.' && !strcmp(name + length - end, wanted));
}

static struct error *add_row(const struct live_classes *live, class_number number,
                             struct report *report)
{
    struct error *error = class_row_add(live->hierarchy, number, report);
    if (error)
        return error;
    struct class_row *row = &report->classes.rows.items[report->classes.rows.count - 1];
    row->own_order = live->classes.items[number].own_order;
    row->is_library = live_class_is_library(live, number);
    return NULL;
}

/* All classes of that name; a whole name is preferred to the end of one. */
static struct error *explain(const struct live_classes *live, const char *wanted,
                             struct report *report)
{
    class_number whole;
    const struct hierarchy *hierarchy = live->hierarchy;
    if (!hierarchy_find(hierarchy, wanted, &whole))
        return error_hint(error_new(ERROR_CANNOT_LOOK, "the process has no class %s", wanted),
                          "a statement that failed leaves none: steth audit --explain reads the "
                          "source; all classes: steth classes PID --json");
    bool exact = strcmp(class_name(hierarchy, whole), wanted) == 0;
    struct error *error = NULL;
    for (class_number i = 0; i < hierarchy_count(hierarchy) && !error; i++) {
        const char *name = class_name(hierarchy, i);
        if (report->classes.explanations.count >= EXPLAINED_MAX)
            break;
        if (exact ? strcmp(name, wanted) != 0 : !is_named(name, wanted))
            continue;
        error = class_explanation_add(hierarchy, i, report);
        if (!error)
            error = add_row(live, i, report);
    }
    return error;
}

/* ---- all ------------------------------------------------------------------------------------- */

static struct error *add_rows(const struct live_classes *live, struct report *report)
{
    struct error *error = NULL;
    for (class_number i = 0; i < hierarchy_count(live->hierarchy) && !error; i++)
        error = add_row(live, i, report);
    class_rows_sort(report);
    return error;
}

static void say_limits(const struct look_options *options, const struct live_classes *live,
                       struct report *report)
{
    static const char *const rules[] = {"META001", "MRO001", "MRO002", "MRO003"};
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
        if (look_wants(options, rules[i]))
            report_add_not_checked(report, rules[i],
                                   "a class statement that failed left no class behind: "
                                   "steth audit reads the source");
    if (live->list.cut)
        report_add_not_checked(report, NULL, "only %u classes were read", CLASSES_KEPT_MAX);
    if (live->list.unread)
        report_add_not_checked(report, NULL,
                               "the subclasses of %zu class%s could not be read: some may be "
                               "missing",
                               live->list.unread, live->list.unread == 1 ? "" : "es");
    size_t unread = 0;
    for (class_number i = 0; i < hierarchy_count(live->hierarchy); i++)
        unread += !class_answer(live->hierarchy, i)->answered;
    if (unread)
        report_add_not_checked(report, NULL, "%zu class%s changed while being read", unread,
                               unread == 1 ? "" : "es");
}

static struct error *fill(const struct live_classes *live, const struct look_options *options,
                          struct report *report)
{
    struct error *error = class_overview(live, report);
    if (error)
        return error;
    say_limits(options, live, report);
    return options->explain ? explain(live, options->explain, report) : add_rows(live, report);
}

struct error *live_classes_report(struct look *look, const struct look_options *options,
                                  struct report *report)
{
    struct live_classes live = {0};
    struct error *error = live_classes_read(look, &live);
    report->has_classes = true;
    if (!error)
        error = fill(&live, options, report);
    live_classes_free(&live);
    return error;
}
