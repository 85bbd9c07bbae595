#include "waits/build.h"

#include <signal.h>

#include "os/signals.h"

/* Stands for all code that is not seen. */
#define ANYBODY_ADDRESS UINT64_C(1)

struct building {
    struct wait_picture *picture;
    struct snapshot *snapshot;
    struct wait_graph *graph;
    VECTOR(uint32_t) open;       /* vertices whose needs are still to be told */
    VECTOR(uint64_t) unpromised; /* what completers must be looked for */
    uint32_t anybody;
};

static struct wait_vertex *vertex_at(struct building *building, uint32_t number)
{
    return &building->graph->vertices.items[number];
}

static void moves(struct building *building, uint32_t vertex)
{
    if (vertex != VERTEX_NONE)
        vertex_at(building, vertex)->moves = true;
}

/* The vertex of `address`; what is met for the first time is looked into later. */
static uint32_t vertex_of(struct building *building, enum vertex_kind kind, uint64_t address)
{
    bool made;
    uint32_t vertex = wait_graph_vertex(building->graph, kind, address, &made);
    if (vertex != VERTEX_NONE && made && !vector_push(&building->open, vertex))
        building->graph->no_memory = true;
    return vertex;
}

static void need(struct building *building, uint32_t from, enum vertex_kind kind, uint64_t address,
                 bool owed, const char *why)
{
    wait_graph_edge(building->graph, from, vertex_of(building, kind, address), owed, why);
}

static void need_thread(struct building *building, uint32_t from, size_t thread, const char *why)
{
    need(building, from, VERTEX_THREAD, building->snapshot->threads.items[thread].address, true,
         why);
}

static enum vertex_kind kind_of_role(enum role role)
{
    switch (role) {
    case ROLE_TASK:
        return VERTEX_TASK;
    case ROLE_FUTURE:
    case ROLE_GATHER:
    case ROLE_CONCURRENT_FUTURE:
        return VERTEX_FUTURE;
    case ROLE_LOOP:
    case ROLE_LOOP_UV:
        return VERTEX_LOOP;
    case ROLE_THREAD_POOL:
    case ROLE_PROCESS_POOL:
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

/* ---- threads --------------------------------------------------------------------------------- */

/* A loop in its selector gets on only when something can wake it. */
static bool selector_can_wake(const struct snapshot *snapshot, const struct seen_thread *thread)
{
    if (thread->loop == NOBODY || !thread->in_loop_wait)
        return true;
    const struct seen_loop *loop = &snapshot->loops.items[thread->loop];
    return loop->view.role == ROLE_LOOP_UV || loop->own_io || loop->has_signals ||
           loop->view.ready != 0 || loop->view.scheduled != 0;
}

static void join_thread(struct building *building, uint32_t vertex, uint64_t object)
{
    int64_t ident = 0;
    uint64_t value = instance_get(building->snapshot->cpython, object, "_ident");
    size_t other = NOBODY;
    if (value && int_value(building->snapshot->cpython, value, &ident))
        other = snapshot_thread_of_ident(building->snapshot, (uint64_t)ident);
    if (other == NOBODY)
        moves(building, vertex); /* it has ended, or is no thread of Python */
    else
        need_thread(building, vertex, other, "waits for the end of");
}

/* Lib/importlib/_bootstrap.py, _ModuleLock: `owner` is the ident of the importing thread. */
static void await_import(struct building *building, uint32_t vertex, uint64_t lock)
{
    int64_t ident = 0;
    uint64_t value = instance_get(building->snapshot->cpython, lock, "owner");
    size_t other = NOBODY;
    if (value && int_value(building->snapshot->cpython, value, &ident))
        other = snapshot_thread_of_ident(building->snapshot, (uint64_t)ident);
    if (other == NOBODY)
        moves(building, vertex);
    else
        need_thread(building, vertex, other, "waits for the import by");
}

static void thread_needs(struct building *building, uint32_t vertex, size_t index)
{
    const struct seen_thread *thread = &building->snapshot->seen.items[index];
    const struct thread_wait *wait = &thread->wait;
    if (!thread->state_known || wait->timed ||
        (!wait->object && wait->kind != THREAD_IN_SELECTOR)) {
        moves(building, vertex);
        return;
    }
    enum role role = actors_role(building->snapshot->actors, wait->object);
    switch (wait->kind) {
    case THREAD_AWAITS_LOCK:
        need(building, vertex, VERTEX_LOCK, wait->object, true, "blocked on");
        break;
    case THREAD_AWAITS_SEMAPHORE:
        need(building, vertex, VERTEX_LOCK, wait->object, true, "blocked on");
        break;
    case THREAD_AWAITS_FUTURE:
        need(building, vertex, VERTEX_FUTURE, wait->object, true, "blocked in the result of");
        break;
    case THREAD_AWAITS_CONDITION:
    case THREAD_AWAITS_EVENT:
    case THREAD_AWAITS_QUEUE:
    case THREAD_AWAITS_BARRIER:
        need(building, vertex,
             kind_of_role(role) == VERTEX_LOCK ? VERTEX_QUEUE : kind_of_role(role), wait->object,
             true, "blocked on");
        break;
    case THREAD_AWAITS_THREAD:
        join_thread(building, vertex, wait->object);
        break;
    case THREAD_AWAITS_IMPORT:
        await_import(building, vertex, wait->object);
        break;
    case THREAD_IN_SELECTOR:
        if (selector_can_wake(building->snapshot, thread))
            moves(building, vertex);
        break;
    default:
        moves(building, vertex);
    }
}

/* ---- loops and tasks ------------------------------------------------------------------------- */

static void loop_needs(struct building *building, uint32_t vertex, uint64_t address)
{
    size_t index = snapshot_loop(building->snapshot, address);
    size_t thread = index == NOBODY ? NOBODY : building->snapshot->loops.items[index].thread;
    if (thread == NOBODY || building->snapshot->seen.items[thread].in_loop_wait)
        moves(building, vertex); /* it turns as soon as there is something to do */
    else
        need_thread(building, vertex, thread, "runs only in");
}

static void task_needs(struct building *building, uint32_t vertex, uint64_t address)
{
    struct snapshot *snapshot = building->snapshot;
    size_t index = snapshot_task(snapshot, address);
    if (index == NOBODY) {
        moves(building, vertex); /* done, or not seen */
        return;
    }
    const struct seen_task *task = &snapshot->tasks.items[index];
    if (promises_timed(&building->picture->promises, address)) {
        moves(building, vertex);
        return;
    }
    vertex_at(building, vertex)->needs_all = true;
    if (task->view.waits_for) {
        enum role role = actors_role(snapshot->actors, task->view.waits_for);
        need(building, vertex, kind_of_role(role), task->view.waits_for, true, "awaits");
    }
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

static void future_needs(struct building *building, uint32_t vertex, uint64_t address)
{
    struct future_view future;
    const struct promises *promises = &building->picture->promises;
    if (!future_read(building->snapshot->cpython, address, &future) ||
        future.state == FUTURE_FINISHED || future.state == FUTURE_CANCELLED) {
        moves(building, vertex);
        return;
    }
    uint32_t number = promises_for(promises, address);
    if (number == PROMISE_NONE && !vector_push(&building->unpromised, address))
        building->graph->no_memory = true;
    for (; number != PROMISE_NONE; number = promises->items.items[number].next)
        promise_needs(building, vertex, &promises->items.items[number]);
}

/* ---- locks and the like ---------------------------------------------------------------------- */

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
    for (size_t i = 0; i < holds->items.count; i++)
        if (hold_is_of(building->snapshot->cpython, &holds->items.items[i], lock)) {
            need_holder(building, vertex, &holds->items.items[i]);
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

static void lock_needs(struct building *building, uint32_t vertex, uint64_t lock)
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
    if (!vector_push(&building->unpromised, lock))
        building->graph->no_memory = true;
}

static void executor_needs(struct building *building, uint32_t vertex, uint64_t address)
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

static void tell_needs(struct building *building, uint32_t vertex)
{
    uint64_t address = vertex_at(building, vertex)->address;
    switch (vertex_at(building, vertex)->kind) {
    case VERTEX_THREAD: {
        uint32_t index = address_map_get(&building->snapshot->thread_of, address);
        if (index != ADDRESS_MAP_ABSENT)
            thread_needs(building, vertex, index);
        else
            moves(building, vertex);
        break;
    }
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
        if (!vector_push(&building->unpromised, address))
            building->graph->no_memory = true;
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

/* ---- what nobody has promised ---------------------------------------------------------------- */

static void need_completer(struct building *building, uint32_t vertex,
                           const struct completer *completer)
{
    switch (completer->kind) {
    case COMPLETER_ANYBODY:
        wait_graph_edge(building->graph, vertex, building->anybody, false, "could be moved by");
        break;
    case COMPLETER_UNSEEN:
        moves(building, vertex);
        break;
    case COMPLETER_THREAD:
        need(building, vertex, VERTEX_THREAD,
             building->snapshot->threads.items[completer->thread].address, false,
             "could be moved by");
        break;
    case COMPLETER_ACTOR:
        need(building, vertex, kind_of_role(completer->role), completer->object, false,
             "could be moved by");
        break;
    }
}

static struct error *look_for_completers(struct building *building, const struct heap_source *heap)
{
    struct completers *completers = &building->picture->completers;
    const struct census *index;
    struct roots *roots;
    size_t count = building->unpromised.count, first = completers->items.count;
    if (!count)
        return NULL;
    struct error *error = heap->prepare(heap->context, &index, &roots);
    if (!error)
        error = completers_find(building->snapshot, index, roots, building->unpromised.items, count,
                                completers);
    if (error)
        return error;
    for (size_t i = first; i < completers->items.count; i++) {
        const struct completer *completer = &completers->items.items[i];
        need_completer(building, wait_graph_find(building->graph, completer->target), completer);
    }
    for (size_t i = 0; completers->cut && i < count; i++)
        moves(building, wait_graph_find(building->graph, building->unpromised.items[i]));
    building->unpromised.count = 0;
    return NULL;
}

/* ---- the whole ------------------------------------------------------------------------------- */

/*
 * Whether a signal may start code at any moment. CPython itself catches SIGINT, faulthandler the
 * signals of faults, the C library two of its own: none of them brings anything about.
 */
static bool signals_may_act(const struct snapshot *snapshot)
{
    static const int idle[] = {SIGINT, SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, 32, 33};
    uint64_t caught = process_caught_signals(target_pid(snapshot->cpython->target));
    for (size_t i = 0; i < sizeof idle / sizeof *idle; i++)
        caught &= ~(UINT64_C(1) << (idle[i] - 1));
    return caught;
}

static void add_everybody(struct building *building)
{
    const struct snapshot *snapshot = building->snapshot;
    building->anybody = wait_graph_vertex(building->graph, VERTEX_ANYBODY, ANYBODY_ADDRESS, NULL);
    if (signals_may_act(snapshot))
        moves(building, building->anybody);
    for (size_t i = 0; i < snapshot->threads.count; i++)
        need(building, building->anybody, VERTEX_THREAD, snapshot->threads.items[i].address, false,
             "for instance");
    for (size_t i = 0; i < snapshot->loops.count; i++)
        (void)vertex_of(building, VERTEX_LOOP, snapshot->loops.items[i].view.address);
    for (size_t i = 0; i < snapshot->tasks.count; i++)
        (void)vertex_of(building, VERTEX_TASK, snapshot->tasks.items[i].view.address);
}

static struct error *build(struct wait_picture *picture, const struct heap_source *heap)
{
    struct building building = {
        .picture = picture, .snapshot = picture->snapshot, .graph = &picture->graph};
    add_everybody(&building);
    tell_open(&building);
    struct error *error = look_for_completers(&building, heap);
    /* What could complete them may itself wait for what nobody promised: once more is enough to
     * know that it is not stuck by itself. */
    tell_open(&building);
    if (!error)
        error = look_for_completers(&building, heap);
    tell_open(&building);
    for (size_t i = 0; i < building.unpromised.count; i++)
        moves(&building, wait_graph_find(building.graph, building.unpromised.items[i]));
    vector_free(&building.open);
    vector_free(&building.unpromised);
    if (error)
        return error;
    wait_graph_solve(&picture->graph);
    if (picture->graph.no_memory || !wait_graph_cycles(&picture->graph, &picture->cycles))
        return error_no_memory();
    return NULL;
}

struct error *wait_picture_take(const struct cpython *cpython,
                                const interpreter_vector *interpreters, struct actors *actors,
                                const struct heap_source *heap, struct wait_picture **out)
{
    struct wait_picture *picture = calloc(1, sizeof *picture);
    if (!picture)
        return error_no_memory();
    struct memo *memo = NULL;
    struct error *error = snapshot_take(cpython, interpreters, actors, &memo, &picture->snapshot);
    if (!error)
        error = promises_find(picture->snapshot, &picture->promises);
    if (!error)
        error = holds_find(picture->snapshot, &picture->holds);
    if (!error)
        error = build(picture, heap);
    target_memo_end(memo);
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
