#include "analysis/limits.h"

#include <string.h>

#include "analysis/examination.h"
#include "target/capture.h"

/* Whether the rule says that something does not move. */
static bool is_about_time(const char *rule)
{
    static const char *const families[] = {"LOOP", "TASK", "EXEC", "LOCK", "GC001"};
    for (size_t i = 0; i < sizeof families / sizeof *families; i++)
        if (strncmp(rule, families[i], strlen(families[i])) == 0)
            return true;
    return false;
}

static void lower(enum confidence *confidence)
{
    if (*confidence > CONFIDENCE_MEDIUM)
        *confidence = CONFIDENCE_MEDIUM;
}

static void limit_verdicts(struct report *report)
{
    for (size_t i = 0; i < report->findings.count; i++)
        if (is_about_time(report->findings.items[i].rule))
            lower(&report->findings.items[i].confidence);
    for (size_t i = 0; i < report->loops.count; i++)
        lower(&report->loops.items[i].confidence);
}

void report_limits(const struct look *look, const struct look_options *options, unsigned parts,
                   struct report *report)
{
    const struct target *target = look->cpython->target;
    size_t count;
    char *const *gaps = target_gaps(target, &count);
    if (parts & EXAMINE_LOOPS && !process_files_change(target_files(target))) {
        limit_verdicts(report);
        report_add_not_checked(report, NULL,
                               "whether anything moves: a core is one instant, so verdicts about "
                               "waiting have medium confidence at most");
    }
    if (parts & EXAMINE_ZOMBIES && look_wants(options, "RES004") &&
        strcmp(target_kind(target), "core") == 0)
        report_add_not_checked(report, "RES004",
                               "what descriptors were open on: a core has only their numbers");
    if ((parts & EXAMINE_ALL) == EXAMINE_ALL && look_wants(options, "RES003"))
        report_add_not_checked(report, "RES003",
                               "rings of objects take a copy of the memory: steth heap --cycles");
    for (size_t i = 0; i < count; i++)
        report_add_not_checked(report, NULL, "%s", gaps[i]);
    struct target_damage damage = target_damage(target);
    if (damage.blocks)
        report_add_not_checked(report, NULL,
                               "what lay in %llu KiB of memory from 0x%llx to 0x%llx: these parts "
                               "of the capture are damaged",
                               (unsigned long long)damage.bytes >> 10,
                               (unsigned long long)damage.first, (unsigned long long)damage.last);
}
