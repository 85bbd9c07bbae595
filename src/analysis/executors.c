/* Pools of workers; EXEC002: a call in one has exceeded its deadline. */
#include <string.h>

#include "analysis/diagnosis.h"
#include "base/text.h"
#include "os/asleep.h"

#define DEADLINE_SECONDS 30

/*
 * How long the call has run, at least, in milliseconds: the kernel's time since the thread last
 * left the processor, or what was seen.
 */
static double call_ms(const struct diagnosis *diagnosis, size_t thread)
{
    const struct seen_thread *seen = &diagnosis->snapshot->seen.items[thread];
    const struct seen_thread *earlier = standstill_earlier(diagnosis->standstill, thread);
    if (!earlier || !seen->work_item || earlier->work_item != seen->work_item)
        return 0;
    double asleep =
        standstill_thread_asleep(diagnosis->standstill, thread)
            ? thread_asleep_ms(target_pid(diagnosis->snapshot->cpython->target), seen->state.tid)
            : 0;
    double observed = diagnosis->standstill->seconds * 1e3;
    return asleep > observed ? asleep : observed;
}

static size_t oldest_call(const struct diagnosis *diagnosis, const struct seen_executor *executor,
                          double *milliseconds)
{
    size_t oldest = NOBODY;
    *milliseconds = 0;
    for (size_t i = 0; i < executor->threads.count; i++) {
        double age = call_ms(diagnosis, executor->threads.items[i]);
        if (age > *milliseconds) {
            *milliseconds = age;
            oldest = executor->threads.items[i];
        }
    }
    return oldest;
}

static void report_overdue(struct diagnosis *diagnosis, const struct executor_row *row,
                           size_t thread)
{
    struct finding *finding =
        report_add_finding(diagnosis->report, "EXEC002", SEVERITY_WARNING, CONFIDENCE_MEDIUM);
    if (!finding)
        return;
    char *name = snapshot_thread_name(diagnosis->snapshot, thread);
    const struct seen_thread *seen = &diagnosis->snapshot->seen.items[thread];
    finding->summary = text_format(
        "a call in %s has run for at least %.0f s: %s() in worker %s", row->class_name,
        row->oldest_ms / 1e3, row->oldest.function ? row->oldest.function : "a function", name);
    finding_place(finding, &row->oldest);
    finding_add_number(finding, "age", (int64_t)row->oldest_ms, "ms");
    finding_add_text(finding, "blocked_in",
                     seen->state.in_system_call && seen->wait.kind != THREAD_RUNS
                         ? system_call_name(seen->state.system_call)
                         : "cpu");
    finding_add_fix(finding,
                    "give the call itself a time-out: a worker's call cannot be cancelled");
    finding_add_fix(finding, "and its caller: `await asyncio.wait_for(asyncio.to_thread(f), 30)`");
    finding->confirm = text_format("steth threads %d", (int)diagnosis->pid);
    finding_identify(finding, row->oldest.function ? row->oldest.function : "");
    free(name);
}

static struct error *diagnose_executor(struct diagnosis *diagnosis,
                                       const struct seen_executor *executor)
{
    const struct cpython *cpython = diagnosis->snapshot->cpython;
    double deadline = diagnosis->options->executor_deadline;
    struct executor_row row = {
        .address = executor->view.address,
        .class_name = type_short_name(cpython, object_type(cpython, executor->view.address)),
        .workers = executor->view.role == ROLE_THREAD_POOL ? (int64_t)executor->threads.count : -1,
        .max_workers = executor->view.max_workers,
        .busy = executor->view.role == ROLE_THREAD_POOL
                    ? (int64_t)(executor->threads.count - executor->idle)
                    : -1,
        .queued = executor->queued,
    };
    size_t thread = oldest_call(diagnosis, executor, &row.oldest_ms);
    struct source_place place;
    if (thread != NOBODY && thread_place(&diagnosis->snapshot->seen.items[thread], &place))
        row.oldest = place_of(&place);
    if (thread != NOBODY && look_wants(diagnosis->options, "EXEC002") &&
        row.oldest_ms >= (deadline > 0 ? deadline : DEADLINE_SECONDS) * 1e3)
        report_overdue(diagnosis, &row, thread);
    return vector_push(&diagnosis->report->executors, row) ? NULL : error_no_memory();
}

struct error *diagnose_executors(struct diagnosis *diagnosis)
{
    struct error *error = NULL;
    for (size_t i = 0; i < diagnosis->snapshot->executors.count && !error; i++)
        error = diagnose_executor(diagnosis, &diagnosis->snapshot->executors.items[i]);
    return error;
}
