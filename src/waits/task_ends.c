/* What tasks wait for that nobody owes, and whose code would bring it about. */
#include "waits/needs.h"

#include "waits/code_use.h"

/* More ends, or tasks and threads that might see to one, are not looked at. */
#define ENDS_MAX  32
#define TASKS_MAX 500

/* Nothing owes it, and whoever might is stuck, too. */
static bool is_dead_end(const struct wait_vertex *vertex)
{
    return !vertex->moves && (vertex->kind == VERTEX_FUTURE || vertex->kind == VERTEX_QUEUE ||
                              vertex->kind == VERTEX_LOCK);
}

uint32_t picture_dead_end(const struct wait_picture *picture, uint32_t task)
{
    uint32_t vertex = task;
    for (int steps = 0; steps < 8; steps++) {
        const struct wait_edge *need = wait_graph_need(&picture->graph, vertex);
        if (!need || !need->owed)
            return vertex != task && is_dead_end(&picture->graph.vertices.items[vertex])
                       ? vertex
                       : VERTEX_NONE;
        vertex = need->to;
        enum vertex_kind kind = picture->graph.vertices.items[vertex].kind;
        if (kind == VERTEX_TASK || kind == VERTEX_THREAD || kind == VERTEX_LOOP)
            return VERTEX_NONE;
    }
    return VERTEX_NONE;
}

/* ---- what is to be done ---------------------------------------------------------------------- */

/* A coroutine of asyncio that waits, and what lets it go on (Lib/asyncio/locks.py and queues.py,
 * 3.8-3.15). */
static const struct awaiting_call {
    const char *file, *function;
    enum role role;        /* of self */
    const char *method[2]; /* of the same object */
    const char *why;
} calls[] = {
    {"/asyncio/queues.py", "Queue.put", ROLE_ASYNC_QUEUE, {"get", "get_nowait"}, "emptied by"},
    {"/asyncio/queues.py", "Queue.get", ROLE_ASYNC_QUEUE, {"put", "put_nowait"}, "filled by"},
    {"/asyncio/queues.py", "Queue.join", ROLE_ASYNC_QUEUE, {"task_done", NULL}, "worked off by"},
    {"/asyncio/locks.py", "Event.wait", ROLE_ASYNC_EVENT, {"set", NULL}, "set by"},
    {"/asyncio/locks.py",
     "Condition.wait",
     ROLE_ASYNC_CONDITION,
     {"notify", "notify_all"},
     "notified by"},
    {"/asyncio/locks.py", "Lock.acquire", ROLE_ASYNC_LOCK, {"release", NULL}, "released by"},
    {"/asyncio/locks.py",
     "Semaphore.acquire",
     ROLE_ASYNC_SEMAPHORE,
     {"release", NULL},
     "released by"},
};

/* A future that is awaited itself. */
static const struct awaiting_call of_future = {
    NULL, NULL, ROLE_FUTURE, {"set_result", "set_exception"}, "completed by"};

struct end {
    const struct awaiting_call *call;
    uint64_t object;
    uint32_t vertex;
};

/* The outermost tells most: Queue.join() waits in Event.wait(). */
static bool call_of_frame(const struct snapshot *snapshot, const struct frame_view *frame,
                          struct end *end)
{
    for (size_t i = 0; frame->address && i < sizeof calls / sizeof *calls; i++) {
        if (!frame_runs(snapshot->cpython, frame, calls[i].file, calls[i].function))
            continue;
        end->object = frame_local(snapshot->cpython, frame, "self");
        end->call = &calls[i];
        if (actors_role(snapshot->actors, end->object) == calls[i].role)
            return true;
    }
    return false;
}

static bool end_of(const struct building *building, const struct seen_task *task, struct end *end)
{
    const struct snapshot *snapshot = building->snapshot;
    uint32_t number = wait_graph_find(building->graph, task->view.address);
    if (number == VERTEX_NONE || vertex_at(building, number)->moves)
        return false;
    end->vertex = picture_dead_end(building->picture, number);
    if (end->vertex == VERTEX_NONE)
        return false;
    for (size_t i = 0; i < task->chain.links.count; i++)
        if (call_of_frame(snapshot, &task->chain.links.items[i].frame, end))
            return true;
    end->call = &of_future;
    end->object = vertex_at(building, end->vertex)->address;
    return actors_role(snapshot->actors, end->object) == ROLE_FUTURE;
}

/* ---- who would do it ------------------------------------------------------------------------- */

static void name_task(struct building *building, const struct end *end, const struct seen_task *by)
{
    uint32_t number = wait_graph_find(building->graph, by->view.address);
    bool uses = false;
    if (number == VERTEX_NONE || vertex_at(building, number)->moves ||
        picture_dead_end(building->picture, number) == end->vertex)
        return;
    for (size_t i = 0; i < 2 && end->call->method[i] && !uses; i++)
        uses =
            task_code_use(building->snapshot, by, end->object, end->call->method[i]) == CODE_USES;
    if (uses)
        wait_graph_named_edge(building->graph, end->vertex, number, end->call->why);
}

static void name_thread(struct building *building, const struct end *end, size_t thread)
{
    const struct snapshot *snapshot = building->snapshot;
    uint32_t number = wait_graph_find(building->graph, snapshot->threads.items[thread].address);
    bool uses = false;
    if (number == VERTEX_NONE || vertex_at(building, number)->moves)
        return;
    for (size_t i = 0; i < 2 && end->call->method[i] && !uses; i++)
        uses = thread_code_use(snapshot, &snapshot->seen.items[thread], end->object,
                               end->call->method[i], true) == CODE_USES;
    if (uses)
        wait_graph_named_edge(building->graph, end->vertex, number, end->call->why);
}

void building_name_ends(struct building *building)
{
    const struct snapshot *snapshot = building->snapshot;
    struct address_map done = {0};
    for (size_t i = 0; i < snapshot->tasks.count && done.count < ENDS_MAX; i++) {
        struct end end;
        if (!end_of(building, &snapshot->tasks.items[i], &end))
            continue;
        uint64_t key = vertex_at(building, end.vertex)->address;
        if (address_map_get(&done, key) != ADDRESS_MAP_ABSENT)
            continue;
        if (!address_map_put(&done, key, 1))
            building->graph->no_memory = true;
        for (size_t k = 0; k < snapshot->tasks.count && k < TASKS_MAX; k++)
            name_task(building, &end, &snapshot->tasks.items[k]);
        for (size_t k = 0; k < snapshot->seen.count && k < TASKS_MAX; k++)
            name_thread(building, &end, k);
    }
    address_map_free(&done);
}
