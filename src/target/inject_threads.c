/* Which thread of a process makes an injected call (inject.h), and why none may. */
#include "target/inject_internal.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/vector.h"
#include "os/process_files.h"

#if defined __x86_64__

#define STATUS_MAX      16384
#define SURVEYS_MAX     50
#define SURVEY_RETRY_US 10000

/* How much a thread notices of being stopped; less is better. */
enum disturbance {
    REPEATED, /* asleep in a call that the kernel repeats, with the rest of its time */
    RUNNING,
    UNKNOWN,
    ENDED_EARLY, /* asleep in one that ends with EINTR */
    UNUSABLE,
};

struct candidate {
    pid_t thread;
    enum disturbance disturbance;
};

struct survey {
    const struct process_files *files;
    VECTOR(struct candidate) candidates;
    struct error *error;
};

static const char *value_of(const char *status, const char *name)
{
    const char *line = strstr(status, name);
    return line ? line + strlen(name) + strspn(line + strlen(name), " \t") : "";
}

static long number_of(const char *status, const char *name)
{
    return strtol(value_of(status, name), NULL, 10);
}

static struct error *traced(pid_t pid, long tracer)
{
    struct process_files *files = process_files_live((pid_t)tracer);
    _cleanup_free_ char *name = files ? process_files_read(files, "comm", 64, NULL) : NULL;
    process_files_free(files);
    if (name)
        name[strcspn(name, "\n")] = '\0';
    return error_hint(
        error_new(ERROR_PERMISSION, "process %d is being traced by %s (pid %ld)", (int)pid,
                  name && *name ? name : "another program", tracer),
        "--consistent needs to be its only tracer: end %ld, or leave --consistent out", tracer);
}

/* What a person can change, and what cannot be done; NULL: nothing speaks against it. */
static struct error *refusal(pid_t pid, const char *status)
{
    long tracer = number_of(status, "\nTracerPid:");
    if (tracer)
        return traced(pid, tracer);
    if (number_of(status, "\nSeccomp:"))
        return error_hint(
            error_new(
                ERROR_PERMISSION,
                "process %d runs under a seccomp filter, which could end it for a system call "
                "that it does not expect",
                (int)pid),
            "leave --consistent out, or use --pause");
    if (strncmp(value_of(status, "\nState:"), "T", 1) == 0)
        return error_hint(error_new(ERROR_CANNOT_LOOK, "process %d is stopped", (int)pid),
                          "what stands still needs no --consistent");
    if (strstr(value_of(status, "\nx86_Thread_features:"), "shstk"))
        return error_hint(error_new(ERROR_CANNOT_LOOK,
                                    "process %d has a shadow stack, on which "
                                    "--consistent cannot bring a thread back",
                                    (int)pid),
                          "use --pause");
    return NULL;
}

/* Waits without end, or for a time that the kernel goes on counting after a stop. */
static bool is_repeated(long number, int64_t timeout)
{
    switch (number) {
    case SYS_epoll_wait:
    case SYS_epoll_pwait:
        return (int32_t)timeout < 0;
    case SYS_epoll_pwait2:
        return timeout == 0;
    case SYS_futex:
    case SYS_nanosleep:
    case SYS_clock_nanosleep:
    case SYS_restart_syscall:
    case SYS_poll:
    case SYS_ppoll:
    case SYS_select:
    case SYS_pselect6:
    case SYS_read:
    case SYS_readv:
    case SYS_recvfrom:
    case SYS_recvmsg:
    case SYS_accept:
    case SYS_accept4:
    case SYS_wait4:
    case SYS_waitid:
    case SYS_rt_sigsuspend:
    case SYS_pause:
        return true;
    default:
        return false;
    }
}

static bool ends_early(long number)
{
    return number == SYS_epoll_wait || number == SYS_epoll_pwait || number == SYS_epoll_pwait2 ||
           number == SYS_semtimedop || number == SYS_semop || number == SYS_rt_sigtimedwait ||
           number == SYS_io_getevents || number == SYS_msgrcv || number == SYS_msgsnd;
}

static enum disturbance of_thread(const char *state, const char *call)
{
    long number;
    int64_t timeout;
    if (strchr("DXZtI", *state))
        return UNUSABLE;
    if (*state == 'R')
        return RUNNING;
    /* proc_pid_syscall(5): the number, then six arguments; the fourth is the time of epoll. */
    if (!call || sscanf(call, "%ld %*x %*x %*x %" SCNx64, &number, (uint64_t *)&timeout) != 2)
        return UNKNOWN;
    if (is_repeated(number, timeout))
        return REPEATED;
    return ends_early(number) ? ENDED_EARLY : UNKNOWN;
}

static bool survey_thread(void *context, const char *name)
{
    struct survey *survey = context;
    char path[64];
    snprintf(path, sizeof path, "task/%.20s/status", name);
    _cleanup_free_ char *status = process_files_read(survey->files, path, STATUS_MAX, NULL);
    snprintf(path, sizeof path, "task/%.20s/syscall", name);
    _cleanup_free_ char *call = process_files_read(survey->files, path, 256, NULL);
    if (!status)
        return true; /* it ended */
    survey->error = refusal(process_files_pid(survey->files), status);
    struct candidate candidate = {
        .thread = (pid_t)strtol(name, NULL, 10),
        .disturbance = of_thread(value_of(status, "\nState:"), call),
    };
    if (!survey->error && candidate.disturbance != UNUSABLE &&
        !vector_push(&survey->candidates, candidate))
        survey->error = error_no_memory();
    return !survey->error;
}

static void pick(const struct survey *survey, pid_t threads[INJECTION_THREADS_MAX], size_t *count)
{
    *count = 0;
    for (enum disturbance wanted = REPEATED; wanted < UNUSABLE; wanted++)
        for (size_t i = 0; i < survey->candidates.count && *count < INJECTION_THREADS_MAX; i++)
            if (survey->candidates.items[i].disturbance == wanted)
                threads[(*count)++] = survey->candidates.items[i].thread;
}

/* One look at all threads; none may be fit at the moment. */
static struct error *survey_once(pid_t pid, pid_t threads[INJECTION_THREADS_MAX], size_t *count)
{
    struct survey survey = {.files = process_files_live(pid)};
    if (!survey.files)
        return error_no_memory();
    if (!process_files_visit(survey.files, "task", survey_thread, &survey))
        survey.error = error_new(ERROR_CANNOT_LOOK, "no process with pid %d", (int)pid);
    pick(&survey, threads, count);
    vector_free(&survey.candidates);
    process_files_free((struct process_files *)survey.files);
    return survey.error;
}

struct error *injection_threads(pid_t pid, pid_t threads[INJECTION_THREADS_MAX], size_t *count)
{
    for (int attempt = 0; attempt < SURVEYS_MAX; attempt++) {
        struct error *error = survey_once(pid, threads, count);
        if (error || *count)
            return error;
        usleep(SURVEY_RETRY_US); /* a thread waits for its disk, or in vfork(2) */
    }
    return error_hint(
        error_new(ERROR_CANNOT_LOOK, "every thread of process %d hangs in the kernel", (int)pid),
        "try again, or leave --consistent out");
}

#endif
