/*
 * inject.h: one system call made by a thread of another process (fork_keeper.h is the only user).
 * Not a byte of code is written: the thread is sent to a `syscall; ret` that its program has
 * anyway, and afterwards gets its registers, its mask and the call it was interrupted in back.
 *
 * The tracer may be killed between any two steps, and the kernel then lets the thread run on as it
 * stands. So the registers that are set are the start of a chain that needs nobody: on the stack,
 * below the red zone, lie signal frames as the kernel would have put them there; the `ret` leads to
 * the program's own trampoline for rt_sigreturn(2), which takes the next frame:
 *
 *     call ──ret──▶ wait4(-1, __WCLONE): reaps the child ──ret──▶ all registers, mask, vector state
 *       └ in the child ──ret──▶ exit_group(0)
 *
 * In the ordinary case none of that runs: the tracer stops the thread where the call returns and
 * restores it, so that the kernel also repeats the interrupted call, with the rest of its time.
 * Only where the chain did it, sleeps that the kernel cannot repeat after a frame end with EINTR,
 * as by any signal that has a handler. Each step is one request of ptrace(2), ordered so that what
 * lies between two of them is harmless: registers before the mask, and back the mask before the
 * registers; a thread never runs its own code with signals blocked.
 */
#ifndef STETH_TARGET_INJECT_H
#define STETH_TARGET_INJECT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/user.h>
#include <time.h>

#include "base/error.h"

/* Instructions found in executable mappings of the program. */
struct injection_place {
    uint64_t call;    /* syscall; ret */
    uint64_t restore; /* mov $__NR_rt_sigreturn, %rax; syscall */
};

/* Looks for them; also refuses what cannot be done on this machine or in this process. */
struct error *injection_place_find(pid_t pid, struct injection_place *place);
/* Whether they are still there: the process may have called execve(2). */
bool injection_place_holds(pid_t pid, const struct injection_place *place);

/*
 * The threads of a process that may be stopped, those first that notice least: asleep in a call
 * that the kernel repeats. Refuses for the reasons that a person can change: another tracer, a
 * seccomp filter, a stopped process.
 */
#define INJECTION_THREADS_MAX 16
struct error *injection_threads(pid_t pid, pid_t threads[INJECTION_THREADS_MAX], size_t *count);

/* A thread that stands still for us. */
struct injection {
    pid_t thread;
    struct injection_place place;
    struct user_regs_struct registers; /* to go on with */
    uint64_t mask;
    struct timespec begin;                         /* of its stop */
    uint64_t call_stack, clone_stack, child_stack; /* entries of the chain */
};

/*
 * Stops `thread` and prepares the chain. `ended` says that it could not because the thread is no
 * more or stands where it may not be touched: try another. Nothing is left stopped after an error.
 */
struct error *injection_begin(pid_t thread, const struct injection_place *place,
                              struct injection *injection, bool *ended);

/* Makes a call in the thread; `result` is its value or -errno. */
struct error *injection_call(struct injection *injection, long number, const uint64_t arguments[4],
                             int64_t *result);

/*
 * clone(2) without shared memory, with the shared table of descriptors and without a signal at its
 * end. `born` is the child as we see it, traced and about to stop; `known` its pid where the target
 * lives, or -errno.
 */
struct error *injection_clone(struct injection *injection, pid_t *born, int64_t *known);

/* Gives the thread back as it was; how many milliseconds it stood still. */
double injection_end(struct injection *injection);

/* A stop of `thread` within the time that was set (inject_within), or its end; false: neither. */
bool injection_wait(pid_t thread, int *status);
/* How long the calls above may wait together, from now on. */
void injection_within(double seconds);

#endif
