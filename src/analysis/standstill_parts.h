/* standstill_parts.h: between the files of the standstill. */
#ifndef STETH_ANALYSIS_STANDSTILL_PARTS_H
#define STETH_ANALYSIS_STANDSTILL_PARTS_H

#include "analysis/standstill.h"

/* The thread of the loop runs something else than its wait for events. */
bool standstill_loop_busy(const struct snapshot *snapshot, const struct seen_loop *loop);

#endif
