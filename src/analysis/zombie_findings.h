/* zombie_findings.h: the words of RES001 and RES004 for one group of zombies. */
#ifndef STETH_ANALYSIS_ZOMBIE_FINDINGS_H
#define STETH_ANALYSIS_ZOMBIE_FINDINGS_H

#include <sys/types.h>

#include "analysis/look.h"

void zombie_report_resurrected(const struct look *look, const struct zombie_group *group,
                               struct report *report);

/* Adds nothing when the group keeps nothing open. */
void zombie_report_resources(const struct look *look, const struct zombie_group *group,
                             struct report *report);

#endif
