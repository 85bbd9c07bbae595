/*
 * evidence.h: private to this room: everything that decides whether a process may be read,
 * gathered before anything is concluded, so that the conclusion (access.c) and its words
 * (remedies*.c) are functions of this record alone.
 */
#ifndef STETH_OS_EVIDENCE_H
#define STETH_OS_EVIDENCE_H

#include "base/vector.h"
#include "os/access.h"
#include "os/capability.h"
#include "os/status.h"

struct access_evidence {
    pid_t pid;

    /* steth itself */
    struct process_status self;
    int own_read_error; /* errno of reading our own memory, 0 when that works */
    bool foreign_proc;  /* /proc numbers processes of another pid namespace than ours */
    bool in_container;
    bool in_user_namespace; /* not the machine's first one */
    bool in_pid_namespace;  /* not the machine's first one */
    int yama;               /* -1 without Yama */
    char *self_name;        /* of our user: "dev (uid 1000)" */
    char *self_label;       /* of the security module; NULL without */
    char *modules;          /* the kernel's active security modules; NULL when not told */
    char *command;          /* how to call steth again: "steth", or a path */
    char *program;          /* the path of steth's executable */

    /* the process */
    bool exists; /* in /proc */
    bool hidden; /* the kernel knows it, /proc does not show it */
    struct process_status target;
    bool kernel_thread;
    int read_error;    /* errno of reading its memory, 0 when that works */
    int maps_error;    /* errno of opening its list of mappings, 0 when that works */
    uid_t files_owner; /* who owns its files in /proc: not its user when it is not dumpable */
    bool other_user_namespace;
    char *target_name;       /* of its user */
    char *target_user;       /* for sudo -u: "www-data" or "#33" */
    char *target_label;      /* of the security module; NULL without */
    VECTOR(pid_t) namesakes; /* processes whose number in their own pid namespace is `pid` */
};

/* Gathers what concerns steth. `root` as in status.h. False: no memory, or no /proc (errno). */
bool evidence_of_self(const char *root, struct access_evidence *evidence);

/* Adds what concerns `pid`. False when there is no memory. */
bool evidence_of_process(const char *root, pid_t pid, struct access_evidence *evidence);

void evidence_free(struct access_evidence *evidence);

/* Concludes. */
enum access_cause access_conclude(const struct access_evidence *evidence);

/* Fills the sentence and the remedies for `verdict->cause`. False when there is no memory. */
bool access_explain(const struct access_evidence *evidence, struct access_verdict *verdict);

/* Whether the target has other user or group ids than ours. */
bool evidence_ids_differ(const struct access_evidence *evidence);

static inline bool evidence_may_trace(const struct access_evidence *evidence)
{
    return (evidence->self.effective & CAPABILITY_TRACE) != 0;
}

/* The meaning of a value of kernel.yama.ptrace_scope; static. */
const char *yama_meaning(int scope);

#endif
