/* Pools of workers; EXEC002: a call in one has exceeded its deadline. */
#include <math.h>
#include <string.h>

#include "analysis/diagnosis.h"
#include "analysis/watch.h"
#include "base/cleanup.h"
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
            ? thread_asleep_ms(target_files(diagnosis->snapshot->cpython->target), seen->state.tid)
            : 0;
    double observed = diagnosis->standstill->seconds * 1e3;
    const struct watch *watch = diagnosis->look->watch;
    double since =
        watch ? watched_call_since(&watch->pools, seen->view->address, seen->work_item) : NAN;
    if (!isnan(since))
        observed = (diagnosis->snapshot->when - since) * 1e3;
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

/* The call that ran longest: one of now, in worker `thread`, or one seen while it was watched. */
struct oldest_call {
    double milliseconds;
    const struct place *at;
    size_t thread; /* NOBODY: it has ended */
};

static void describe_worker(const struct diagnosis *diagnosis, size_t thread,
                            struct finding *finding)
{
    const struct seen_thread *seen = &diagnosis->snapshot->seen.items[thread];
    _cleanup_free_ char *name = snapshot_thread_name(diagnosis->snapshot, thread);
    finding_add_text(finding, "worker", name);
    finding_add_text(finding, "blocked_in",
                     seen->state.in_system_call && seen->wait.kind != THREAD_RUNS
                         ? system_call_name(seen->state.system_call)
                         : "cpu");
}

static void report_overdue(struct diagnosis *diagnosis, const struct executor_row *row,
                           const struct oldest_call *call)
{
    struct finding *finding =
        report_add_finding(diagnosis->report, "EXEC002", SEVERITY_WARNING, CONFIDENCE_MEDIUM);
    if (!finding)
        return;
    const char *function = call->at->function ? call->at->function : "a function";
    finding->summary =
        text_format("a call in %s %s for at least %.1f s: %s()", row->class_name,
                    call->thread != NOBODY ? "has run" : "ran", call->milliseconds / 1e3, function);
    finding_place(finding, call->at);
    finding_add_number(finding, "age", (int64_t)call->milliseconds, "ms");
    if (call->thread != NOBODY)
        describe_worker(diagnosis, call->thread, finding);
    finding_add_fix(finding,
                    "give the call itself a time-out: a worker's call cannot be cancelled");
    finding_add_fix(finding, "and its caller: `await asyncio.wait_for(asyncio.to_thread(f), 30)`");
    finding->confirm = look_command(diagnosis->look, "threads");
    finding_identify(finding, call->at->function ? call->at->function : "");
}

/* Of the two looks and of what was seen before them. */
static struct oldest_call judge_oldest(const struct executor_row *row, size_t thread)
{
    struct oldest_call call = {row->oldest_ms, &row->oldest, thread};
    if (row->watch.oldest_ms > row->oldest_ms)
        call = (struct oldest_call){row->watch.oldest_ms, &row->watch.oldest, NOBODY};
    return call;
}

static struct error *diagnose_executor(struct diagnosis *diagnosis,
                                       const struct seen_executor *executor)
{
    const struct cpython *cpython = diagnosis->snapshot->cpython;
    double deadline = diagnosis->options->executor_deadline;
    struct executor_row row = {
        .address = executor->view.address,
        .class_name = type_short_name(cpython, object_type(cpython, executor->view.address)),
        .workers = executor->view.role == ROLE_PROCESS_POOL ? -1 : (int64_t)executor->threads.count,
        .max_workers = executor->view.max_workers,
        .busy = executor->view.role == ROLE_PROCESS_POOL
                    ? -1
                    : (int64_t)(executor->threads.count - executor->idle),
        .queued = executor->queued,
    };
    size_t thread = oldest_call(diagnosis, executor, &row.oldest_ms);
    struct source_place place;
    if (thread != NOBODY && thread_place(&diagnosis->snapshot->seen.items[thread], &place))
        row.oldest = place_of(&place);
    watch_executor(diagnosis, executor->view.work_queue, &row.watch);
    struct oldest_call call = judge_oldest(&row, thread);
    if (look_wants(diagnosis->options, "EXEC002") &&
        call.milliseconds >= (deadline > 0 ? deadline : DEADLINE_SECONDS) * 1e3)
        report_overdue(diagnosis, &row, &call);
    return vector_push(&diagnosis->report->executors, row) ? NULL : error_no_memory();
}

struct error *diagnose_executors(struct diagnosis *diagnosis)
{
    struct error *error = NULL;
    for (size_t i = 0; i < diagnosis->snapshot->executors.count && !error; i++)
        error = diagnose_executor(diagnosis, &diagnosis->snapshot->executors.items[i]);
    return error;
}
