#include "analysis/diff.h"

#include <math.h>
#include <string.h>

#include "analysis/diff_parts.h"

int diff_compare_text(const char *a, const char *b)
{
    return strcmp(a ? a : "", b ? b : "");
}

bool diff_is_library(const char *file)
{
    if (!file || *file == '<')
        return true;
    const char *library = strstr(file, "/lib/python");
    return library && !strstr(library, "-packages/");
}

/* ---- the looks ------------------------------------------------------------------------------- */

/* A core has less of a command line, or none. */
static bool begins_alike(const char *a, const char *b)
{
    return !a || !b || strncmp(a, b, strlen(a)) == 0 || strncmp(a, b, strlen(b)) == 0;
}

/* A pid is used again, but not by the same command in the order of time. */
static bool same_process(const struct target_section *a, const struct target_section *b)
{
    return a->pid == b->pid && begins_alike(a->command, b->command) &&
           (!a->executable || !b->executable || strcmp(a->executable, b->executable) == 0) &&
           (a->uptime_s <= 0 || b->uptime_s <= 0 || a->uptime_s <= b->uptime_s);
}

static bool add_look(struct comparison *comparison, size_t index, const char *name)
{
    const struct target_section *first = &comparison->first->target;
    const struct report *report = comparison->looks[index];
    const struct target_section *target = &report->target;
    struct diff_look look = {
        .name = strdup(name),
        .kind = target->kind,
        .pid = (int32_t)target->pid,
        .command = target->command ? strdup(target->command) : NULL,
        .seconds = NAN,
        .objects = report->has_heap ? report->heap.objects : target->objects,
        .bytes = report->heap.bytes,
        .rss_bytes = target->rss_bytes,
    };
    if (comparison->diff->same_process && first->uptime_s > 0 && target->uptime_s > 0)
        look.seconds = target->uptime_s - first->uptime_s;
    if (look.name && vector_push(&comparison->diff->looks, look))
        return true;
    free(look.name);
    free(look.command);
    return false;
}

static bool add_looks(struct comparison *comparison, const char *const *names)
{
    comparison->diff->same_process = true;
    for (size_t i = 1; i < comparison->count; i++)
        if (!same_process(&comparison->looks[i - 1]->target, &comparison->looks[i]->target))
            comparison->diff->same_process = false;
    for (size_t i = 0; i < comparison->count; i++)
        if (!add_look(comparison, i, names[i]))
            return false;
    return true;
}

/* ---- findings -------------------------------------------------------------------------------- */

static bool has_finding(const struct report *report, const struct finding *finding)
{
    for (size_t i = 0; i < report->findings.count; i++)
        if (strcmp(report->findings.items[i].fingerprint, finding->fingerprint) == 0)
            return true;
    return false;
}

static void compare_findings(const struct comparison *comparison, struct report *last)
{
    struct diff_section *diff = comparison->diff;
    for (size_t i = 0; i < comparison->first->findings.count; i++)
        diff->findings_gone += !has_finding(last, &comparison->first->findings.items[i]);
    for (size_t i = last->findings.count; i-- > 0;) {
        bool old = false;
        for (size_t k = 0; k + 1 < comparison->count && !old; k++)
            old = has_finding(comparison->looks[k], &last->findings.items[i]);
        if (old)
            report_drop_finding(last, i);
        diff->findings_before += old;
    }
}

/* What one look tells of and another one cannot. */
static void note_missing(const struct comparison *comparison, struct report *last)
{
    bool descriptors = true;
    for (size_t i = 0; i < comparison->count; i++)
        descriptors = descriptors && comparison->looks[i]->has_descriptors;
    if (!descriptors)
        report_add_not_checked(last, NULL, "descriptors are not compared: not every look has them");
    if (!comparison->diff->same_process)
        report_add_not_checked(last, NULL,
                               "what stands still is not known: this is not one process");
}

/* ---- the whole ------------------------------------------------------------------------------- */

static bool compare(struct comparison *comparison, const char *const *names, struct report *last)
{
    comparison->diff->has_heap = comparison->first->has_heap && last->has_heap;
    bool good = add_looks(comparison, names) && diff_add_types(comparison) &&
                diff_add_holders(comparison) && diff_add_zombies(comparison) &&
                diff_add_still(comparison) && diff_add_counts(comparison) &&
                diff_add_executors(comparison) && diff_add_collectors(comparison);
    if (good)
        compare_findings(comparison, last);
    if (good)
        note_missing(comparison, last);
    return good;
}

struct error *diff_reports(const struct report *const *earlier, size_t count,
                           const char *const *names, struct report *last)
{
    VECTOR(const struct report *) looks = {0};
    bool good = true;
    for (size_t i = 0; i < count && good; i++)
        good = vector_push(&looks, earlier[i]);
    good = good && vector_push(&looks, last);
    if (good) {
        struct comparison comparison = {
            looks.items, looks.count, looks.items[0], last, &last->diff,
        };
        last->has_diff = true;
        good = compare(&comparison, names, last);
    }
    vector_free(&looks);
    return good ? NULL : error_no_memory();
}
