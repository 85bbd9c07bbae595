/*
 * thread_state.h: the kernel's view of one thread, from /proc/PID/task/TID, without stopping it.
 */
#ifndef STETH_OS_THREAD_STATE_H
#define STETH_OS_THREAD_STATE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "os/process_files.h"

struct thread_state {
    pid_t tid;
    char state; /* R S D T t Z */
    char comm[16];
    double cpu_ms; /* user + system so far; in nanoseconds where schedstat gives it */
    uint64_t
        runs; /* how often it came onto a processor; where that is not kept, how often it left */
    bool in_system_call; /* blocked in one: the next fields are valid */
    bool running;        /* "running" in /proc/…/syscall */
    int64_t system_call; /* number; -1: blocked outside of a system call (a page fault) */
    uint64_t arguments[6];
    uint64_t stack_pointer, program_counter;
};

/* False when the thread is gone; what may not be read is left zero (in_system_call false). */
bool thread_state_read(const struct process_files *files, pid_t tid, struct thread_state *state);

/* Only what it is blocked in: cheap, for those who ask often. Neither in_system_call nor running
 * when it cannot be read. */
void thread_system_call_read(const struct process_files *files, pid_t tid,
                             struct thread_state *state);

/*
 * Whether the thread sleeps and has not run since `then` was read. Cheaper than to read its state
 * again.
 */
bool thread_state_still(const struct process_files *files, const struct thread_state *then);

/* "futex", "clock_nanosleep" …; NULL when unknown to this build. Static. */
const char *system_call_name(int64_t number);

/* Whether two looks at one thread show it at the same wait: same call, same arguments and stack
 * pointer; it did not run in between. */
bool thread_state_unmoved(const struct thread_state *before, const struct thread_state *after);

#endif
