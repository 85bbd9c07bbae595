#include "analysis/deadlock_kind.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"

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
static const struct deadlock_kind handover_deadlock = {
    "LOOP002",
    "self-deadlock",
    "tasks",
    {"between coroutines of one loop use asyncio.Event, asyncio.Queue or asyncio.Condition, and "
     "await "
     "them",
     "or wait for the other side in a thread: `await loop.run_in_executor(None, event.wait, 5)`",
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
/* Through an event, a queue, a future that the other one's code would see to. */
static const struct deadlock_kind task_handover_cycle = {
    "TASK001",
    "task-cycle",
    "tasks",
    {"set the event, put the item or complete the future before awaiting what the other task does",
     "or wait with a deadline, and look at what has become of the other one: "
     "`await asyncio.wait_for(event.wait(), 5)`",
     NULL},
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

static const struct deadlock_kind queue_cycle = {
    "LOCK001",
    "cross-thread-deadlock",
    "threads",
    {"let no thread put into a bounded queue while others wait for it to empty theirs: answer by a "
     "queue without a bound, or from a thread of its own",
     "or put with a time-out, and take what has come in between: `queue.put(item, timeout=1)`",
     NULL},
};

static const struct deadlock_kind event_cycle = {
    "LOCK001",
    "cross-thread-deadlock",
    "threads",
    {"set or notify what the others wait for before waiting for them, and hold no lock meanwhile",
     "or wait with a time-out, and look at what has become of the others: `event.wait(timeout=5)`",
     NULL},
};

/* Locks that threads take, with an event loop's thread among them. */
static const struct deadlock_kind cross_lock_deadlock = {
    "LOOP004",
    "cross-thread-deadlock",
    "tasks",
    {"take the locks in one order everywhere, in callbacks and coroutines of the loop, too",
     "or take them off the loop's thread, with a time-out: `lock.acquire(timeout=1)` in "
     "`loop.run_in_executor(None, ...)`",
     NULL},
};

static const struct deadlock_kind own_lock = {
    "LOCK001",
    "self-deadlock",
    "threads",
    {"use threading.RLock where the thread that holds it may take it again",
     "or take it once, and call what needs it with the lock already held", NULL},
};

static const struct deadlock_kind own_slots = {
    "LOCK001",
    "self-deadlock",
    "threads",
    {"take no second slot of a semaphore while a first is held, or all that are needed at once",
     "or acquire with a time-out and back off: `semaphore.acquire(timeout=1)`", NULL},
};

static const struct deadlock_kind *kind_of_self(const struct deadlock *deadlock)
{
    if (deadlock->queues)
        return &handover_deadlock;
    return deadlock->lock_of_task || !deadlock->loops ? &lock_deadlock : &self_deadlock;
}

static const struct deadlock_kind *kind_of(const struct deadlock *deadlock)
{
    if (deadlock->executors && deadlock->threads)
        return &starved;
    bool alone = deadlock->threads <= 1 && !(deadlock->threads && deadlock->other_loops);
    if (alone && (deadlock->loops || deadlock->runs_loop))
        return kind_of_self(deadlock);
    if (deadlock->loops || (deadlock->threads && deadlock->other_loops))
        return &cross_deadlock;
    if (deadlock->runs_loop)
        return deadlock->queues || !deadlock->locks ? &cross_deadlock : &cross_lock_deadlock;
    if (deadlock->threads && deadlock->queues)
        return deadlock->events == deadlock->queues ? &event_cycle : &queue_cycle;
    if (deadlock->threads)
        return deadlock->threads > 1 ? &lock_cycle : deadlock->slots ? &own_slots : &own_lock;
    if (deadlock->named)
        return &task_handover_cycle;
    return deadlock->locks || deadlock->executors ? &task_lock_cycle : &task_cycle;
}

void deadlock_see(const struct diagnosis *diagnosis, const struct wait_cycle *cycle,
                  struct deadlock *deadlock)
{
    *deadlock = (struct deadlock){.cycle = cycle};
    deadlock_count(diagnosis, deadlock);
    deadlock->kind = kind_of(deadlock);
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

/* What the loop's thread blocks on. */
static const char *blocks_on(const struct deadlock_kind *kind)
{
    if (kind == &lock_deadlock)
        return "a lock's release that";
    return kind == &handover_deadlock ? "what" : "a result that";
}

char *deadlock_summary(const struct deadlock *deadlock, const wait_chain *chain)
{
    const struct deadlock_kind *kind = deadlock->kind;
    _cleanup_free_ char *threads = names_of(chain, "thread");
    _cleanup_free_ char *tasks = names_of(chain, "task");
    _cleanup_free_ char *pools = names_of(chain, "executor");
    const char *function = chain->items[0].at.function;
    if (kind == &starved)
        return text_format("every worker of %s waits for work that is queued behind it", pools);
    if (deadlock->tasks == 1 && !deadlock->threads)
        return text_format("%s waits for itself", tasks);
    if (kind == &task_cycle || kind == &task_lock_cycle || kind == &task_handover_cycle)
        return text_format("%u tasks wait for one another: %s", deadlock->tasks, tasks);
    if (kind == &own_lock)
        return text_format("%s waits for a lock that it holds itself", threads);
    if (kind == &own_slots)
        return text_format("%s waits for a slot of a semaphore of which it holds one, and no "
                           "other holder gets on",
                           threads);
    if (kind == &lock_cycle || kind == &queue_cycle || kind == &event_cycle ||
        kind == &cross_lock_deadlock)
        return text_format("%u threads wait for one another: %s", deadlock->threads, threads);
    if (kind == &cross_deadlock && deadlock->threads == 1)
        return text_format("the event loop of %s waits, by way of another loop, for itself: %s() "
                           "blocks on what only this loop can bring about",
                           threads, function ? function : "a callback");
    if (kind == &cross_deadlock)
        return text_format("%u threads and their event loops wait for one another: %s",
                           deadlock->threads, threads);
    if (!deadlock->threads)
        return text_format("an event loop waits for itself: the loop that runs inside of one of "
                           "its callbacks ends with %s, which needs it",
                           tasks);
    return text_format("the event loop of %s waits for itself: %s() blocks on %s only this "
                       "loop can bring about",
                       threads, function ? function : "a callback", blocks_on(kind));
}
