#include "waits/held.h"

struct search {
    struct snapshot *snapshot;
    struct holds *holds;
    struct hold from; /* what is common to the holds of one frame */
    bool no_memory;
};

static bool is_lockable(enum role role)
{
    switch (role) {
    case ROLE_LOCK:
    case ROLE_RLOCK:
    case ROLE_CONDITION:
    case ROLE_SEMAPHORE:
    case ROLE_ASYNC_LOCK:
    case ROLE_ASYNC_CONDITION:
    case ROLE_ASYNC_SEMAPHORE:
        return true;
    default:
        return false;
    }
}

static bool add_hold(void *context, uint64_t manager, bool async)
{
    struct search *search = context;
    struct hold hold = search->from;
    hold.manager = manager;
    hold.async = async;
    hold.role = actors_role(search->snapshot->actors, manager);
    if (is_lockable(hold.role) && !vector_push(&search->holds->items, hold))
        search->no_memory = true;
    return !search->no_memory;
}

static void look_into(struct search *search, const struct frame_view *frame)
{
    search->from.frame = *frame;
    if (!frame_managers_visit(search->snapshot->cpython, frame, add_hold, search))
        search->holds->unreadable++;
}

struct error *holds_find(struct snapshot *snapshot, struct holds *holds)
{
    struct search search = {.snapshot = snapshot, .holds = holds};
    *holds = (struct holds){0};
    for (size_t i = 0; i < snapshot->frames.count && !search.no_memory; i++) {
        search.from = (struct hold){.thread = snapshot->frames.items[i].thread};
        look_into(&search, &snapshot->frames.items[i]);
    }
    for (size_t i = 0; i < snapshot->actors->coroutines.count && !search.no_memory; i++) {
        struct coroutine_view coroutine;
        uint64_t address = snapshot->actors->coroutines.items[i];
        if (!coroutine_read(snapshot->cpython, address, &coroutine) ||
            coroutine.state != COROUTINE_SUSPENDED || !coroutine.frame.address)
            continue;
        search.from = (struct hold){.thread = NOBODY, .coroutine = address};
        look_into(&search, &coroutine.frame);
    }
    return search.no_memory ? error_no_memory() : NULL;
}

void holds_free(struct holds *holds)
{
    vector_free(&holds->items);
}

bool hold_is_of(const struct cpython *cpython, const struct hold *hold, uint64_t lock)
{
    if (hold->manager == lock)
        return true;
    return (hold->role == ROLE_CONDITION || hold->role == ROLE_ASYNC_CONDITION) &&
           instance_get(cpython, hold->manager, "_lock") == lock;
}

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

bool hold_given_back(const struct snapshot *snapshot, const struct hold *hold, uint64_t lock)
{
    const struct cpython *cpython = snapshot->cpython;
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
