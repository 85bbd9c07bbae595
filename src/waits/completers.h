/*
 * completers.h: who could complete a future (or move an event, queue, condition) that nothing has
 * promised to: everything that refers to it, found backwards from it until threads, tasks, other
 * futures, loops' handles or globals are met.
 */
#ifndef STETH_WAITS_COMPLETERS_H
#define STETH_WAITS_COMPLETERS_H

#include "heap/holders.h"
#include "waits/snapshot.h"

enum completer_kind {
    COMPLETER_ACTOR,   /* a task, future, coroutine, handle, loop or executor: `object` */
    COMPLETER_THREAD,  /* a running frame's variable: `frame` */
    COMPLETER_ANYBODY, /* a global: whoever runs */
    COMPLETER_UNSEEN,  /* C code or the interpreter itself: a signal handler, a library */
};

struct completer {
    uint64_t target;
    enum completer_kind kind;
    uint64_t object;
    uint64_t holder; /* what of the actor refers to it: itself, its coroutine, its handle */
    enum role role;
    size_t thread;
    bool after; /* not the actor itself, but code that goes on after its end */
};

struct completers {
    VECTOR(struct completer) items;
    bool cut; /* the search met a limit: nothing may be concluded */
};

/*
 * Searches for all of `targets` at once, and appends. `index` and `roots`: a census with buffers
 * and the roots collected with it. `anybody_moves`: code that is not seen gets on, so that for an
 * event, queue or condition that it can get at nobody else is searched for.
 */
struct error *completers_find(struct snapshot *snapshot, const struct census *index,
                              struct roots *roots, const uint64_t *targets, size_t count,
                              bool anybody_moves, struct completers *completers);

/* The same for what refers to the targets other than weakly. */
struct error *referrers_find(struct snapshot *snapshot, const struct census *index,
                             struct roots *roots, const uint64_t *targets, size_t count,
                             struct completers *completers);
void completers_free(struct completers *completers);

#endif
