/*
 * collector.h: the state of the cyclic garbage collector and its troubles: GC001 (the oldest
 * generation starves), GC002 (it is off), GC005 (it found what it cannot collect).
 */
#ifndef STETH_ANALYSIS_COLLECTOR_H
#define STETH_ANALYSIS_COLLECTOR_H

#include "analysis/look.h"

/* Fills report->gc and adds the findings. */
struct error *collector_report(struct look *look, const struct look_options *options,
                               struct report *report);

#endif
