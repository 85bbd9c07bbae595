/*
 * heap.h: what `steth heap` shows: types with what they retain, kinds of memory, and on request
 * paths, dominators, cycles (RES003).
 */
#ifndef STETH_ANALYSIS_HEAP_H
#define STETH_ANALYSIS_HEAP_H

#include "analysis/look.h"

struct error *heap_report(struct look *look, const struct look_options *options,
                          struct report *report);

#endif
