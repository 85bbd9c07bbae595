/*
 * context_pairs.h: executor calls and tasks together with the context that their creator had when
 * it made them, where asyncio kept a copy of it: private to the rule about contexts.
 */
#ifndef STETH_ANALYSIS_CONTEXT_PAIRS_H
#define STETH_ANALYSIS_CONTEXT_PAIRS_H

#include "waits/build.h"

struct context_pair {
    uint64_t creator; /* the Context of the creator as it was then */
    size_t thread;    /* the worker that runs the call; NOBODY for a task */
    size_t task;      /* of a task group; NOBODY for a call */
    size_t awaiter;   /* the task that awaits the call; the parent task of the group; or NOBODY */
};

/*
 * run_in_executor() and wrap_future() tie the asyncio future to the one of the executor by a
 * callback (_chain_future, Lib/asyncio/futures.py, 3.8-3.15), and with a callback asyncio keeps a
 * copy of the context it was added in. False unless it is certain that this was when the call was
 * handed to the executor: somebody else who knows its future may have tied them later.
 */
bool context_pair_of_call(const struct snapshot *snapshot, size_t thread,
                          struct context_pair *pair);

/* TaskGroup.create_task() adds a callback right after it made the task (Lib/asyncio/taskgroups.py,
 * 3.11-3.15). */
bool context_pair_of_task(const struct snapshot *snapshot, size_t task, struct context_pair *pair);

/* Whether the worker still runs the same call. */
bool context_call_runs(const struct snapshot *snapshot, size_t thread);

#endif
