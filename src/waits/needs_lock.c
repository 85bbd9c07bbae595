/* What locks and semaphores need: their holders. */
#include "waits/needs.h"

static void need_holder(struct building *building, uint32_t vertex, const struct hold *hold)
{
    uint64_t behind =
        hold->thread != NOBODY ? snapshot_frame_behind(building->snapshot, hold->frame.address) : 0;
    if (behind) {
        need(building, vertex, kind_of_role(actors_role(building->snapshot->actors, behind)),
             behind, true, "held until the end of");
    } else if (hold->thread != NOBODY) {
        /* A frame of a running task is the thread's own. */
        need_thread(building, vertex, hold->thread, "held by");
    }
    if (behind || hold->thread != NOBODY)
        return;
    size_t task = snapshot_task(building->snapshot, hold->coroutine);
    if (task != NOBODY)
        need(building, vertex, VERTEX_TASK, building->snapshot->tasks.items[task].view.address,
             true, "held by");
    else
        need(building, vertex, VERTEX_QUEUE, hold->coroutine, true, "held by");
}

static bool holds_now(const struct building *building, const struct hold *hold, uint64_t lock)
{
    return hold_is_of(building->snapshot->cpython, hold, lock) &&
           !hold_given_back(building->snapshot, hold, lock);
}

static uint64_t need_holders(struct building *building, uint32_t vertex, uint64_t lock)
{
    const struct holds *holds = holds_of(building);
    uint64_t count = 0;
    for (size_t i = 0; i < holds->items.count; i++) {
        if (!holds_now(building, &holds->items.items[i], lock))
            continue;
        need_holder(building, vertex, &holds->items.items[i]);
        count++;
    }
    return count;
}

/* Of a lock that only one can hold: who took it by a with statement, or the only one who is likely
 * to have done so otherwise. False when it may be somebody else. */
static bool need_the_holder(struct building *building, uint32_t vertex, uint64_t lock)
{
    const struct holds *holds = &building->picture->holds;
    const struct hold *likely = NULL;
    uint64_t direct = 0, likely_count = 0;
    for (size_t i = 0; i < holds->items.count; i++) {
        const struct hold *hold = &holds->items.items[i];
        if (!holds_now(building, hold, lock))
            continue;
        if (hold_likely(hold)) {
            likely = hold;
            likely_count++;
        } else {
            need_holder(building, vertex, hold);
            direct++;
        }
    }
    if (!direct && likely_count == 1)
        need_holder(building, vertex, likely);
    return direct || likely_count == 1;
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
    } else if (!need_the_holder(building, vertex, lock)) {
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
        if (need_the_holder(building, vertex, lock))
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
