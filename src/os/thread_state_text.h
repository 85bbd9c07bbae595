/*
 * thread_state_text.h: private to this room: what the files of /proc/PID/task/TID say, so that the
 * parsers can be tested apart from a process. A text that makes no sense changes nothing.
 */
#ifndef STETH_OS_THREAD_STATE_TEXT_H
#define STETH_OS_THREAD_STATE_TEXT_H

#include "os/thread_state.h"

bool thread_stat_parse(const char *text, double ticks_a_second, struct thread_state *state);
void thread_schedule_parse(const char *text, struct thread_state *state);
void thread_switches_parse(const char *text, struct thread_state *state);
void thread_system_call_parse(const char *text, struct thread_state *state);

/*
 * A line of /proc/PID/task/TID/sched: se.exec_start in milliseconds, negative when it is another
 * line. So it is for 0, which the scheduler sets while it moves a thread to another processor
 * (kernel/sched/fair.c, migrate_task_rq_fair).
 */
double sched_line_last_ran(const char *line);

#endif
