/*
 * status.h: private to this room: files of /proc read whole, and the fields of /proc/PID/status.
 * `root` is prefixed to every path ("" in life, a directory in tests); pid 0 means steth itself.
 */
#ifndef STETH_OS_STATUS_H
#define STETH_OS_STATUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "os/process_files.h"

#define STATUS_PID_LEVELS 32 /* MAX_PID_NS_LEVEL of the kernel */

enum status_id { STATUS_REAL, STATUS_EFFECTIVE, STATUS_SAVED, STATUS_FILE_SYSTEM, STATUS_IDS };

struct process_status {
    char name[64];
    char state;
    pid_t parent;
    uid_t uid[STATUS_IDS];
    gid_t gid[STATUS_IDS];
    uint64_t rss_kb, swap_kb;
    unsigned threads;
    uint64_t permitted, effective, bounding; /* capabilities */
    uint64_t signals_caught;                 /* signal 1 is bit 0 */
    bool no_new_privileges;
    int seccomp;                         /* 0 off, 1 strict, 2 filter, -1 not told */
    int seccomp_filters;                 /* -1 not told */
    pid_t inner_pids[STATUS_PID_LEVELS]; /* NSpid: its number here first, in its namespace last */
    size_t inner_pid_count;
};

/* False (errno set) when there is no such process or it cannot be read. */
bool process_status_read(const char *root, pid_t pid, struct process_status *status);
/* The same of a file "status" or "task/12/status". */
bool process_status_of(const struct process_files *files, const char *path,
                       struct process_status *status);

/*
 * At most `limit` bytes of ROOT/proc/PID/NAME, NUL-terminated; NULL with errno set on failure.
 * The caller frees.
 */
char *proc_read(const char *root, pid_t pid, const char *name, size_t limit, size_t *size);

/* The same for any file: ROOT + PATH. */
char *proc_read_path(const char *root, const char *path, size_t limit, size_t *size);

/* The target of a symbolic link ROOT/proc/PID/NAME; NULL with errno set. The caller frees. */
char *proc_read_link(const char *root, pid_t pid, const char *name);

/* What of /proc/PID/stat is not in status. */
struct process_times {
    bool kernel_thread;
    uint64_t start_ticks;
};
bool process_times_read(const char *root, pid_t pid, struct process_times *times);
bool process_times_of(const struct process_files *files, struct process_times *times);

#endif
