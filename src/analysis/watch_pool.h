/*
 * watch_pool.h: samples of the workers of thread pools. A pool is known by its work queue, which
 * each of its workers has in a local of its outermost function, beside the item that it runs.
 */
#ifndef STETH_ANALYSIS_WATCH_POOL_H
#define STETH_ANALYSIS_WATCH_POOL_H

#include "analysis/watch_code.h"

struct watched_worker {
    struct thread_view thread; /* without its name */
    struct frame_view frame;   /* of _worker */
    bool there;                /* when threads were last listed */
    uint64_t item;             /* that it runs; 0: none */
    double since;              /* when that item was first seen */
    uint64_t samples;          /* that saw it without a break */
};

struct watched_pool {
    uint64_t queue;
    VECTOR(struct watched_worker) workers;
    double began, last;
    uint64_t samples, busy_sum;
    int64_t busy_max, queued_first, queued_last, queued_max; /* -1: not told */
    double oldest; /* seconds that one call was seen to run for; 0: none */
    /* Where that call was when it was last looked at; CALL_UNKNOWN: not told. */
    uint32_t oldest_function;
    unsigned oldest_line;
};
typedef VECTOR(struct watched_pool) watched_pool_vector;

/* Finds the workers among the frames of all threads. False: no memory. */
bool watched_pools_list(struct code_cache *codes, const thread_vector *threads,
                        const frame_vector *frames, watched_pool_vector *pools);

void watched_pool_sample(struct code_cache *codes, double when, struct watched_pool *pool);

/* When the call of `item` in a thread was first seen, if it was there up to the end; NAN. */
double watched_call_since(const watched_pool_vector *pools, uint64_t thread, uint64_t item);

void watched_pools_free(watched_pool_vector *pools);

#endif
