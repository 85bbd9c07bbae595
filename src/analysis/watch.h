/*
 * watch.h: a target's event loops and pools of workers over some time, by small reads at most
 * WATCH_RATE times a second, without stopping it: for `--for`.
 */
#ifndef STETH_ANALYSIS_WATCH_H
#define STETH_ANALYSIS_WATCH_H

#include "analysis/watch_loop.h"
#include "analysis/watch_pool.h"

/* Samples a second, at most; fewer where a sample costs so much that it would be felt. */
#define WATCH_RATE 20

struct watch {
    const struct cpython *cpython;
    struct cpython remembered;              /* of the sample that is being taken */
    const interpreter_vector *interpreters; /* borrowed */
    struct code_cache codes;
    VECTOR(struct watched_loop) loops;
    watched_pool_vector pools;
    uint64_t chance; /* state of the generator that spreads the samples */
};

/*
 * Watches for `seconds`, or until the target ends; with nothing to watch it waits for something.
 * The caller frees with watch_free.
 */
struct error *watch_take(const struct cpython *cpython, const interpreter_vector *interpreters,
                         double seconds, struct watch **watch);
void watch_free(struct watch *watch);

/* What was seen of a loop, and of the pool with that work queue; NULL: nothing. */
const struct watched_loop *watch_loop(const struct watch *watch, uint64_t loop);
const struct watched_pool *watch_pool(const struct watch *watch, uint64_t queue);

#endif
