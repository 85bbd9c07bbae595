/* limits.h: what a look at something else than a running process cannot tell. */
#ifndef STETH_ANALYSIS_LIMITS_H
#define STETH_ANALYSIS_LIMITS_H

#include "analysis/look.h"

/*
 * Adds to `not_checked` what is missing of the target and of its answers. Of one instant, a verdict
 * about what does not move has medium confidence at most. `parts` as in examination.h.
 */
void report_limits(const struct look *look, const struct look_options *options, unsigned parts,
                   struct report *report);

#endif
