/*
 * library: the public face of libsteth (include/steth/steth.h) over the rooms. It may include
 * analysis and render and what is below; no room includes it.
 */
#include "steth/steth.h"

#include <stdio.h>
#include <stdlib.h>

#include "analysis/examination.h"
#include "render/json.h"

struct steth_target {
    struct target *target;
};

struct steth_report {
    struct report report;
};

/* The codes of errors are the statuses of the public header; releases `error`. */
static enum steth_status fail(struct error *error, struct steth_failure *failure)
{
    enum steth_status status = (enum steth_status)error->code;
    if (failure) {
        snprintf(failure->message, sizeof failure->message, "%s", error->message);
        snprintf(failure->hint, sizeof failure->hint, "%s", error->hint ? error->hint : "");
    }
    error_free(error);
    return status;
}

const char *steth_version(void)
{
    return STETH_VERSION;
}

enum steth_status steth_open(pid_t pid, steth_target **out, struct steth_failure *failure)
{
    steth_target *target = calloc(1, sizeof *target);
    struct error *error = target ? target_open_live(pid, &target->target) : error_no_memory();
    if (error) {
        free(target);
        return fail(error, failure);
    }
    *out = target;
    return STETH_OK;
}

void steth_close(steth_target *target)
{
    if (!target)
        return;
    target_close(target->target);
    free(target);
}

enum steth_status steth_check(steth_target *target, unsigned flags, steth_report **out,
                              struct steth_failure *failure)
{
    const struct look_options options = {
        .pause = flags & STETH_PAUSE,
        .values = flags & STETH_VALUES,
        .generations = true,
    };
    steth_report *report = calloc(1, sizeof *report);
    if (!report)
        return fail(error_no_memory(), failure);
    /* The map is as old as the target is open. */
    struct error *error = target_refresh_mappings(target->target);
    if (!error)
        error = examine_target(target->target, &options, EXAMINE_ALL, &report->report);
    if (error) {
        steth_report_free(report);
        return fail(error, failure);
    }
    *out = report;
    return STETH_OK;
}

void steth_report_free(steth_report *report)
{
    if (!report)
        return;
    report_free(&report->report);
    free(report);
}

size_t steth_report_count(const steth_report *report, enum steth_severity severity)
{
    size_t count = 0;
    for (size_t i = 0; i < report->report.findings.count; i++)
        count += report->report.findings.items[i].severity >= (enum severity)severity;
    return count;
}

char *steth_report_json(const steth_report *report)
{
    json_t *object = render_json(&report->report);
    char *text = object ? json_dumps(object, RENDER_JSON_FLAGS) : NULL;
    json_decref(object);
    return text;
}
