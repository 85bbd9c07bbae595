#include "analysis/loops.h"

#include <string.h>

#include "analysis/diagnosis.h"

static const char *const rules[] = {
    "LOOP001", "LOOP002", "LOOP003", "LOOP004", "TASK001",
    "TASK002", "EXEC001", "EXEC002", "LOCK001", "LOCK002",
};

static bool fired(const struct report *report, const char *rule)
{
    for (size_t i = 0; i < report->findings.count; i++)
        if (strcmp(report->findings.items[i].rule, rule) == 0)
            return true;
    return false;
}

/* What only shows when time passes. */
static bool needs_time(const char *rule)
{
    return strcmp(rule, "LOOP003") == 0 || strcmp(rule, "EXEC002") == 0;
}

/* Loops (of uvloop) whose queues were not found among their members. */
static size_t unseen_queues(const struct snapshot *snapshot)
{
    size_t count = 0;
    for (size_t i = 0; i < snapshot->loops.count; i++)
        count +=
            snapshot->loops.items[i].view.ready < 0 || snapshot->loops.items[i].view.scheduled < 0;
    return count;
}

static void report_rest(const struct diagnosis *diagnosis)
{
    bool still = !process_files_change(diagnosis->files);
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        if (!look_wants(diagnosis->options, rules[i]) || fired(diagnosis->report, rules[i]))
            continue;
        if (still && needs_time(rules[i]))
            report_add_not_checked(diagnosis->report, rules[i], "one instant does not tell");
        else
            report_add_ok(diagnosis->report, rules[i]);
    }
    unsigned long long unseen = unseen_queues(diagnosis->snapshot);
    if (unseen && look_wants(diagnosis->options, "LOOP003"))
        report_add_not_checked(diagnosis->report, "LOOP003",
                               "the lengths of the queues of %llu event loops are not told: no "
                               "layout of their members is known",
                               unseen);
    if (diagnosis->picture->unknown_holders)
        report_add_not_checked(diagnosis->report, "LOCK001",
                               "%llu awaited locks were taken without a with statement: their "
                               "holders are not known",
                               (unsigned long long)diagnosis->picture->unknown_holders);
    if (diagnosis->picture->completers.cut)
        report_add_not_checked(diagnosis->report, "TASK002",
                               "the search for who could complete a future met its limit");
}

static struct error *diagnose(struct diagnosis *diagnosis)
{
    static struct error *(*const steps[])(struct diagnosis *) = {
        diagnose_loops,        diagnose_watch,    diagnose_cycles,    diagnose_unfinished,
        diagnose_lost_wakeups, diagnose_orphans,  diagnose_blocked,   diagnose_growth,
        diagnose_held_locks,   diagnose_contexts, diagnose_executors, diagnose_tasks,
    };
    struct error *error = NULL;
    for (size_t i = 0; i < sizeof steps / sizeof *steps && !error; i++)
        error = steps[i](diagnosis);
    return error;
}

static bool has_module(const struct look *look, const char *name)
{
    for (size_t i = 0; i < look->interpreters.count; i++)
        if (dict_get(look->cpython, look->interpreters.items[i].modules, name))
            return true;
    return false;
}

/* Whether there can be loops, or executors, which their threads do not tell of. */
static bool has_actors(const struct look *look)
{
    return has_module(look, "asyncio") || has_module(look, "concurrent.futures.thread") ||
           has_module(look, "concurrent.futures.process") ||
           has_module(look, "multiprocessing.pool");
}

struct error *loops_report(struct look *look, const struct look_options *options,
                           struct report *report)
{
    struct diagnosis diagnosis;
    struct error *error =
        diagnosis_begin(look, options, !has_actors(look), false, report, &diagnosis);
    if (!error)
        error = diagnose(&diagnosis);
    if (!error)
        report_rest(&diagnosis);
    diagnosis_end(&diagnosis);
    return error;
}
