/* zombie_findings.h: the words of RES001 and RES004 for one group of zombies. */
#ifndef STETH_ANALYSIS_ZOMBIE_FINDINGS_H
#define STETH_ANALYSIS_ZOMBIE_FINDINGS_H

#include <sys/types.h>

#include "finding/report.h"

void zombie_report_resurrected(pid_t pid, const struct zombie_group *group, struct report *report);

/* Adds nothing when the group keeps nothing open. */
void zombie_report_resources(pid_t pid, const struct zombie_group *group, struct report *report);

#endif
