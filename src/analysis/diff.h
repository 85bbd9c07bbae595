/*
 * diff.h: what changed between looks at a process, or at different ones: reports in, a section out.
 *
 * Growth is told from noise by one criterion (noise.h); with more than two looks there must be more
 * at the end of every interval.
 */
#ifndef STETH_ANALYSIS_DIFF_H
#define STETH_ANALYSIS_DIFF_H

#include "finding/report.h"

/*
 * Compares `earlier` (in the order of time, at least one) with `last`, called `names` (one more).
 * Fills last->diff; of the findings of `last` those stay that `earlier` do not have.
 */
struct error *diff_reports(const struct report *const *earlier, size_t count,
                           const char *const *names, struct report *last);

#endif
