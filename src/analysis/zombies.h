/*
 * zombies.h: resurrected objects (RES001, RES004): finalized, alive, not exempt; who holds them and
 * what they keep open.
 */
#ifndef STETH_ANALYSIS_ZOMBIES_H
#define STETH_ANALYSIS_ZOMBIES_H

#include "analysis/look.h"

/* Fills report->zombies and report->exempt and adds the findings. */
struct error *zombies_report(struct look *look, const struct look_options *options,
                             struct report *report);

#endif
