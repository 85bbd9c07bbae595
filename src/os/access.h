/*
 * os: what the kernel tells of processes and threads, by /proc and a few system calls. Any room may
 * use it; it uses base only, and knows neither Python nor targets.
 *
 * access.h: may this process be read, and if not, the single cause, its current value and the
 * narrowest remedy first. Decides from /proc and from probes on steth itself; changes nothing.
 */
#ifndef STETH_OS_ACCESS_H
#define STETH_OS_ACCESS_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/error.h"
#include "base/vector.h"

enum access_cause {
    ACCESS_GRANTED,
    ACCESS_NO_SUCH_PROCESS,
    ACCESS_OTHER_PID_NAMESPACE, /* the pid exists, but as another number here */
    ACCESS_ZOMBIE_PROCESS,      /* exited, not yet reaped */
    ACCESS_KERNEL_THREAD,
    ACCESS_OTHER_UID,
    ACCESS_NOT_DUMPABLE,
    ACCESS_YAMA,
    ACCESS_USER_NAMESPACE,
    ACCESS_MISSING_CAPABILITY, /* same uid, but the target holds capabilities that we lack */
    ACCESS_SECCOMP,            /* our own system calls are filtered */
    ACCESS_NOT_SUPPORTED,      /* ENOSYS: gVisor and the like */
    ACCESS_SECURITY_MODULE,    /* AppArmor, SELinux */
    ACCESS_UNKNOWN,
};

struct access_verdict {
    enum access_cause cause;
    const char *name;        /* "granted", "other-uid", "yama", … static, for JSON */
    char *sentence;          /* one sentence with the current value */
    VECTOR(char *) remedies; /* narrowest first */
};

/* The cause in two words at most, for a column of a table; static. */
const char *access_brief(enum access_cause cause);

/* Examines the access to `pid`; an error only when there is no memory or no /proc. */
struct error *access_examine(pid_t pid, struct access_verdict *verdict);
void access_verdict_free(struct access_verdict *verdict);

/* The verdict as an error (ERROR_PERMISSION or ERROR_CANNOT_LOOK), NULL when access is granted. */
struct error *access_error(const struct access_verdict *verdict);

/* What steth itself may do here, whatever the process. */
struct access_self {
    uid_t uid, effective_uid;
    bool trace_capability;    /* CAP_SYS_PTRACE is effective */
    char *capabilities;       /* effective ones, "cap_kill cap_sys_ptrace"; "" when none */
    int yama;                 /* kernel.yama.ptrace_scope, -1 without Yama */
    const char *yama_meaning; /* static */
    int seccomp;              /* 0 off, 1 strict, 2 filter, -1 not told */
    int own_read_error;       /* errno of reading steth's own memory, 0 when that works */
    bool no_new_privileges;   /* sudo and file capabilities have no effect */
    bool in_container;
    bool in_user_namespace; /* not the machine's first one */
    char *label;            /* of the security module, NULL when there is none */
};

/* An error only when there is no memory or no /proc. */
struct error *access_self_read(struct access_self *self);
void access_self_free(struct access_self *self);

#endif
