/* What locks and semaphores need: their holders. What a pool needs: its workers. */
#include "waits/needs.h"

static void need_holder(struct building *building, uint32_t vertex, const struct hold *hold)
{
    if (hold->thread != NOBODY) {
        /* A frame of a running task is the thread's own. */
        need_thread(building, vertex, hold->thread, "held by");
        return;
    }
    size_t task = snapshot_task(building->snapshot, hold->coroutine);
    if (task != NOBODY)
        need(building, vertex, VERTEX_TASK, building->snapshot->tasks.items[task].view.address,
             true, "held by");
    else
        moves(building, vertex); /* a generator: whoever iterates over it */
}

static uint64_t need_holders(struct building *building, uint32_t vertex, uint64_t lock)
{
    const struct holds *holds = &building->picture->holds;
    uint64_t count = 0;
    for (size_t i = 0; i < holds->items.count; i++) {
        const struct hold *hold = &holds->items.items[i];
        if (!hold_is_of(building->snapshot->cpython, hold, lock) ||
            hold_given_back(building->snapshot, hold, lock))
            continue;
        need_holder(building, vertex, hold);
        count++;
    }
    return count;
}

static void thread_lock_needs(struct building *building, uint32_t vertex, uint64_t lock)
{
    struct lock_view view;
    if (!lock_read(building->snapshot->cpython, lock, &view) || !view.locked) {
        moves(building, vertex);
        return;
    }
    size_t owner = snapshot_thread_of_ident(building->snapshot, view.owner_ident);
    if (owner != NOBODY) {
        need_thread(building, vertex, owner, "held by");
    } else if (!need_holders(building, vertex, lock)) {
        building->picture->unknown_holders++;
        moves(building, vertex);
    }
}

/* How many may hold a semaphore at once, when it says so (the bounded kinds do); else -1. */
static int64_t bound_of(const struct cpython *cpython, uint64_t semaphore)
{
    int64_t bound;
    uint64_t value = instance_get(cpython, semaphore, "_bound_value");
    if (!value)
        value = instance_get(cpython, semaphore, "_initial_value");
    return value && int_value(cpython, value, &bound) ? bound : -1;
}

void lock_needs(struct building *building, uint32_t vertex, uint64_t lock)
{
    const struct cpython *cpython = building->snapshot->cpython;
    switch (actors_role(building->snapshot->actors, lock)) {
    case ROLE_LOCK:
    case ROLE_RLOCK:
        thread_lock_needs(building, vertex, lock);
        return;
    case ROLE_ASYNC_LOCK:
        if (need_holders(building, vertex, lock))
            return;
        break;
    case ROLE_SEMAPHORE:
    case ROLE_ASYNC_SEMAPHORE: {
        int64_t bound = bound_of(cpython, lock);
        if (need_holders(building, vertex, lock) == (uint64_t)bound)
            return;
        break;
    }
    default:
        break;
    }
    building->picture->unknown_holders++;
    need_somebody(building, lock);
}

void executor_needs(struct building *building, uint32_t vertex, uint64_t address)
{
    const struct snapshot *snapshot = building->snapshot;
    for (size_t i = 0; i < snapshot->executors.count; i++) {
        const struct seen_executor *executor = &snapshot->executors.items[i];
        if (executor->view.address != address)
            continue;
        for (size_t k = 0; k < executor->threads.count; k++)
            need_thread(building, vertex, executor->threads.items[k], "all its workers, such as");
        if (executor->idle || executor->view.role == ROLE_PROCESS_POOL ||
            (int64_t)executor->threads.count < executor->view.max_workers)
            moves(building, vertex);
        return;
    }
    moves(building, vertex);
}
