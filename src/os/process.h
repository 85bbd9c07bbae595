/*
 * os: what the operating system says of processes: /proc, namespaces, permissions. Knows nothing
 * of Python's memory.
 */
#ifndef STETH_OS_PROCESS_H
#define STETH_OS_PROCESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"
#include "base/vector.h"
#include "os/process_files.h"

struct process_facts {
    pid_t pid;
    pid_t parent;
    char state; /* as in /proc/PID/stat: R S D Z T … */
    bool kernel_thread;
    char comm[64];
    char *command;    /* command line, arguments joined by spaces; comm in [] when empty */
    char *executable; /* target of /proc/PID/exe, NULL when unreadable */
    bool executable_deleted;
    uid_t uid; /* real */
    uint64_t rss_bytes;
    uint64_t swap_bytes;
    unsigned threads;
    double uptime_s;          /* since the process started; 0: not known */
    uint64_t start_ticks;     /* field 22 of stat: pid + start_ticks name a process for ever */
    bool other_pid_namespace; /* than ours */
    bool other_mount_namespace;
    pid_t inner_pid; /* its pid in its own namespace; same as pid when not nested */
};

/* Fails with ERROR_CANNOT_LOOK when there is no such process. */
struct error *process_facts_read(const struct process_files *files, struct process_facts *facts);
void process_facts_free(struct process_facts *facts);

typedef VECTOR(pid_t) pid_vector;
/* All pids of /proc, ascending. */
struct error *process_list(pid_vector *pids);

/* What descriptor `fd` is open on ("/var/log/x", "socket:[123]"); NULL when unknown. */
char *process_descriptor(const struct process_files *files, int fd);

/* Whether a namespace ("ns/pid") differs from ours; `otherwise` when its link may not be read. */
bool process_other_namespace(const struct process_files *files, const char *name, bool otherwise);

/* Parses a decimal pid; false when `text` is not one. */
bool process_parse_pid(const char *text, pid_t *pid);

#endif
