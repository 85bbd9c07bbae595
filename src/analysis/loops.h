/*
 * loops.h: event loops, their tasks and executors: the sections of `steth tasks` and the rules
 * about them.
 */
#ifndef STETH_ANALYSIS_LOOPS_H
#define STETH_ANALYSIS_LOOPS_H

#include "analysis/look.h"

struct error *loops_report(struct look *look, const struct look_options *options,
                           struct report *report);

#endif
