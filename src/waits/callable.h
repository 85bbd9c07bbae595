/*
 * callable.h: the futures and tasks that a callback has at hand: bound to it, in its closure, among
 * its arguments.
 */
#ifndef STETH_WAITS_CALLABLE_H
#define STETH_WAITS_CALLABLE_H

#include "waits/actors.h"

typedef bool (*visit_actor)(void *context, uint64_t object, enum role role);

/*
 * Visits the tasks, futures and coroutines (role NONE) that `object` leads to: through closures,
 * cells, tuples, partials, the object that a method is bound to and that object's attributes.
 */
void callable_visit(struct actors *actors, uint64_t object, visit_actor visit, void *context);

/*
 * The same for everything that `object` leads to through containers and instances, some steps deep:
 * what a callback may come to complete. Bounded; does not go through loops, tasks and futures.
 */
void callable_reach(struct actors *actors, uint64_t object, visit_actor visit, void *context);

/* The qualified name of the Python function behind a callback; NULL when it has none. The caller
 * frees. */
char *callable_name(const struct cpython *cpython, uint64_t callback);

#endif
