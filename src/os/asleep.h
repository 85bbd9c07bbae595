/* asleep.h: how long a thread has been off the processor. */
#ifndef STETH_OS_ASLEEP_H
#define STETH_OS_ASLEEP_H

#include "os/process_files.h"

/*
 * Milliseconds since the scheduler last let the thread run (se.exec_start in
 * /proc/PID/task/TID/sched, against that of the calling thread); 0 where the kernel does not tell.
 * Each processor has a clock of its own for this, which stands still while a hypervisor or an
 * interrupt has it (kernel/sched/core.c, update_rq_clock_task): they may be minutes apart. So the
 * calling thread goes to the processor that the thread slept on for a moment; a record tells only
 * when it was made there.
 */
double thread_asleep_ms(const struct process_files *files, pid_t tid);

#endif
