/*
 * parked.h: private to this room: how the locks of this build look inside, and where the kernel
 * says that a thread sleeps.
 */
#ifndef STETH_RUNTIME_PARKED_H
#define STETH_RUNTIME_PARKED_H

#include "runtime/locks.h"

/* The word that the thread waits for in futex(2); false when it waits for something else. */
bool parked_futex(const struct thread_state *state, uint64_t *futex);

enum lock_kind {
    LOCK_KIND_NONE,      /* not a lock in C, or one of an unknown build */
    LOCK_KIND_SEMAPHORE, /* `place` holds a pointer to a semaphore */
    LOCK_KIND_MUTEX,     /* `place` is a mutex of one byte that waiters park on */
};

/* How `object` locks, by its role and the size of its type, which proves the build's choice. */
enum lock_kind lock_kind_of(const struct cpython *cpython, uint64_t object, enum role role,
                            uint64_t *place);

#endif
