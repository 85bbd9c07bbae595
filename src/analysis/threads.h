/*
 * threads.h: threads, what each waits for and who owes it: the section of `steth threads` and the
 * rules about locks.
 */
#ifndef STETH_ANALYSIS_THREADS_H
#define STETH_ANALYSIS_THREADS_H

#include "analysis/look.h"

struct error *threads_report(struct look *look, const struct look_options *options,
                             struct report *report);

#endif
