/*
 * CTX001: an executor call or a task runs without context variables that its creator had set.
 *
 * Compared, and nothing else:
 * - Calls that a thread of an executor runs in both looks, handed over by loop.run_in_executor() or
 *   by asyncio.wrap_future(pool.submit(...)). The creator's context is the copy that asyncio made
 * at that moment (context_pairs.h); the call's own is the one that its thread runs in now. With
 *   asyncio.to_thread(), or a submitted contextvars.copy_context().run, the two hold the same.
 * - Pending tasks of an asyncio.TaskGroup (3.11+). The creator's context is the copy made when the
 *   task was; the task's own is told by the task. They differ when create_task() was given a
 *   `context` of its own.
 *
 * It fires when a variable is set in the creator's context, is not set in the other, and the
 * program's own code that runs there (not the standard library's, not an installed package's) reads
 * it: the code names the variable and a get(), or names a function or method of the program's own,
 * or a logger with a filter, a formatter or a handler of the program's own, that does
 * (context_use.h). It does not fire for a variable that such code also sets or resets: it may be
 * about to fill it itself. A variable set to another value is not missing. Values are never shown.
 *
 * Not compared: calls that wait in an executor's queue; calls submitted without asyncio, or whose
 * future somebody else holds; plain threads; processes; callbacks of loops; tasks made otherwise
 * than by a TaskGroup, for what their creator has set since cannot be told from what it had set
 * before (without a `context` argument they have a copy of all of it). That calls were not compared
 * is always said; that tasks were not, when nothing else was compared either.
 */
#include <string.h>

#include "analysis/context_findings.h"
#include "analysis/diagnosis.h"
#include "base/cleanup.h"
#include "runtime/context.h"

struct comparison {
    struct diagnosis *diagnosis;
    struct cpython remembered; /* for code and its names, which do not change */
    const char *standard;      /* where the standard library lies, or NULL */
    uint64_t compared, calls_unknown, tasks_unknown;
};

/* ---- what is missing, and who reads it ------------------------------------------------------- */

/* The variables of `creator` that `own` lacks. False when one of them cannot be read. */
static bool find_missing(const struct cpython *cpython, uint64_t creator, uint64_t own,
                         variable_uses *missing)
{
    context_entries before = {0}, now = {0};
    bool ok = context_read(cpython, creator, &before) && context_read(cpython, own, &now);
    for (size_t i = 0; ok && i < before.count; i++) {
        struct variable_use use = {.variable = before.items[i].variable};
        if (!context_has(&now, use.variable))
            ok = vector_push(missing, use);
    }
    vector_free(&before);
    vector_free(&now);
    return ok;
}

/* The frames between the worker's own and the innermost. */
static bool note_uses_of_call(const struct comparison *comparison, size_t thread,
                              variable_uses *missing)
{
    const struct snapshot *snapshot = comparison->diagnosis->snapshot;
    const struct seen_thread *seen = &snapshot->seen.items[thread];
    for (size_t i = 0; i < seen->frame_count; i++)
        if (seen->named[i].place.file && !seen->named[i].library &&
            !frame_uses_note(&comparison->remembered, &seen->frames[i], comparison->standard,
                             missing))
            return false;
    return true;
}

static bool note_uses_of_task(const struct comparison *comparison, size_t task,
                              variable_uses *missing)
{
    const struct snapshot *snapshot = comparison->diagnosis->snapshot;
    const struct await_chain *chain = &snapshot->tasks.items[task].chain;
    bool ok = true;
    for (size_t i = 0; ok && i < chain->links.count; i++) {
        const struct frame_view *frame = &chain->links.items[i].frame;
        struct named_frame named;
        if (!frame->address ||
            !named_frame_read(snapshot->cpython, frame, comparison->standard, &named))
            continue;
        if (!named.library)
            ok = frame_uses_note(&comparison->remembered, frame, comparison->standard, missing);
        named_frame_release(&named);
    }
    return ok;
}

/* Leaves the variables that are read where they are missing. */
static void keep_read(variable_uses *missing)
{
    size_t kept = 0;
    for (size_t i = 0; i < missing->count; i++)
        if (missing->items[i].reader && !missing->items[i].changed)
            missing->items[kept++] = missing->items[i];
    missing->count = kept;
}

/* ---- whether it is still so ------------------------------------------------------------------ */

static bool runs_code(const thread_vector *threads, const frame_vector *frames, uint64_t thread,
                      const struct frame_view *wanted)
{
    for (size_t i = 0; i < frames->count; i++)
        if (frames->items[i].address == wanted->address && frames->items[i].code == wanted->code &&
            threads->items[frames->items[i].thread].address == thread)
            return true;
    return false;
}

/*
 * The worker's frames were read some time before its context was. Code may have gone in and out of
 * a Context.run() since then: every frame of the program must still be there, in the same context.
 */
static bool still_runs(const struct comparison *comparison, size_t thread, uint64_t context)
{
    const struct snapshot *snapshot = comparison->diagnosis->snapshot;
    const struct seen_thread *seen = &snapshot->seen.items[thread];
    thread_vector threads = {0};
    frame_vector frames = {0};
    uint64_t now;
    struct error *error = threads_list(
        snapshot->cpython, &comparison->diagnosis->look->interpreters, &threads, &frames);
    bool same = !error;
    for (size_t i = 0; same && i < seen->frame_count; i++)
        if (!seen->named[i].library)
            same = runs_code(&threads, &frames, seen->view->address, &seen->frames[i]);
    error_free(error);
    threads_free(&threads, &frames);
    return same && thread_context_read(snapshot->cpython, seen->view, &now) && now == context &&
           context_call_runs(snapshot, thread);
}

/* ---- comparing ------------------------------------------------------------------------------- */

/* The worker ran the same call in the look before. */
static bool ran_before(const struct comparison *comparison, size_t thread)
{
    const struct standstill *standstill = comparison->diagnosis->standstill;
    const struct seen_thread *then = standstill_earlier(standstill, thread);
    return then && then->work_item_run &&
           then->work_item == comparison->diagnosis->snapshot->seen.items[thread].work_item;
}

static void compare_call(struct comparison *comparison, size_t thread)
{
    const struct snapshot *snapshot = comparison->diagnosis->snapshot;
    struct context_pair pair;
    variable_uses missing = {0};
    uint64_t own;
    if (!ran_before(comparison, thread) || !context_call_runs(snapshot, thread))
        return;
    if (!context_pair_of_call(snapshot, thread, &pair) ||
        !thread_context_read(snapshot->cpython, snapshot->seen.items[thread].view, &own) ||
        !find_missing(snapshot->cpython, pair.creator, own, &missing)) {
        comparison->calls_unknown++;
    } else {
        comparison->compared++;
        if (missing.count && note_uses_of_call(comparison, thread, &missing)) {
            keep_read(&missing);
            if (missing.count && still_runs(comparison, thread, own))
                context_report(comparison->diagnosis, &pair, &missing);
        }
    }
    vector_free(&missing);
}

static void compare_task(struct comparison *comparison, size_t task)
{
    const struct snapshot *snapshot = comparison->diagnosis->snapshot;
    const struct seen_task *seen = &snapshot->tasks.items[task];
    struct context_pair pair;
    variable_uses missing = {0};
    if (!context_pair_of_task(snapshot, task, &pair) ||
        !find_missing(snapshot->cpython, pair.creator, seen->view.context, &missing)) {
        comparison->tasks_unknown++;
    } else {
        comparison->compared++;
        if (missing.count && note_uses_of_task(comparison, task, &missing)) {
            keep_read(&missing);
            if (missing.count)
                context_report(comparison->diagnosis, &pair, &missing);
        }
    }
    vector_free(&missing);
}

static bool fired(const struct report *report)
{
    for (size_t i = 0; i < report->findings.count; i++)
        if (strcmp(report->findings.items[i].rule, "CTX001") == 0)
            return true;
    return false;
}

static void report_rest(const struct comparison *comparison)
{
    struct report *report = comparison->diagnosis->report;
    uint64_t unknown = comparison->calls_unknown + comparison->tasks_unknown;
    if (!fired(report) && (comparison->compared || !unknown))
        report_add_ok(report, "CTX001");
    if (comparison->compared ? comparison->calls_unknown : unknown)
        report_add_not_checked(report, "CTX001",
                               "the context of their creation is not kept (tasks: %llu, calls in "
                               "executors: %llu)",
                               (unsigned long long)comparison->tasks_unknown,
                               (unsigned long long)comparison->calls_unknown);
}

struct error *diagnose_contexts(struct diagnosis *diagnosis)
{
    const struct snapshot *snapshot = diagnosis->snapshot;
    const interpreter_vector *interpreters = &diagnosis->look->interpreters;
    if (!look_wants(diagnosis->options, "CTX001"))
        return NULL;
    _cleanup_free_ char *standard =
        interpreters->count ? standard_library(snapshot->cpython, &interpreters->items[0]) : NULL;
    struct comparison comparison = {.diagnosis = diagnosis, .standard = standard};
    cpython_remember(snapshot->cpython, &comparison.remembered);
    for (size_t i = 0; i < snapshot->seen.count; i++)
        compare_call(&comparison, i);
    for (size_t i = 0; i < snapshot->tasks.count; i++)
        compare_task(&comparison, i);
    cpython_forget(snapshot->cpython, &comparison.remembered);
    report_rest(&comparison);
    return NULL;
}
