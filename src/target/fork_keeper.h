/*
 * fork_keeper.h: the process that makes and keeps the copy of fork_snapshot.h. It is forked from
 * steth, has its own session, ignores every signal it can, and is the tracer: whatever happens to
 * steth, it ends the copy and has the target reap it. When it is killed, too, the kernel ends the
 * copy (PTRACE_O_EXITKILL) and lets the thread go, which brings itself back (inject.h); then the
 * copy may stay as a defunct child of the target, which the next keeper has reaped.
 */
#ifndef STETH_TARGET_FORK_KEEPER_H
#define STETH_TARGET_FORK_KEEPER_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/error.h"

struct keeper {
    pid_t pid;
    int socket;
    pid_t copy; /* the process that is read */
};

/* Makes the copy; `paused_ms` is how long a thread of the target stood still for it. */
struct error *keeper_start(pid_t target, struct keeper *keeper, double *paused_ms);

/* Ends the copy and waits until it is reaped. */
void keeper_end(struct keeper *keeper);

#endif
