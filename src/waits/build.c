#include "waits/needs.h"

#include <signal.h>

#include "os/signals.h"

void moves(struct building *building, uint32_t vertex)
{
    if (vertex != VERTEX_NONE)
        vertex_at(building, vertex)->moves = true;
}

const struct promises *promises_of(struct building *building)
{
    struct wait_picture *picture = building->picture;
    if (!picture->promised) {
        struct error *error = promises_find(picture->snapshot, &picture->promises);
        building->graph->no_memory |= error != NULL;
        error_free(error);
    }
    picture->promised = true;
    return &picture->promises;
}

const struct holds *holds_of(struct building *building)
{
    struct wait_picture *picture = building->picture;
    if (!picture->held) {
        struct error *error = holds_find(picture->snapshot, &picture->holds);
        building->graph->no_memory |= error != NULL;
        error_free(error);
    }
    picture->held = true;
    return &picture->holds;
}

/* The vertex of `address`; what is met for the first time is looked into later. */
uint32_t vertex_of(struct building *building, enum vertex_kind kind, uint64_t address)
{
    bool made;
    uint32_t vertex = wait_graph_vertex(building->graph, kind, address, &made);
    if (vertex != VERTEX_NONE && made && !vector_push(&building->open, vertex))
        building->graph->no_memory = true;
    return vertex;
}

void need(struct building *building, uint32_t from, enum vertex_kind kind, uint64_t address,
          bool owed, const char *why)
{
    wait_graph_edge(building->graph, from, vertex_of(building, kind, address), owed, why);
}

void need_thread(struct building *building, uint32_t from, size_t thread, const char *why)
{
    need(building, from, VERTEX_THREAD, building->snapshot->threads.items[thread].address, true,
         why);
}

enum vertex_kind kind_of_role(enum role role)
{
    switch (role) {
    case ROLE_TASK:
        return VERTEX_TASK;
    case ROLE_FUTURE:
    case ROLE_GATHER:
    case ROLE_CONCURRENT_FUTURE:
    case ROLE_MP_RESULT:
        return VERTEX_FUTURE;
    case ROLE_LOOP:
    case ROLE_LOOP_UV:
        return VERTEX_LOOP;
    case ROLE_THREAD_POOL:
    case ROLE_PROCESS_POOL:
    case ROLE_MP_POOL:
    case ROLE_LIMITER:
        return VERTEX_EXECUTOR;
    case ROLE_LOCK:
    case ROLE_RLOCK:
    case ROLE_CONDITION:
    case ROLE_SEMAPHORE:
    case ROLE_ASYNC_LOCK:
    case ROLE_ASYNC_CONDITION:
    case ROLE_ASYNC_SEMAPHORE:
        return VERTEX_LOCK;
    default:
        return VERTEX_QUEUE;
    }
}

void need_somebody(struct building *building, uint64_t address)
{
    if (!vector_push(&building->unpromised, address))
        building->graph->no_memory = true;
}

static void tell_needs(struct building *building, uint32_t vertex)
{
    uint64_t address = vertex_at(building, vertex)->address;
    switch (vertex_at(building, vertex)->kind) {
    case VERTEX_THREAD:
        thread_needs(building, vertex, address);
        break;
    case VERTEX_LOOP:
        loop_needs(building, vertex, address);
        break;
    case VERTEX_TASK:
        task_needs(building, vertex, address);
        break;
    case VERTEX_FUTURE:
        future_needs(building, vertex, address);
        break;
    case VERTEX_LOCK:
        lock_needs(building, vertex, address);
        break;
    case VERTEX_EXECUTOR:
        executor_needs(building, vertex, address);
        break;
    case VERTEX_QUEUE:
        queue_needs(building, vertex, address);
        break;
    case VERTEX_ANYBODY:
        break;
    }
}

static void tell_open(struct building *building)
{
    while (building->open.count && !building->graph->no_memory)
        tell_needs(building, building->open.items[--building->open.count]);
}

/* ---- the whole ------------------------------------------------------------------------------- */

/*
 * Whether a signal may start code at any moment. CPython itself catches SIGINT, faulthandler the
 * signals of faults, the C library two of its own: none of them brings anything about.
 */
static bool signals_may_act(const struct snapshot *snapshot)
{
    static const int idle[] = {SIGINT, SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, 32, 33};
    uint64_t caught = process_caught_signals(target_files(snapshot->cpython->target));
    for (size_t i = 0; i < sizeof idle / sizeof *idle; i++)
        caught &= ~(UINT64_C(1) << (idle[i] - 1));
    return caught;
}

/* `sought`: completers will be, among them code that is not seen. */
static void add_everybody(struct building *building, bool sought)
{
    const struct snapshot *snapshot = building->snapshot;
    building->anybody = wait_graph_vertex(building->graph, VERTEX_ANYBODY, ANYBODY_ADDRESS, NULL);
    if (sought && signals_may_act(snapshot))
        moves(building, building->anybody);
    for (size_t i = 0; i < snapshot->threads.count; i++)
        need(building, building->anybody, VERTEX_THREAD, snapshot->threads.items[i].address, false,
             "for instance");
    for (size_t i = 0; i < snapshot->loops.count; i++)
        (void)vertex_of(building, VERTEX_LOOP, snapshot->loops.items[i].view.address);
    for (size_t i = 0; i < snapshot->tasks.count; i++)
        (void)vertex_of(building, VERTEX_TASK, snapshot->tasks.items[i].view.address);
}

static struct error *build(struct wait_picture *picture, const struct heap_source *heap,
                           const struct wait_picture *earlier)
{
    struct building building = {.picture = picture,
                                .earlier = earlier,
                                .snapshot = picture->snapshot,
                                .graph = &picture->graph};
    if (heap)
        (void)holds_of(&building); /* what they show is compared with another picture's */
    add_everybody(&building, heap);
    tell_open(&building);
    struct error *error = building_find_completers(&building, heap);
    /* What could complete them may itself wait for what nobody promised: once more is enough to
     * know that it is not stuck by itself. */
    tell_open(&building);
    if (!error)
        error = building_find_completers(&building, heap);
    tell_open(&building);
    for (size_t i = 0; i < building.unpromised.count; i++)
        moves(&building, wait_graph_find(building.graph, building.unpromised.items[i]));
    vector_free(&building.open);
    vector_free(&building.unpromised);
    if (error)
        return error;
    wait_graph_solve(&picture->graph);
    if (heap)
        building_name_ends(&building);
    if (picture->graph.no_memory || !wait_graph_cycles(&picture->graph, &picture->cycles))
        return error_no_memory();
    return NULL;
}

static struct error *take(struct wait_picture *picture, const struct cpython *cpython,
                          const struct cpython *remembered, const interpreter_vector *interpreters,
                          struct actors *actors, const struct heap_source *heap,
                          const struct wait_picture *earlier)
{
    struct error *error =
        snapshot_take(cpython, remembered, interpreters, actors, !heap, &picture->snapshot);
    if (!error)
        error = build(picture, heap, earlier);
    return error;
}

struct error *wait_picture_take(const struct cpython *cpython,
                                const interpreter_vector *interpreters, struct actors *actors,
                                const struct heap_source *heap, const struct wait_picture *earlier,
                                struct wait_picture **out)
{
    struct wait_picture *picture = calloc(1, sizeof *picture);
    struct cpython remembered;
    if (!picture)
        return error_no_memory();
    cpython_remember(cpython, &remembered);
    actors->cpython = &remembered;
    struct error *error = take(picture, cpython, &remembered, interpreters, actors, heap, earlier);
    actors->cpython = cpython;
    cpython_forget(cpython, &remembered);
    if (picture->snapshot)
        picture->snapshot->cpython = cpython;
    if (error) {
        wait_picture_free(picture);
        return error;
    }
    *out = picture;
    return NULL;
}

void wait_picture_free(struct wait_picture *picture)
{
    if (!picture)
        return;
    promises_free(&picture->promises);
    holds_free(&picture->holds);
    completers_free(&picture->completers);
    wait_graph_free(&picture->graph);
    wait_cycles_free(&picture->cycles);
    snapshot_free(picture->snapshot);
    free(picture);
}

size_t picture_thread(const struct wait_picture *picture, uint32_t vertex)
{
    uint32_t index = address_map_get(&picture->snapshot->thread_of,
                                     picture->graph.vertices.items[vertex].address);
    return index == ADDRESS_MAP_ABSENT ? NOBODY : index;
}

bool picture_stuck(const struct wait_picture *picture, uint64_t address)
{
    uint32_t vertex = wait_graph_find(&picture->graph, address);
    return vertex != VERTEX_NONE && !picture->graph.vertices.items[vertex].moves;
}
