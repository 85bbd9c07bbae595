/* Cycles of the wait-for graph that stood still between two looks. */
#include <string.h>

#include "analysis/diagnosis.h"
#include "base/cleanup.h"
#include "base/text.h"

struct deadlock {
    const struct wait_cycle *cycle;
    unsigned threads, loops, tasks, locks, executors;
    bool lock_of_task; /* a lock of threads that a suspended task holds */
};

struct deadlock_kind {
    const char *rule, *verdict, *confirm;
    const char *fix[3];
};

static const struct deadlock_kind self_deadlock = {
    "LOOP002",
    "self-deadlock",
    "tasks",
    {"await it instead of blocking: `await asyncio.wrap_future(f)`, or call the coroutine itself",
     "or move the blocking call off the loop, with a deadline: "
     "`await asyncio.wait_for(loop.run_in_executor(None, call), 5)`",
     NULL},
};
static const struct deadlock_kind lock_deadlock = {
    "LOOP002",
    "self-deadlock",
    "tasks",
    {"use asyncio.Lock between coroutines of one loop: `async with lock:`",
     "or release the lock before every await: take what is needed under the lock, await after it",
     NULL},
};
static const struct deadlock_kind cross_deadlock = {
    "LOOP004",
    "cross-thread-deadlock",
    "tasks",
    {"do not block a loop's thread on another thread: "
     "`await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(coroutine, other))`",
     "give every wait that crosses threads a deadline: `.result(timeout=5)`", NULL},
};
static const struct deadlock_kind task_cycle = {
    "TASK001",
    "task-cycle",
    "tasks",
    {"let one of them not await the others: pass results through a queue or a future",
     "or look at it with a deadline that cancels nobody: `await asyncio.wait({task}, timeout=5)`",
     NULL},
};
static const struct deadlock_kind task_lock_cycle = {
    "TASK001",
    "task-cycle",
    "tasks",
    {"take the locks in one order everywhere, or one lock for both",
     "or wait for a lock with a deadline: `await asyncio.wait_for(lock.acquire(), 5)`", NULL},
};
static const struct deadlock_kind starved = {
    "EXEC001",
    "executor-starved",
    "tasks",
    {"do not wait inside of a pool for work of the same pool: return the inner future, or call "
     "the function directly",
     "give nested work a pool of its own: `ThreadPoolExecutor(thread_name_prefix='inner')`", NULL},
};
static const struct deadlock_kind lock_cycle = {
    "LOCK001",
    "cross-thread-deadlock",
    "threads",
    {"take the locks in one order everywhere",
     "or acquire with a time-out and back off: "
     "`lock.acquire(timeout=1)`",
     NULL},
};

static void count(const struct diagnosis *diagnosis, struct deadlock *deadlock)
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
        if (vertex->kind == VERTEX_LOCK && need &&
            diagnosis->picture->graph.vertices.items[need->to].kind == VERTEX_TASK)
            deadlock->lock_of_task = true;
    }
}

static const struct deadlock_kind *kind_of(const struct deadlock *deadlock)
{
    if (deadlock->executors)
        return &starved;
    if (deadlock->loops && deadlock->threads <= 1)
        return deadlock->lock_of_task ? &lock_deadlock : &self_deadlock;
    if (deadlock->loops)
        return &cross_deadlock;
    if (deadlock->threads)
        return &lock_cycle;
    return deadlock->locks ? &task_lock_cycle : &task_cycle;
}

/* "MainThread and LoopB" */
static char *names_of(const wait_chain *chain, const char *kind)
{
    char *names = NULL;
    for (size_t i = 0; i < chain->count; i++) {
        if (strcmp(chain->items[i].kind, kind) != 0)
            continue;
        _cleanup_free_ char *before = names;
        names = before ? text_format("%s, %s", before, chain->items[i].name)
                       : strdup(chain->items[i].name ? chain->items[i].name : "?");
    }
    return names ? names : strdup("");
}

static char *summary_of(const struct deadlock_kind *kind, const struct deadlock *deadlock,
                        const wait_chain *chain)
{
    _cleanup_free_ char *threads = names_of(chain, "thread");
    _cleanup_free_ char *tasks = names_of(chain, "task");
    _cleanup_free_ char *pools = names_of(chain, "executor");
    const char *function = chain->items[0].at.function;
    if (kind == &starved)
        return text_format("every worker of %s waits for work that is queued behind it", pools);
    if (deadlock->tasks == 1 && !deadlock->threads)
        return text_format("%s waits for itself", tasks);
    if (kind == &task_cycle || kind == &task_lock_cycle)
        return text_format("%u tasks wait for one another: %s", deadlock->tasks, tasks);
    if (kind == &lock_cycle)
        return text_format("%u threads wait for one another: %s", deadlock->threads, threads);
    if (kind == &cross_deadlock)
        return text_format("%u threads and their event loops wait for one another: %s",
                           deadlock->threads, threads);
    return text_format("the event loop of %s waits for itself: %s() blocks on %s that only this "
                       "loop can bring about",
                       threads, function ? function : "a callback",
                       kind == &lock_deadlock ? "a lock's release" : "a result");
}

static struct place copy_place(const struct place *place)
{
    return (struct place){
        .file = place->file ? strdup(place->file) : NULL,
        .line = place->line,
        .function = place->function ? strdup(place->function) : NULL,
    };
}

/* The first node with a place is where to look. */
static const struct place *place_to_look_at(const wait_chain *chain)
{
    for (size_t i = 0; i < chain->count; i++)
        if (chain->items[i].at.file)
            return &chain->items[i].at;
    return &chain->items[0].at;
}

static void judge_loop(struct diagnosis *diagnosis, size_t loop, const struct deadlock_kind *kind,
                       const struct wait_cycle *cycle, const char *summary)
{
    struct loop_row *row = &diagnosis->report->loops.items[loop];
    if (row->cycle.count)
        return;
    size_t thread = diagnosis->snapshot->loops.items[loop].thread;
    uint64_t first = thread == NOBODY ? 0 : diagnosis->snapshot->threads.items[thread].address;
    (void)chain_of_cycle(diagnosis->picture, cycle, first, &row->cycle);
    row->cycle_closes = true;
    struct place place =
        row->cycle.count ? copy_place(place_to_look_at(&row->cycle)) : (struct place){0};
    loop_judge(diagnosis, loop, kind->verdict, CONFIDENCE_HIGH, strdup(summary), place);
}

/* Whether what `vertex` is stuck on leads into `cycle`. */
static bool leads_into(const struct wait_picture *picture, uint32_t vertex,
                       const struct wait_cycle *cycle)
{
    for (size_t steps = 0; steps <= picture->graph.vertices.count; steps++) {
        for (size_t i = 0; i < cycle->vertices.count; i++)
            if (cycle->vertices.items[i] == vertex)
                return true;
        const struct wait_edge *need = wait_graph_need(&picture->graph, vertex);
        if (!need || !need->owed)
            return false;
        vertex = need->to;
    }
    return false;
}

/* Loops that are part of the cycle, wait for it, or have a task that does. */
static void judge_loops(struct diagnosis *diagnosis, const struct deadlock_kind *kind,
                        const struct wait_cycle *cycle, const char *summary)
{
    const struct snapshot *snapshot = diagnosis->snapshot;
    for (size_t i = 0; i < snapshot->loops.count; i++) {
        uint32_t loop =
            wait_graph_find(&diagnosis->picture->graph, snapshot->loops.items[i].view.address);
        if (loop != VERTEX_NONE && !diagnosis->picture->graph.vertices.items[loop].moves &&
            leads_into(diagnosis->picture, loop, cycle))
            judge_loop(diagnosis, i, kind, cycle, summary);
    }
    for (size_t i = 0; i < snapshot->tasks.count; i++) {
        uint32_t task =
            wait_graph_find(&diagnosis->picture->graph, snapshot->tasks.items[i].view.address);
        if (snapshot->tasks.items[i].loop != NOBODY && task != VERTEX_NONE &&
            !diagnosis->picture->graph.vertices.items[task].moves &&
            leads_into(diagnosis->picture, task, cycle))
            judge_loop(diagnosis, snapshot->tasks.items[i].loop, kind, cycle, summary);
    }
}

static struct error *report_deadlock(struct diagnosis *diagnosis, const struct wait_cycle *cycle)
{
    struct deadlock deadlock = {.cycle = cycle};
    count(diagnosis, &deadlock);
    const struct deadlock_kind *kind = kind_of(&deadlock);
    wait_chain chain = {0};
    if (!chain_of_cycle(diagnosis->picture, cycle, diagnosis->main_thread, &chain) || !chain.count)
        return error_no_memory();
    _cleanup_free_ char *summary = summary_of(kind, &deadlock, &chain);
    judge_loops(diagnosis, kind, cycle, summary ? summary : "");
    struct finding *finding = NULL;
    if (look_wants(diagnosis->options, kind->rule))
        finding =
            report_add_finding(diagnosis->report, kind->rule, SEVERITY_ERROR, CONFIDENCE_HIGH);
    if (!finding) {
        wait_chain_free(&chain);
        return NULL;
    }
    finding->summary = take_pointer(&summary);
    finding_place(finding, place_to_look_at(&chain));
    for (size_t i = 0; kind->fix[i]; i++)
        finding_add_fix(finding, "%s", kind->fix[i]);
    finding->confirm = text_format("steth %s %d", kind->confirm, (int)diagnosis->pid);
    finding_add_number(finding, "observed", (int64_t)(diagnosis->standstill->seconds * 1e3), "ms");
    _cleanup_free_ char *identity = chain_identity(&chain);
    finding_identify(finding, identity ? identity : "");
    finding->chain = chain;
    finding->chain_closes = true;
    return NULL;
}

struct error *diagnose_cycles(struct diagnosis *diagnosis)
{
    const wait_cycle_vector *cycles = &diagnosis->picture->cycles;
    struct error *error = NULL;
    for (size_t i = 0; i < cycles->count && !error; i++)
        if (standstill_cycle(diagnosis->standstill, &cycles->items[i]))
            error = report_deadlock(diagnosis, &cycles->items[i]);
    return error;
}
