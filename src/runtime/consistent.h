/*
 * consistent.h: a snapshot (target/fork_snapshot.h) of an instant at which no collection runs, for
 * while one does the heads of objects hold counts in place of links.
 */
#ifndef STETH_RUNTIME_CONSISTENT_H
#define STETH_RUNTIME_CONSISTENT_H

#include "runtime/runtime.h"

struct consistent_snapshot {
    struct target *target; /* released with target_close */
    double paused_ms;      /* all attempts together */
    bool collecting;       /* there was no such instant: the last one lies within a collection */
};

/* Repeats until the instant is a good one, or often enough. */
struct error *consistent_take(const struct cpython *cpython, const interpreter_vector *interpreters,
                              struct consistent_snapshot *snapshot);

/* To be asked when all is read: an error when the snapshot ended before, so that parts are missing.
 */
struct error *consistent_check(const struct target *snapshot);

#endif
