/*
 * roles.h: which part a type plays in concurrency, decided by the names along its MRO, so that
 * subclasses and every build's implementation (C or Python) count alike.
 */
#ifndef STETH_RUNTIME_ROLES_H
#define STETH_RUNTIME_ROLES_H

#include "object/object.h"

enum role {
    ROLE_NONE,
    ROLE_TASK,   /* _asyncio.Task, asyncio.tasks.Task (pure Python) */
    ROLE_FUTURE, /* _asyncio.Future, asyncio.futures.Future; not tasks */
    ROLE_GATHER, /* asyncio.tasks._GatheringFuture */
    ROLE_CONCURRENT_FUTURE,
    ROLE_LOOP,    /* asyncio.base_events.BaseEventLoop */
    ROLE_LOOP_UV, /* uvloop.loop.Loop */
    ROLE_HANDLE,  /* asyncio.events.Handle, uvloop's */
    ROLE_TIMER_HANDLE,
    ROLE_THREAD_POOL, /* concurrent.futures.thread.ThreadPoolExecutor */
    ROLE_PROCESS_POOL,
    ROLE_MP_POOL,   /* multiprocessing.pool.ThreadPool: workers are threads */
    ROLE_MP_RESULT, /* of it: ApplyResult, MapResult, IMapIterator */
    ROLE_WORK_ITEM, /* concurrent.futures.thread._WorkItem, .process._WorkItem */
    ROLE_THREAD,    /* threading.Thread */
    ROLE_LOCK,      /* _thread.lock */
    ROLE_RLOCK,     /* _thread.RLock, threading._RLock */
    ROLE_CONDITION, /* threading.* from here */
    ROLE_EVENT,
    ROLE_SEMAPHORE,
    ROLE_BARRIER,
    ROLE_QUEUE, /* queue.Queue and its subclasses */
    ROLE_SIMPLE_QUEUE,
    ROLE_ASYNC_LOCK, /* asyncio.locks.* from here */
    ROLE_ASYNC_CONDITION,
    ROLE_ASYNC_EVENT,
    ROLE_ASYNC_SEMAPHORE,
    ROLE_ASYNC_BARRIER,
    ROLE_ASYNC_QUEUE,       /* asyncio.queues.Queue */
    ROLE_WEAKREF,           /* weakref.ref and its subclasses */
    ROLE_GENERATOR_MANAGER, /* what contextlib.contextmanager and asynccontextmanager make */
    ROLE_CANCEL_SCOPE,      /* of anyio: fail_after(), move_on_after(), a task group's */
    ROLE_LIMITER,           /* anyio.CapacityLimiter */
    ROLE_EXIT_STACK,        /* contextlib.ExitStack, AsyncExitStack */
};

/* The role of instances of `type`, from the first class along its MRO that has one. */
/* Of asyncio's futures and what derives from them, and of concurrent.futures. */
static inline bool role_is_future(enum role role)
{
    return role == ROLE_TASK || role == ROLE_FUTURE || role == ROLE_GATHER ||
           role == ROLE_CONCURRENT_FUTURE;
}

enum role role_of_type(const struct cpython *cpython, uint64_t type);
enum role role_of(const struct cpython *cpython, uint64_t object);
const char *role_word(enum role role); /* "task", "future", "lock", "executor", "loop" … static */

#endif
