/*
 * halves.h: work on a range of nodes, split between two threads. Private to the graph algorithms.
 * Each half is of nodes that only it writes, so that the result never depends on who was faster.
 */
#ifndef STETH_HEAP_HALVES_H
#define STETH_HEAP_HALVES_H

#include <stdint.h>

/* Does what there is to do for the nodes low … high - 1. */
typedef void halves_work(void *context, uint32_t low, uint32_t high);

/*
 * Calls `work` for 0 … count: at once for each half when `steps` are enough to be worth a thread
 * and there are two processors, else once for all.
 */
void halves_run(uint32_t count, uint64_t steps, halves_work *work, void *context);

#endif
