/* What loops, tasks and futures need: a thread, each other, what was promised. */
#include "waits/needs.h"

void loop_needs(struct building *building, uint32_t vertex, uint64_t address)
{
    size_t index = snapshot_loop(building->snapshot, address);
    size_t thread = index == NOBODY ? NOBODY : building->snapshot->loops.items[index].thread;
    uint64_t behind = index == NOBODY ? 0 : building->snapshot->loops.items[index].behind;
    enum role role = behind ? actors_role(building->snapshot->actors, behind) : ROLE_NONE;
    if (role == ROLE_TASK || role == ROLE_FUTURE || role == ROLE_GATHER)
        need(building, vertex, kind_of_role(role), behind, true, "goes on after");
    else if (thread == NOBODY || building->snapshot->seen.items[thread].in_loop_wait)
        moves(building, vertex); /* it turns as soon as there is something to do */
    else
        need_thread(building, vertex, thread, "runs only in");
}

/* A task inside of which a loop runs (nest_asyncio lets its own do so) waits for that one's end. */
static void need_end_of_inner_loop(struct building *building, uint32_t vertex,
                                   const struct seen_task *task)
{
    const struct coroutine_view *first = task->chain.links.count ? task->chain.links.items : NULL;
    uint64_t behind = first && first->state == COROUTINE_RUNNING
                          ? snapshot_frame_behind(building->snapshot, first->frame.address)
                          : 0;
    if (behind)
        need(building, vertex, kind_of_role(actors_role(building->snapshot->actors, behind)),
             behind, true, "goes on after");
}

/*
 * Memory of a task that is gone can still look like one, in both pictures. One that waits has a
 * loop and a coroutine.
 */
static bool is_left_over(const struct seen_task *task)
{
    return task->loop == NOBODY && !task->chain.links.count;
}

void task_needs(struct building *building, uint32_t vertex, uint64_t address)
{
    struct snapshot *snapshot = building->snapshot;
    size_t index = snapshot_task(snapshot, address);
    if (index == NOBODY) {
        moves(building, vertex); /* done, or not seen */
        return;
    }
    const struct seen_task *task = &snapshot->tasks.items[index];
    if (is_left_over(task) || promises_timed(promises_of(building), address)) {
        moves(building, vertex);
        return;
    }
    vertex_at(building, vertex)->needs_all = true;
    if (task->view.waits_for) {
        enum role role = actors_role(snapshot->actors, task->view.waits_for);
        need(building, vertex, kind_of_role(role), task->view.waits_for, true, "awaits");
    }
    need_end_of_inner_loop(building, vertex, task);
    if (task->loop != NOBODY)
        need(building, vertex, VERTEX_LOOP, task->view.loop, true, "is run by");
    else if (!task->view.waits_for)
        moves(building, vertex);
}

/* ---- futures --------------------------------------------------------------------------------- */

static void start_needs(struct building *building, uint32_t vertex, const struct promise *promise)
{
    uint64_t coroutine = promise->through ? promise->through : promise->future + 1;
    bool made;
    uint32_t task = wait_graph_vertex(building->graph, VERTEX_TASK, coroutine, &made);
    wait_graph_edge(building->graph, vertex, task, true, "completed by");
    need(building, task, VERTEX_LOOP, promise->by, true, "must first be started by");
}

static void promise_needs(struct building *building, uint32_t vertex, const struct promise *promise)
{
    enum role role;
    switch (promise->kind) {
    case PROMISE_TIMER:
        need(building, vertex, VERTEX_LOOP, promise->by, true, "completed by a timer of");
        break;
    case PROMISE_CALLBACK:
        need(building, vertex, VERTEX_LOOP, promise->by, true,
             "completed by a callback that waits in");
        break;
    case PROMISE_START:
        start_needs(building, vertex, promise);
        break;
    case PROMISE_IO:
        need(building, vertex, VERTEX_LOOP, promise->by, true,
             "completed when a descriptor is ready, by");
        break;
    case PROMISE_ALL:
        vertex_at(building, vertex)->needs_all = true;
        /* fallthrough */
    case PROMISE_FUTURE:
        role = actors_role(building->snapshot->actors, promise->by);
        need(building, vertex, kind_of_role(role), promise->by, true, "completed by");
        break;
    case PROMISE_QUEUED:
        need(building, vertex, VERTEX_EXECUTOR, promise->by, true, "its work is queued in");
        break;
    case PROMISE_WORK:
        need(building, vertex, VERTEX_THREAD, promise->by, true, "completed by");
        break;
    case PROMISE_PROCESS:
        moves(building, vertex);
        break;
    case PROMISE_PRIMITIVE:
        role = actors_role(building->snapshot->actors, promise->by);
        need(building, vertex, kind_of_role(role), promise->by, true, "waits for");
        break;
    }
}

void future_needs(struct building *building, uint32_t vertex, uint64_t address)
{
    struct future_view future;
    if (actors_role(building->snapshot->actors, address) == ROLE_MP_RESULT) {
        pool_result_needs(building, vertex, address);
        return;
    }
    if (!future_read(building->snapshot->cpython, address, &future) ||
        future.state == FUTURE_FINISHED || future.state == FUTURE_CANCELLED) {
        moves(building, vertex);
        return;
    }
    const struct promises *promises = promises_of(building);
    uint32_t number = promises_for(promises, address);
    bool others = number == PROMISE_NONE;
    for (; number != PROMISE_NONE; number = promises->items.items[number].next) {
        others |= promises->items.items[number].foreign;
        promise_needs(building, vertex, &promises->items.items[number]);
    }
    if (others)
        need_somebody(building, address);
}
