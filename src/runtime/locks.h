/*
 * locks.h: who holds the GIL, which lock a thread is parked on, what locks themselves say.
 */
#ifndef STETH_RUNTIME_LOCKS_H
#define STETH_RUNTIME_LOCKS_H

#include "os/thread_state.h"
#include "runtime/roles.h"
#include "runtime/runtime.h"

struct gil_view {
    bool known;
    bool locked;
    uint64_t holder;             /* PyThreadState, when locked */
    uint64_t wait_from, wait_to; /* futex addresses of those that wait for it lie in here */
    uint64_t mutex_from, mutex_to;
};
bool gil_read(const struct cpython *cpython, uint64_t interpreter, struct gil_view *gil);
bool gil_waits(const struct gil_view *gil, const struct thread_state *state);

struct lock_view {
    uint64_t address;
    enum role role; /* LOCK or RLOCK */
    bool locked;
    uint64_t owner_ident; /* RLock: pthread_t of the owner, 0 when free or a plain lock */
    int64_t depth;        /* RLock: recursion */
};
bool lock_read(const struct cpython *cpython, uint64_t object, struct lock_view *view);

/*
 * The lock object (_thread.lock, RLock, a SimpleQueue's own) on which a thread is parked according
 * to the kernel (its futex) and its C stack; 0 when it is none or cannot be told. Works on a
 * running target: reads the stack memory only.
 */
uint64_t lock_waited_for(const struct cpython *cpython, const struct thread_state *state);

#endif
