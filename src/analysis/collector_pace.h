/* collector_pace.h: whether a collection that is not due yet is on its way. */
#ifndef STETH_ANALYSIS_COLLECTOR_PACE_H
#define STETH_ANALYSIS_COLLECTOR_PACE_H

#include "analysis/look.h"

/*
 * Whether a collection of `generation` will come within minutes if the program goes on allocating
 * as it does now; watches it for a moment. False when it does not allocate at all,
 * or when nothing moves: a target that is not live.
 */
bool collection_comes_soon(const struct look *look, size_t interpreter, unsigned generation);

/* The same for a whole pass of the incremental collector over the heap (CPython 3.14.0 to 3.14.4).
 */
bool incremental_pass_comes_soon(const struct look *look, size_t interpreter);

#endif
