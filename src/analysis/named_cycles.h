/*
 * named_cycles.h: cycles of tasks through what nobody owes, but the code of one of them names; for
 * tasks that are known to wait for what nothing alive can complete. Private to orphans.c.
 */
#ifndef STETH_ANALYSIS_NAMED_CYCLES_H
#define STETH_ANALYSIS_NAMED_CYCLES_H

#include "analysis/diagnosis.h"

struct named_cycles {
    VECTOR(uint32_t) first; /* a vertex of each that was reported */
};

/* Reports the cycle that `task` is part of, unless it leads into one that is known. */
struct error *named_cycle_report(struct diagnosis *diagnosis, size_t task,
                                 struct named_cycles *cycles);

/* Whether `task` is part of one of them, or waits for it. */
bool named_cycles_lead(const struct diagnosis *diagnosis, size_t task,
                       const struct named_cycles *cycles);

#endif
