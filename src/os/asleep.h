/* asleep.h: how long a thread has been off the processor. */
#ifndef STETH_OS_ASLEEP_H
#define STETH_OS_ASLEEP_H

#include "os/process_files.h"

/*
 * Milliseconds since the scheduler last let the thread run (se.exec_start in
 * /proc/PID/task/TID/sched, against that of the calling thread); 0 where the kernel does not tell.
 */
double thread_asleep_ms(const struct process_files *files, pid_t tid);

#endif
