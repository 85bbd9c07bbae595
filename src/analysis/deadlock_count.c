/* What takes part in a cycle of waits. */
#include "analysis/deadlock_kind.h"

static bool runs_loop(const struct diagnosis *diagnosis, uint32_t vertex)
{
    size_t thread = picture_thread(diagnosis->picture, vertex);
    return thread != NOBODY && diagnosis->snapshot->seen.items[thread].loop != NOBODY;
}

static bool has_thread(const struct diagnosis *diagnosis, const struct deadlock *deadlock,
                       size_t thread)
{
    for (size_t i = 0; i < deadlock->cycle->vertices.count; i++)
        if (picture_thread(diagnosis->picture, deadlock->cycle->vertices.items[i]) == thread)
            return true;
    return false;
}

/* A task of a loop that another thread runs. */
static bool lives_elsewhere(const struct diagnosis *diagnosis, const struct deadlock *deadlock,
                            uint64_t address)
{
    const struct snapshot *snapshot = diagnosis->snapshot;
    size_t task = snapshot_task(snapshot, address);
    size_t loop = task == NOBODY ? NOBODY : snapshot->tasks.items[task].loop;
    size_t thread = loop == NOBODY ? NOBODY : snapshot->loops.items[loop].thread;
    return thread != NOBODY && !has_thread(diagnosis, deadlock, thread);
}

static bool is_generator(const struct diagnosis *diagnosis, const struct wait_vertex *vertex)
{
    return vertex->kind == VERTEX_QUEUE &&
           snapshot_is_generator(diagnosis->snapshot, vertex->address);
}

static bool is_event(const struct diagnosis *diagnosis, const struct wait_vertex *vertex)
{
    enum role role = actors_role(diagnosis->snapshot->actors, vertex->address);
    return vertex->kind == VERTEX_QUEUE &&
           (role == ROLE_EVENT || role == ROLE_CONDITION || role == ROLE_BARRIER);
}

/* Whether the need of vertex `index` is known by the names in the code only. */
static bool is_named(const struct diagnosis *diagnosis, const struct deadlock *deadlock,
                     size_t index)
{
    const struct wait_cycle *cycle = deadlock->cycle;
    uint32_t next = cycle->vertices.items[(index + 1) % cycle->vertices.count];
    const struct wait_edge *edge =
        wait_graph_between(&diagnosis->picture->graph, cycle->vertices.items[index], next);
    return edge && edge->named;
}

/* What holds a lock while it is suspended. */
static bool is_put_aside(const struct diagnosis *diagnosis, uint32_t number)
{
    const struct wait_vertex *vertex = &diagnosis->picture->graph.vertices.items[number];
    return vertex->kind == VERTEX_TASK || is_generator(diagnosis, vertex);
}

void deadlock_count(const struct diagnosis *diagnosis, struct deadlock *deadlock)
{
    for (size_t i = 0; i < deadlock->cycle->vertices.count; i++) {
        uint32_t number = deadlock->cycle->vertices.items[i];
        const struct wait_vertex *vertex = &diagnosis->picture->graph.vertices.items[number];
        const struct wait_edge *need = wait_graph_need(&diagnosis->picture->graph, number);
        deadlock->threads += vertex->kind == VERTEX_THREAD;
        deadlock->loops += vertex->kind == VERTEX_LOOP;
        deadlock->tasks += vertex->kind == VERTEX_TASK;
        deadlock->executors += vertex->kind == VERTEX_EXECUTOR;
        deadlock->locks += vertex->kind == VERTEX_LOCK;
        deadlock->queues += vertex->kind == VERTEX_QUEUE && !is_generator(diagnosis, vertex);
        deadlock->named |= is_named(diagnosis, deadlock, i);
        deadlock->events += is_event(diagnosis, vertex);
        deadlock->slots |=
            vertex->kind == VERTEX_LOCK &&
            actors_role(diagnosis->snapshot->actors, vertex->address) == ROLE_SEMAPHORE;
        deadlock->other_loops |=
            vertex->kind == VERTEX_TASK && lives_elsewhere(diagnosis, deadlock, vertex->address);
        deadlock->runs_loop |= vertex->kind == VERTEX_THREAD && runs_loop(diagnosis, number);
        if (vertex->kind == VERTEX_LOCK && need && is_put_aside(diagnosis, need->to))
            deadlock->lock_of_task = true;
    }
}
