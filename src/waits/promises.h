/*
 * promises.h: which futures something in sight is going to complete: a timer or callback of a
 * loop, a registered descriptor, another future's callbacks, the work item of an executor, a lock
 * or queue of asyncio whose waiter it is. Found forwards, from what will act; what is not among
 * them is looked for backwards (completers.h).
 */
#ifndef STETH_WAITS_PROMISES_H
#define STETH_WAITS_PROMISES_H

#include "waits/snapshot.h"

enum promise_kind {
    PROMISE_TIMER,     /* by: the loop */
    PROMISE_CALLBACK,  /* by: the loop, which has it ready to run */
    PROMISE_START,     /* by: the loop, which has to start coroutine `through` first */
    PROMISE_IO,        /* by: the loop, when a descriptor is ready */
    PROMISE_FUTURE,    /* by: another future or task, whose callback completes it */
    PROMISE_ALL,       /* the same, when all such futures are done (gather) */
    PROMISE_QUEUED,    /* by: an executor, in whose queue its work lies */
    PROMISE_WORK,      /* by: a thread (PyThreadState) that runs its work */
    PROMISE_PROCESS,   /* by: another process */
    PROMISE_PRIMITIVE, /* by: a lock, queue, event of asyncio whose waiter it is */
};

struct promise {
    uint64_t future;
    uint64_t by;
    uint64_t through; /* PROMISE_START: the coroutine */
    double when;      /* PROMISE_TIMER: CLOCK_MONOTONIC seconds, or NAN */
    int descriptor;   /* PROMISE_IO */
    enum promise_kind kind;
    bool foreign;  /* by a callback of the program, not asyncio's: others may do so, too */
    uint32_t next; /* of the same future */
};

#define PROMISE_NONE UINT32_MAX

struct promises {
    VECTOR(struct promise) items;
    struct address_map first; /* future -> newest promise */
    struct address_map timed; /* tasks and futures that a timer will cancel or complete */
};

struct error *promises_find(struct snapshot *snapshot, struct promises *promises);
void promises_free(struct promises *promises);

/* The newest promise for `future`, PROMISE_NONE when there is none. */
uint32_t promises_for(const struct promises *promises, uint64_t future);
/* Whether a timer is going to end the wait of this task. */
bool promises_timed(const struct promises *promises, uint64_t task);

#endif
