/* Promises of those who work: executors, workers, primitives that let somebody through. */
#include <string.h>

#include "base/cleanup.h"
#include "waits/anyio.h"
#include "waits/promises_search.h"

/* ---- executors ------------------------------------------------------------------------------- */

static bool visit_queued(void *context, size_t index, uint64_t item)
{
    (void)index;
    struct promise_search *search = context;
    struct work_item_view work;
    if (work_item_read(search->snapshot->cpython, item, &work))
        promise(search, work.future);
    return !search->no_memory;
}

void promises_of_executors(struct promise_search *search)
{
    const struct snapshot *snapshot = search->snapshot;
    for (size_t i = 0; i < snapshot->executors.count; i++) {
        const struct executor_view *executor = &snapshot->executors.items[i].view;
        search->next = (struct promise){.by = executor->address, .kind = PROMISE_QUEUED};
        if (executor->role == ROLE_THREAD_POOL && executor->work_queue)
            (void)queue_visit(snapshot->cpython, executor->work_queue, visit_queued, search);
    }
    for (size_t i = 0; i < snapshot->seen.count; i++) {
        const struct seen_thread *thread = &snapshot->seen.items[i];
        struct work_item_view work;
        search->next = (struct promise){.by = thread->view->address, .kind = PROMISE_WORK};
        if (thread->work_future)
            promise(search, thread->work_future);
        if (thread->work_item && work_item_read(snapshot->cpython, thread->work_item, &work))
            promise(search, work.future);
    }
}

/* What a process pool has taken in: {id: work item} (Lib/concurrent/futures/process.py). */
static bool visit_pending_work(void *context, uint64_t key, uint64_t value)
{
    return visit_queued(context, (size_t)key, value);
}

void promises_of_process_pool(struct promise_search *search, uint64_t executor)
{
    uint64_t pending = instance_get(search->snapshot->cpython, executor, "_pending_work_items");
    search->next = (struct promise){.by = executor, .kind = PROMISE_PROCESS};
    if (pending)
        (void)dict_visit(search->snapshot->cpython, pending, visit_pending_work, search);
}

/* ---- wait() and as_completed() --------------------------------------------------------------- */

/* Each sets the event of its own on which it waits (Lib/concurrent/futures/_base.py, 3.8-3.15). */
static bool visit_waiter_of_several(void *context, size_t index, uint64_t waiter)
{
    struct promise_search *search = context;
    const struct cpython *cpython = search->snapshot->cpython;
    uint64_t event = instance_get(cpython, waiter, "event");
    _cleanup_free_ char *class =
        event ? type_short_name(cpython, object_type(cpython, waiter)) : NULL;
    bool all = class && strcmp(class, "_AllCompletedWaiter") == 0;
    (void)index;
    search->next.kind = all ? PROMISE_ALL : PROMISE_FUTURE;
    if (event && actors_role(search->snapshot->actors, event) == ROLE_EVENT)
        promise(search, event);
    return !search->no_memory;
}

void promises_of_waiters(struct promise_search *search, uint64_t future)
{
    const struct cpython *cpython = search->snapshot->cpython;
    uint64_t waiters = instance_get(cpython, future, "_waiters");
    search->next = (struct promise){.by = future};
    if (waiters)
        (void)sequence_visit(cpython, waiters, visit_waiter_of_several, search);
}

/* ---- locks, events, queues of asyncio -------------------------------------------------------- */

static bool visit_waiter(void *context, size_t index, uint64_t waiter)
{
    (void)index;
    struct promise_search *search = context;
    promise(search, waiter);
    return !search->no_memory;
}

void promises_of_primitive(struct promise_search *search, uint64_t primitive)
{
    static const char *const names[] = {"_waiters", "_getters", "_putters"};
    const struct cpython *cpython = search->snapshot->cpython;
    search->next = (struct promise){.by = primitive, .kind = PROMISE_PRIMITIVE};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        uint64_t waiters = instance_get(cpython, primitive, names[i]);
        if (waiters && waiters != cpython->none)
            (void)deque_visit(cpython, waiters, visit_waiter, search);
    }
}

static bool promise_event(void *context, uint64_t event, enum role role)
{
    struct promise_search *search = context;
    if (role == ROLE_ASYNC_EVENT)
        promise(search, event);
    return !search->no_memory;
}

void promises_of_limiter(struct promise_search *search, uint64_t limiter)
{
    search->next = (struct promise){.by = limiter, .kind = PROMISE_PRIMITIVE};
    limiter_waiting_visit(search->snapshot->actors, limiter, promise_event, search);
}
