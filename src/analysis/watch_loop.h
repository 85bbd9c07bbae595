/*
 * watch_loop.h: one sample of a loop that runs: a few small reads of its thread's frames.
 */
#ifndef STETH_ANALYSIS_WATCH_LOOP_H
#define STETH_ANALYSIS_WATCH_LOOP_H

#include "analysis/watch_code.h"
#include "analysis/watch_series.h"
#include "runtime/asyncio.h"

struct watched_loop {
    uint64_t address;
    enum role role;
    struct thread_view thread; /* that runs it; without its name */
    bool runs;                 /* when threads were last listed */
    uint64_t ready;            /* its deque, 0: not told */
    struct deque_counts counts;
    bool counted;              /* `counts` are of the sample before */
    uint64_t added, taken;     /* callbacks, while it was watched */
    struct frame_view turn;    /* the frame that last was its _run_once; address 0: none */
    struct frame_view beneath; /* the innermost frame while it waited: what runs the loop */
    double began;              /* when it was first sampled */
    struct loop_series series;
};

/* Takes a sample, or none where the thread turned out not to run the loop. False: no memory. */
bool watched_loop_sample(struct code_cache *codes, struct watched_loop *loop);

#endif
