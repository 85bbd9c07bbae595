/* The copy-on-write child: made, and ended (fork_keeper.h). */
#include "target/fork_keeper_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"

#if defined __x86_64__

#define ATTEMPTS_MAX  20
#define PATIENCE      5.0 /* seconds until a thread that does not stop is given up */
#define REAP_ATTEMPTS 50
#define REAP_RETRY_US 1000

/* Stops the thread of `target` that notices it least. */
static struct error *stop_one(pid_t target, const struct injection_place *place,
                              struct injection *injection)
{
    struct error *error = NULL;
    for (int attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
        pid_t threads[INJECTION_THREADS_MAX];
        size_t count;
        error_free(error);
        error = injection_threads(target, threads, &count);
        bool ended = true;
        for (size_t i = 0; !error && ended && i < count; i++) {
            error = injection_begin(threads[i], place, injection, &ended);
            if (error && ended && i + 1 < count) {
                error_free(error);
                error = NULL;
            }
        }
        if (!error || !ended)
            return error;
    }
    return error;
}

static struct error *refused_clone(pid_t target, int reason)
{
    if (reason == EAGAIN)
        return error_hint(error_new(ERROR_CANNOT_LOOK,
                                    "process %d may have no child: its user or its cgroup has as "
                                    "many processes as allowed",
                                    (int)target),
                          "raise RLIMIT_NPROC or pids.max, or use --pause");
    if (reason == ENOMEM)
        return error_hint(error_new(ERROR_CANNOT_LOOK,
                                    "the kernel promises no memory for a copy of process %d",
                                    (int)target),
                          "see vm.overcommit_memory, or use --pause");
    return error_new(ERROR_CANNOT_LOOK, "process %d cannot be copied: %s", (int)target,
                     strerror(reason));
}

/* What an earlier keeper had to leave. */
static void reap_leftovers(struct injection *injection, const pid_t *leftovers, size_t count)
{
    struct error *error = NULL;
    for (size_t i = 0; !error && i < count; i++) {
        const uint64_t arguments[4] = {(uint64_t)leftovers[i], 0, __WCLONE | WNOHANG, 0};
        int64_t result;
        error = injection_call(injection, SYS_wait4, arguments, &result);
    }
    error_free(error);
}

/* It is born stopped; from here on it does not outlive us. Memory runs out? Then the copy goes. */
static void hold(pid_t born)
{
    int status;
    char name[64];
    injection_wait(born, &status);
    ptrace(PTRACE_SETOPTIONS, born, NULL,
           (void *)(uintptr_t)PTRACE_O_EXITKILL); // NOLINT(performance-no-int-to-ptr)
    snprintf(name, sizeof name, "/proc/%d/oom_score_adj", (int)born);
    _cleanup_close_ int file = open(name, O_WRONLY | O_CLOEXEC);
    if (file >= 0 && write(file, "1000", 4) != 4)
        return; /* it is a precaution only */
}

struct error *fork_copy_make(pid_t target, const struct injection_place *place,
                             struct fork_copy *copy, double *paused_ms)
{
    struct injection injection;
    pid_t leftovers[LEFTOVERS_MAX];
    size_t leftover_count = fork_leftovers(target, leftovers);
    *copy = (struct fork_copy){.target = target};
    injection_within(PATIENCE);
    struct error *error = stop_one(target, place, &injection);
    if (error)
        return error;
    int64_t known = 0;
    error = injection_clone(&injection, &copy->pid, &known);
    if (!error)
        reap_leftovers(&injection, leftovers, leftover_count);
    *paused_ms = injection_end(&injection);
    if (copy->pid)
        hold(copy->pid);
    copy->known = (pid_t)known;
    if (!error && known < 0)
        error = refused_clone(target, (int)-known);
    return error;
}

static bool reap_once(const struct fork_copy *copy, const struct injection_place *place)
{
    const uint64_t arguments[4] = {(uint64_t)copy->known, 0, __WCLONE | WNOHANG, 0};
    struct injection injection;
    int64_t result = 0;
    struct error *error = stop_one(copy->target, place, &injection);
    if (!error) {
        error = injection_call(&injection, SYS_wait4, arguments, &result);
        injection_end(&injection);
    }
    bool done = error || result != 0; /* reaped, or there is no such child any more */
    error_free(error);
    return done;
}

void fork_copy_end(const struct fork_copy *copy, struct injection_place *place)
{
    int status;
    if (!copy->pid)
        return;
    injection_within(PATIENCE);
    kill(copy->pid, SIGKILL);
    while (injection_wait(copy->pid, &status) && WIFSTOPPED(status))
        continue;
    if (copy->known <= 0)
        return; /* the thread was killed in the middle of the call, and the target with it */
    if (!injection_place_holds(copy->target, place)) {
        struct error *error = injection_place_find(copy->target, place);
        bool found = !error;
        error_free(error);
        if (!found)
            return; /* the target is gone, too: init reaps */
    }
    for (int i = 0; i < REAP_ATTEMPTS && !reap_once(copy, place); i++)
        usleep(REAP_RETRY_US);
}

#endif
