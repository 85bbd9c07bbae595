/* asleep.h: how long a thread has been off the processor. */
#ifndef STETH_OS_ASLEEP_H
#define STETH_OS_ASLEEP_H

#include "os/process_files.h"

/*
 * Milliseconds, at least, since the scheduler last let the thread run: se.exec_start in
 * /proc/PID/task/TID/sched. Each processor has a clock of its own for that, which stands still
 * while the hypervisor or an interrupt has it (kernel/sched/core.c, update_rq_clock_task): it is
 * compared with that of the calling thread on the same processor. 0 where the kernel does not tell.
 */
double thread_asleep_ms(const struct process_files *files, pid_t tid);

/* "self/sched@3": what a record needs for that, by the text of /proc/PID/task/TID/stat. Processor
 * -1: the text does not tell. The caller frees. */
char *thread_processor_clock(const char *stat, int *processor);

#endif
