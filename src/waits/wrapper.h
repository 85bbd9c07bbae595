/*
 * wrapper.h: the locks that an object of the program's own class holds in its with block: those
 * that its __enter__ acquires and does not release, and its __exit__ releases and does not acquire.
 * Told by the names in their code, so it is likely, not certain.
 */
#ifndef STETH_WAITS_WRAPPER_H
#define STETH_WAITS_WRAPPER_H

#include "waits/actors.h"

/* Locks, conditions, semaphores: of threads and of asyncio. */
bool is_lockable(enum role role);

/*
 * Visits the locks that `manager` holds inside of an `async with`, or `with`, block. False when
 * objects of its class never hold any.
 */
typedef void (*visit_lock)(void *context, uint64_t lock);
bool wrapper_locks_visit(struct actors *actors, uint64_t manager, bool async, visit_lock visit,
                         void *context);

#endif
