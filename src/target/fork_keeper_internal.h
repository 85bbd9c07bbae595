/* fork_keeper_internal.h: what runs within the keeper. */
#ifndef STETH_TARGET_FORK_KEEPER_INTERNAL_H
#define STETH_TARGET_FORK_KEEPER_INTERNAL_H

#include "target/fork_keeper.h"
#include "target/inject.h"

/* What the keeper says to steth: once when the copy is there or cannot be, once at its end. */
struct keeper_report {
    int code; /* enum error_code; 0: the copy is there */
    pid_t copy;
    double paused_ms;
    char message[256];
    char hint[192];
};

/* A copy as the keeper has it. */
struct fork_copy {
    pid_t target;
    pid_t pid;   /* as we see it */
    pid_t known; /* as the target sees it */
};

/* fork_copy.c: stops a thread, makes the copy, lets the thread go. */
struct error *fork_copy_make(pid_t target, const struct injection_place *place,
                             struct fork_copy *copy, double *paused_ms);

/* fork_copy.c: ends the copy and has the target reap it. */
void fork_copy_end(const struct fork_copy *copy, struct injection_place *place);

/*
 * fork_leftover.c: defunct children of the target that an earlier keeper had to leave, by the pids
 * that the target knows. How many.
 */
#define LEFTOVERS_MAX 16
size_t fork_leftovers(pid_t target, pid_t leftovers[LEFTOVERS_MAX]);

#endif
