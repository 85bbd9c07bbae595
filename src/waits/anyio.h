/*
 * anyio.h: what anyio (3, 4) keeps of its own beside asyncio: scopes that cancel tasks in time, and
 * limiters of how many may work at once.
 */
#ifndef STETH_WAITS_ANYIO_H
#define STETH_WAITS_ANYIO_H

#include "waits/callable.h"

/* The scope that `callback`, a bound method, is one of; 0 when it is something else. */
uint64_t cancel_scope_of(struct actors *actors, uint64_t callback);

/* Visits the tasks that a scope cancels: its own, and those of scopes within that are not shielded.
 */
void cancel_scope_visit(struct actors *actors, uint64_t scope, visit_actor visit, void *context);

/* Visits the events for which those wait that a limiter lets work next. */
void limiter_waiting_visit(struct actors *actors, uint64_t limiter, visit_actor visit,
                           void *context);

/* Visits those that a limiter lets work now. False when there is room for more. */
bool limiter_borrowers_visit(struct actors *actors, uint64_t limiter, visit_actor visit,
                             void *context);

#endif
