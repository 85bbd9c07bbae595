/*
 * held.h: who is inside of a `with` or `async with` block of what: running frames and suspended
 * coroutines whose value stack keeps the __exit__ to be called. A plain lock stores no owner; this
 * is how its holder is known. A block of contextlib.contextmanager holds what its generator is
 * inside of, one of an ExitStack what was entered into that. What was taken with acquire() is seen
 * where the finally block of the same frame begins with its release().
 */
#ifndef STETH_WAITS_HELD_H
#define STETH_WAITS_HELD_H

#include "waits/snapshot.h"

struct hold {
    uint64_t manager; /* the lock, condition, semaphore … that is held */
    enum role role;
    size_t thread;      /* whose frame it is; NOBODY for a suspended coroutine */
    uint64_t coroutine; /* suspended, 0 for a thread */
    struct frame_view frame;
    uint64_t wrapper; /* the object whose methods took it, which is likely only; 0: none */
    bool released;    /* told by the release() that its finally block begins with: likely only */
    bool async;       /* by an async with statement */
    uint64_t block;   /* of the with statement of that frame: the same, or what leads to it */
    struct frame_view within; /* the frame that has the lock itself: that one, or a generator's */
};

struct holds {
    VECTOR(struct hold) items;
    uint64_t unreadable; /* frames whose blocks cannot be known */
};

/* Looks through every frame of `snapshot` and every suspended coroutine. The caller frees. */
struct error *holds_find(struct snapshot *snapshot, struct holds *holds);
void holds_free(struct holds *holds);

/* Whether being inside of `hold` means holding `lock`: it is the lock, or a condition around it. */
bool hold_is_of(const struct cpython *cpython, const struct hold *hold, uint64_t lock);

/* Whether a hold is only likely; whether it is so who holds `lock`. */
static inline bool hold_likely(const struct hold *hold)
{
    return hold->wrapper || hold->released;
}

bool hold_is_likely(const struct snapshot *snapshot, const struct holds *holds, uint64_t lock);

/* released.c: whether whoever is inside of `hold` gave the lock back for a while: to wait in
 * Condition.wait(), or in a try block whose finally takes it again. */
bool hold_given_back(const struct snapshot *snapshot, const struct hold *hold, uint64_t lock);

#endif
