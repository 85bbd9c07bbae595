/* Whether who seems to hold a lock has it: not yet, or not any more. */
#include "waits/released.h"

#include "runtime/code_names.h"

/* Whether all that a frame of a thread has called is of the standard library. */
static bool is_innermost(const struct seen_thread *thread, const struct frame_view *frame)
{
    for (size_t i = 0; i < thread->frame_count; i++) {
        if (thread->frames[i].address == frame->address)
            return true;
        if (!thread->named[i].standard)
            return false;
    }
    return false;
}

/* Whether a coroutine of a task awaits, itself, the acquire() of `lock`. */
static bool awaits_acquire(const struct snapshot *snapshot, size_t task, uint64_t coroutine,
                           uint64_t lock)
{
    const struct await_chain *chain = &snapshot->tasks.items[task].chain;
    for (size_t i = 0; i + 1 < chain->links.count; i++) {
        const struct frame_view *inner = &chain->links.items[i + 1].frame;
        if (chain->links.items[i].address == coroutine)
            return inner->address && frame_local(snapshot->cpython, inner, "self") == lock;
    }
    return false;
}

bool is_waited_for(const struct snapshot *snapshot, const struct hold *hold, uint64_t lock)
{
    size_t task = hold->coroutine ? snapshot_task(snapshot, hold->coroutine) : NOBODY;
    if (hold->thread == NOBODY)
        return task != NOBODY && awaits_acquire(snapshot, task, hold->coroutine, lock);
    const struct seen_thread *thread = &snapshot->seen.items[hold->thread];
    return thread->wait.object == lock && is_innermost(thread, &hold->frame);
}

/* ---- not any more ---------------------------------------------------------------------------- */

/* In wait() of the condition `manager`, or of one around `lock`. */
static bool waits_for_condition(const struct cpython *cpython, const struct frame_view *frame,
                                uint64_t manager, uint64_t lock)
{
    if (!frame->address || (!frame_runs(cpython, frame, "threading.py", "Condition.wait") &&
                            !frame_runs(cpython, frame, "asyncio/locks.py", "Condition.wait")))
        return false;
    uint64_t condition = frame_local(cpython, frame, "self");
    return condition && (condition == manager || instance_get(cpython, condition, "_lock") == lock);
}

struct lock_search {
    uint64_t lock;
    bool found;
};

static bool compare_lock(void *context, uint64_t lock)
{
    struct lock_search *search = context;
    search->found |= lock == search->lock;
    return !search->found;
}

/* `lock.release()`, and `lock.acquire()` in a finally block, inside of `with lock`. */
static bool takes_it_again(const struct cpython *cpython, const struct hold *hold, uint64_t lock)
{
    struct lock_search search = {lock, false};
    if (!hold->released && code_has_name(cpython, hold->within.code, "acquire"))
        frame_finally_visit(cpython, &hold->within, "acquire", compare_lock, &search);
    return search.found;
}

bool hold_given_back(const struct snapshot *snapshot, const struct hold *hold, uint64_t lock)
{
    const struct cpython *cpython = snapshot->cpython;
    if (takes_it_again(cpython, hold, lock))
        return true;
    if (hold->thread != NOBODY) {
        const struct seen_thread *thread = &snapshot->seen.items[hold->thread];
        for (size_t i = 0; i < thread->frame_count; i++)
            if (waits_for_condition(cpython, &thread->frames[i], hold->manager, lock))
                return true;
        return false;
    }
    size_t task = snapshot_task(snapshot, hold->coroutine);
    if (task == NOBODY)
        return false;
    const struct await_chain *chain = &snapshot->tasks.items[task].chain;
    for (size_t i = 0; i < chain->links.count; i++)
        if (waits_for_condition(cpython, &chain->links.items[i].frame, hold->manager, lock))
            return true;
    return false;
}
