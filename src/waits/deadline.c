#include "waits/deadline.h"

#define REACHED_MAX 100000

struct spread {
    const struct wait_picture *picture;
    VECTOR(uint64_t) cancelled; /* tasks and gathered futures, in the order they were met */
    struct address_map met;
};

/* Cancels `object`, as far as that is a task or gathered ones. */
static void reach(struct spread *spread, uint64_t object)
{
    if (!object || spread->cancelled.count >= REACHED_MAX ||
        address_map_get(&spread->met, object) != ADDRESS_MAP_ABSENT)
        return;
    enum role role = actors_role(spread->picture->snapshot->actors, object);
    if ((role == ROLE_TASK || role == ROLE_GATHER) && address_map_put(&spread->met, object, 1))
        (void)vector_push(&spread->cancelled, object);
}

static bool reach_child(void *context, size_t index, uint64_t child)
{
    struct spread *spread = context;
    (void)index;
    reach(spread, child);
    return spread->cancelled.count < REACHED_MAX;
}

/* _GatheringFuture._children (Lib/asyncio/tasks.py, 3.8 to 3.15). */
static void reach_children(struct spread *spread, uint64_t gathered)
{
    const struct cpython *cpython = spread->picture->snapshot->cpython;
    uint64_t children = instance_get(cpython, gathered, "_children");
    if (children)
        (void)sequence_visit(cpython, children, reach_child, spread);
}

static const struct frame_view *innermost(const struct seen_task *task)
{
    return task->chain.links.count ? &task->chain.links.items[task->chain.links.count - 1].frame
                                   : NULL;
}

/* A group that is left cancels its tasks; they complete what it awaits by callbacks. */
static void reach_group(struct spread *spread, const struct seen_task *task)
{
    const struct promises *promises = &spread->picture->promises;
    const struct cpython *cpython = spread->picture->snapshot->cpython;
    const struct frame_view *frame = innermost(task);
    if (!frame || (!frame_runs(cpython, frame, "/asyncio/taskgroups.py", "TaskGroup.__aexit__") &&
                   !frame_runs(cpython, frame, "/asyncio/taskgroups.py", "TaskGroup._aexit")))
        return;
    for (uint32_t i = promises_for(promises, task->view.waits_for); i != PROMISE_NONE;
         i = promises->items.items[i].next)
        reach(spread, promises->items.items[i].by);
}

/* Up to 3.11 the timer of wait_for() only wakes it, and it cancels `fut` itself. */
static void reach_waited_for(struct spread *spread, const struct seen_task *task)
{
    const struct cpython *cpython = spread->picture->snapshot->cpython;
    const struct frame_view *frame = innermost(task);
    if (!frame || !frame_runs(cpython, frame, "/asyncio/tasks.py", "wait_for"))
        return;
    uint64_t timeout = frame_local(cpython, frame, "timeout");
    if (timeout && timeout != cpython->none)
        reach(spread, frame_local(cpython, frame, "fut"));
}

static void spread_all(struct spread *spread)
{
    const struct snapshot *snapshot = spread->picture->snapshot;
    for (size_t i = 0; i < snapshot->tasks.count; i++) {
        const struct seen_task *task = &snapshot->tasks.items[i];
        if (promises_timed(&spread->picture->promises, task->view.address))
            reach(spread, task->view.address);
        reach_waited_for(spread, task);
    }
    for (size_t i = 0; i < spread->cancelled.count; i++) {
        size_t number = snapshot_task(snapshot, spread->cancelled.items[i]);
        if (number == NOBODY) {
            reach_children(spread, spread->cancelled.items[i]);
            continue;
        }
        reach(spread, snapshot->tasks.items[number].view.waits_for);
        reach_group(spread, &snapshot->tasks.items[number]);
    }
}

bool deadline_ends(const struct wait_picture *picture, const struct wait_cycle *cycle)
{
    struct spread spread = {.picture = picture};
    bool ends = false, threads = false;
    spread_all(&spread);
    for (size_t i = 0; i < cycle->vertices.count; i++) {
        const struct wait_vertex *vertex = &picture->graph.vertices.items[cycle->vertices.items[i]];
        threads |= vertex->kind == VERTEX_THREAD || vertex->kind == VERTEX_LOOP;
        ends |= vertex->kind == VERTEX_TASK &&
                address_map_get(&spread.met, vertex->address) != ADDRESS_MAP_ABSENT;
    }
    vector_free(&spread.cancelled);
    address_map_free(&spread.met);
    return ends && !threads;
}
