/* task_wait.h: what a suspended task waits for, in words. Private to the files about tasks. */
#ifndef STETH_ANALYSIS_TASK_WAIT_H
#define STETH_ANALYSIS_TASK_WAIT_H

#include "analysis/diagnosis.h"

/* Sets wait_kind and waits_for of `row` for task `index` of the snapshot. */
void task_wait_tell(const struct diagnosis *diagnosis, size_t index, struct task_row *row);

#endif
