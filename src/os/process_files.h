/*
 * process_files.h: what the kernel tells of one process in /proc/PID, from one of three providers:
 * the kernel itself (live), a record of what it told (a capture), or files made from the notes of a
 * core. Those who ask need not know which; what a provider does not have does not exist.
 *
 * Paths are relative to /proc/PID: "stat", "task/12/syscall". "self/NAME" is of who looks: the
 * thread that asks, or the one that recorded; "self/NAME@3" when that runs on processor 3.
 */
#ifndef STETH_OS_PROCESS_FILES_H
#define STETH_OS_PROCESS_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct process_files; /* thread-safe for reading */

/* NULL when there is no memory. */
struct process_files *process_files_live(pid_t pid);
/* Empty: nothing is told of the process. */
struct process_files *process_files_recorded(pid_t pid);
void process_files_free(struct process_files *files);

pid_t process_files_pid(const struct process_files *files);
bool process_files_are_live(const struct process_files *files);
/* Whether there is another moment to wait for: always live; of a record that has more than one. */
bool process_files_change(const struct process_files *files);

/* ---- asking ---------------------------------------------------------------------------------- */

/* At most `limit` bytes, NUL-terminated; NULL with errno set. `size` may be NULL. The caller frees.
 */
char *process_files_read(const struct process_files *files, const char *path, size_t limit,
                         size_t *size);

/* Where a symbolic link leads ("exe", "fd/3"); NULL with errno set. The caller frees. */
char *process_files_link(const struct process_files *files, const char *path);

/* Calls visit for the name of each entry of "task", "fd" … until it returns false; false when the
 * directory cannot be read. */
bool process_files_visit(const struct process_files *files, const char *directory,
                         bool (*visit)(void *context, const char *name), void *context);

/*
 * Lets time pass between two looks. Live: sleeps. Recorded: goes on to the next moment that was
 * recorded, and sleeps not at all; at the last one it stays.
 */
void process_files_wait(struct process_files *files, double seconds);

/* Which of the recorded moments is shown: 0, 1, …; live: 0. */
unsigned process_files_moment(const struct process_files *files);

/* The machine's CLOCK_MONOTONIC and CLOCK_BOOTTIME, in seconds; NAN when they were not recorded. */
double process_files_monotonic(const struct process_files *files);
double process_files_since_boot(const struct process_files *files);

/* ---- recording ------------------------------------------------------------------------------- */

/*
 * Adds a file to a record, as of one moment (0, 1, …), by a copy; "@fd/3" is where the link "fd/3"
 * leads. At each moment, what begins alike ("task/…") is recorded as a whole or not at all: the
 * newest whole is what one reads, so that a thread that ended is gone. False when there is no
 * memory.
 */
bool process_files_add(struct process_files *files, unsigned moment, const char *path,
                       const void *bytes, size_t size);

/* The clocks at a moment. */
bool process_files_add_clocks(struct process_files *files, unsigned moment, double monotonic,
                              double since_boot);

#endif
