/* LOCK002: a coroutine holds a lock of threads while it is suspended. */
#include <string.h>

#include "analysis/diagnosis.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "runtime/code_names.h"
#include "runtime/locks.h"

/* One that an `async with` block takes by its wrapper may have been waited for in a thread. */
static bool is_thread_lock(const struct hold *hold)
{
    return !(hold->wrapper && hold->async) &&
           (hold->role == ROLE_LOCK || hold->role == ROLE_RLOCK || hold->role == ROLE_CONDITION ||
            hold->role == ROLE_SEMAPHORE);
}

static uint64_t blocked_on(const struct snapshot *snapshot, uint64_t lock)
{
    uint64_t count = 0;
    for (size_t i = 0; i < snapshot->seen.count; i++)
        count += snapshot->seen.items[i].wait.object == lock;
    return count;
}

/*
 * One that is taken with acquire() may be one that nobody waits for, as acquire(blocking=False)
 * guards against a second call, or be taken in a worker of an executor.
 */
static bool may_be_meant(const struct snapshot *snapshot, const struct hold *hold)
{
    const struct cpython *cpython = snapshot->cpython;
    return hold->released && (!blocked_on(snapshot, hold->manager) ||
                              code_has_name(cpython, hold->frame.code, "run_in_executor") ||
                              code_has_name(cpython, hold->frame.code, "to_thread"));
}

static bool is_given_back(const struct snapshot *snapshot, const struct hold *hold)
{
    struct lock_view lock;
    return hold_given_back(snapshot, hold, hold->manager) ||
           (lock_read(snapshot->cpython, hold->manager, &lock) && !lock.locked);
}

/* The same coroutine held the same lock in the look before. */
static bool held_before(const struct standstill *standstill, const struct hold *hold)
{
    const struct holds *holds = &standstill->before->holds;
    for (size_t i = 0; i < holds->items.count; i++)
        if (holds->items.items[i].manager == hold->manager &&
            holds->items.items[i].coroutine == hold->coroutine)
            return true;
    return false;
}

static bool reported(const struct report *report, const struct source_place *place)
{
    for (size_t i = 0; i < report->findings.count; i++) {
        const struct finding *finding = &report->findings.items[i];
        if (strcmp(finding->rule, "LOCK002") == 0 && finding->location.file && place->file &&
            strcmp(finding->location.file, place->file) == 0 &&
            finding->location.line == place->line)
            return true;
    }
    return false;
}

static const char *evidence_of(const struct hold *hold)
{
    if (hold->released)
        return "it is inside of a try block whose finally releases the lock";
    return hold->wrapper ? "it is inside of a with block whose __exit__ releases the lock"
                         : "its __exit__ lies on the coroutine's value stack";
}

static void report_hold(struct diagnosis *diagnosis, const struct hold *hold, size_t task,
                        struct source_place *place)
{
    struct finding *finding =
        report_add_finding(diagnosis->report, "LOCK002", SEVERITY_WARNING,
                           hold_likely(hold) ? CONFIDENCE_MEDIUM : CONFIDENCE_HIGH);
    if (!finding)
        return;
    const struct cpython *cpython = diagnosis->snapshot->cpython;
    _cleanup_free_ char *name = hold_name_of(cpython, hold);
    _cleanup_free_ char *type = type_short_name(cpython, object_type(cpython, hold->manager));
    _cleanup_free_ char *holder = snapshot_task_name(diagnosis->snapshot, task);
    finding->summary =
        text_format("%s holds a thread lock (%s) while it is suspended in %s()", holder,
                    name ? name : type, place->function ? place->function : "a coroutine");
    struct place at = place_of(place);
    finding_place(finding, &at);
    finding_add_text(finding, "holder", at.function ? at.function : "");
    finding_add_text(finding, "lock", name ? name : type);
    finding_add_number(finding, "threads_waiting",
                       (int64_t)blocked_on(diagnosis->snapshot, hold->manager), "");
    finding_add_evidence(finding, "%s, in both looks", evidence_of(hold));
    finding_add_fix(finding, "do not await under a thread lock: take what is needed, release it, "
                             "then await");
    finding_add_fix(finding, "or use asyncio.Lock between coroutines: `async with lock:`");
    finding->confirm = look_command(diagnosis->look, "tasks");
    finding_identify(finding, at.function ? at.function : "");
    free(at.file);
    free(at.function);
}

struct error *diagnose_held_locks(struct diagnosis *diagnosis)
{
    const struct holds *holds = &diagnosis->picture->holds;
    if (!look_wants(diagnosis->options, "LOCK002"))
        return NULL;
    for (size_t i = 0; i < holds->items.count; i++) {
        const struct hold *hold = &holds->items.items[i];
        struct source_place place = {0};
        size_t task =
            hold->coroutine ? snapshot_task(diagnosis->snapshot, hold->coroutine) : NOBODY;
        if (task == NOBODY || !is_thread_lock(hold) || !held_before(diagnosis->standstill, hold) ||
            is_given_back(diagnosis->snapshot, hold) || may_be_meant(diagnosis->snapshot, hold))
            continue;
        if (frame_place(diagnosis->snapshot->cpython, &hold->frame, &place) &&
            !reported(diagnosis->report, &place))
            report_hold(diagnosis, hold, task, &place);
        source_place_free(&place);
    }
    return NULL;
}
