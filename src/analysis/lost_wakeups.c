/*
 * LOOP002, asleep over its own work: what a thread or signal handler adds with call_soon(), or by
 * completing a future of asyncio, does not wake the selector (Lib/asyncio/base_events.py, 3.8 to
 * 3.15: only call_soon_threadsafe() writes to the self-pipe).
 */
#include <string.h>

#include "analysis/diagnosis.h"
#include "base/cleanup.h"
#include "base/text.h"

/* Between adding a callback and waking the loop a thread may lose the GIL for some time. */
#define ASLEEP_SECONDS 0.25

struct ready_search {
    const struct cpython *cpython;
    struct source_place callback; /* the first that is not cancelled */
    bool found;
};

static bool look_at_ready(void *user, const struct handle_view *handle)
{
    struct ready_search *search = user;
    search->found = !handle->cancelled;
    if (search->found)
        (void)function_place(search->cpython, handle->callback, &search->callback);
    return !search->found;
}

/* Whether the loop has slept through both looks, with callbacks ready in both. One that was
 * stopped may just not have woken yet. */
static bool sleeps_over_work(const struct diagnosis *diagnosis, const struct seen_loop *loop)
{
    const struct snapshot *before = diagnosis->standstill->before->snapshot;
    size_t earlier = snapshot_loop(before, loop->view.address);
    if (loop->view.role != ROLE_LOOP || loop->thread == NOBODY || earlier == NOBODY ||
        loop->view.ready <= 0 || before->loops.items[earlier].view.ready <= 0)
        return false;
    const struct seen_thread *thread = &diagnosis->snapshot->seen.items[loop->thread];
    return thread->in_loop_wait && thread->state.state == 'S' &&
           diagnosis->standstill->seconds >= ASLEEP_SECONDS &&
           standstill_thread_asleep(diagnosis->standstill, loop->thread);
}

/* A task of the loop whose wait is over, so that its next step is what is ready; NOBODY. */
static size_t task_to_run(const struct snapshot *snapshot, size_t loop)
{
    struct future_view future;
    for (size_t i = 0; i < snapshot->tasks.count; i++) {
        const struct seen_task *task = &snapshot->tasks.items[i];
        if (task->loop == loop && task->view.waits_for &&
            future_read(snapshot->cpython, task->view.waits_for, &future) &&
            (future.state == FUTURE_FINISHED || future.state == FUTURE_CANCELLED))
            return i;
    }
    return NOBODY;
}

static bool nothing_else_wakes(const struct snapshot *snapshot, const struct seen_loop *loop)
{
    return loop->view.scheduled == 0 && !snapshot_loop_has_io(snapshot, loop) &&
           !snapshot_loop_has_signals(snapshot, loop);
}

static void describe(struct diagnosis *diagnosis, size_t index, size_t task,
                     struct finding *finding)
{
    const struct loop_row *row = &diagnosis->report->loops.items[index];
    _cleanup_free_ char *name =
        task == NOBODY ? NULL : snapshot_task_name(diagnosis->snapshot, task);
    const char *what = name ? name : row->at.function ? row->at.function : "a callback";
    finding->summary = text_format(
        "the event loop of %s sleeps although %s could run: another thread, or a signal "
        "handler, made it ready without call_soon_threadsafe()",
        row->thread, what);
    finding_place(finding, &row->at);
    finding_add_number(finding, "ready", row->ready, "");
    finding_add_number(finding, "observed", (int64_t)(diagnosis->standstill->seconds * 1e3), "ms");
    if (task != NOBODY)
        finding_add_evidence(finding, "%s waits for a future that is done", name ? name : "a task");
    finding_add_evidence(finding, "its thread did not leave the selector between two looks, and "
                                  "callbacks were ready in both");
    finding_add_fix(finding, "in the other thread: `loop.call_soon_threadsafe(future.set_result, "
                             "value)`, `asyncio.run_coroutine_threadsafe(c, loop)`");
    finding_add_fix(finding, "in a signal handler: `loop.add_signal_handler()`");
    finding_add_fix(finding, "PYTHONASYNCIODEBUG=1 makes asyncio raise where it is done");
    finding->confirm = look_command(diagnosis->look, "tasks");
    finding_identify(finding, row->at.function ? row->at.function : "");
}

static void judge(struct diagnosis *diagnosis, size_t index)
{
    const struct snapshot *snapshot = diagnosis->snapshot;
    const struct seen_loop *loop = &snapshot->loops.items[index];
    struct ready_search search = {.cpython = snapshot->cpython};
    (void)loop_ready_visit(snapshot->cpython, &loop->view, look_at_ready, &search);
    if (!search.found)
        return;
    size_t task = task_to_run(snapshot, index);
    if (task != NOBODY) {
        source_place_free(&search.callback);
        (void)snapshot_task_place(snapshot, task, &search.callback);
    }
    enum confidence confidence =
        nothing_else_wakes(snapshot, loop) ? CONFIDENCE_HIGH : CONFIDENCE_MEDIUM;
    loop_judge(diagnosis, index, "self-deadlock", confidence,
               strdup("it sleeps in its selector, and nobody wakes it for what is ready"),
               place_of(&search.callback));
    if (!look_wants(diagnosis->options, "LOOP002"))
        return;
    struct finding *finding =
        report_add_finding(diagnosis->report, "LOOP002", SEVERITY_ERROR, confidence);
    if (finding)
        describe(diagnosis, index, task, finding);
}

struct error *diagnose_lost_wakeups(struct diagnosis *diagnosis)
{
    for (size_t i = 0; i < diagnosis->report->loops.count; i++) {
        const char *verdict = diagnosis->report->loops.items[i].verdict;
        if (verdict && strcmp(verdict, "healthy") == 0 &&
            sleeps_over_work(diagnosis, &diagnosis->snapshot->loops.items[i]))
            judge(diagnosis, i);
    }
    return NULL;
}
