/* descriptors.h: what the process has open, as rows of the report. */
#ifndef STETH_ANALYSIS_DESCRIPTORS_H
#define STETH_ANALYSIS_DESCRIPTORS_H

#include "finding/report.h"
#include "target/target.h"

/* Fills report->descriptors, or says in not_checked why it cannot. */
struct error *descriptors_report(const struct target *target, struct report *report);

#endif
