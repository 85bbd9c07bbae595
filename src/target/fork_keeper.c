#include "target/fork_keeper_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"

#if defined __x86_64__

/* ---- within the keeper ----------------------------------------------------------------------- */

/* Where steth's standard output leads must end when steth does. */
static void close_all_but(int one)
{
    syscall(SYS_close_range, (unsigned)one + 1, ~0u, 0);
    if (one > 0)
        syscall(SYS_close_range, 0, (unsigned)one - 1, 0);
}

static void settle(int socket)
{
    setsid();
    for (int signal_number = 1; signal_number <= SIGRTMAX; signal_number++)
        if (signal_number != SIGCHLD)
            signal(signal_number, SIG_IGN);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    close_all_but(socket);
    setpriority(PRIO_PROCESS, 0,
                -20); /* where it is allowed: while it waits, a thread stands still */
    prctl(PR_SET_NAME, "steth-keeper");
    (void)!chdir("/");
}

static void describe(struct error *error, struct keeper_report *report)
{
    if (!error)
        return;
    report->code = (int)error->code;
    snprintf(report->message, sizeof report->message, "%s", error->message);
    snprintf(report->hint, sizeof report->hint, "%s", error->hint ? error->hint : "");
    error_free(error);
}

/* Until steth has read enough or is no more, or the copy or the target ended: a target that ended
 * has files open as long as the copy lives. */
static void wait_for_end(int socket, const struct fork_copy *copy)
{
    _cleanup_close_ int target = (int)syscall(SYS_pidfd_open, copy->target, 0);
    _cleanup_close_ int child = (int)syscall(SYS_pidfd_open, copy->pid, 0);
    struct pollfd events[] = {{.fd = socket, .events = POLLIN},
                              {.fd = target, .events = POLLIN},
                              {.fd = child, .events = POLLIN}};
    while (poll(events, sizeof events / sizeof *events, -1) < 0 && errno == EINTR)
        continue;
}

__attribute__((noreturn)) static void keep(pid_t target, struct injection_place *place, int socket)
{
    struct keeper_report report = {0};
    struct fork_copy copy;
    settle(socket);
    describe(fork_copy_make(target, place, &copy, &report.paused_ms), &report);
    report.copy = copy.pid;
    send(socket, &report, sizeof report, MSG_NOSIGNAL);
    if (!report.code)
        wait_for_end(socket, &copy);
    fork_copy_end(&copy, place);
    _exit(0);
}

/* ---- within steth ---------------------------------------------------------------------------- */

static struct error *as_error(const struct keeper_report *report)
{
    if (!report->code)
        return NULL;
    struct error *error = error_new((enum error_code)report->code, "%s", report->message);
    return *report->hint ? error_hint(error, "%s", report->hint) : error;
}

/* The children of a process that is just being prepared may not be asked about; so first all that
 * can be refused is refused here. */
static struct error *prepare(pid_t target, struct injection_place *place)
{
    pid_t threads[INJECTION_THREADS_MAX];
    size_t count;
    struct error *error = injection_threads(target, threads, &count);
    return error ? error : injection_place_find(target, place);
}

struct error *keeper_start(pid_t target, struct keeper *keeper, double *paused_ms)
{
    struct injection_place place;
    int sockets[2];
    struct error *error = prepare(target, &place);
    if (error)
        return error;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets))
        return error_new(ERROR_INTERNAL, "cannot make a socket: %s", strerror(errno));
    pid_t pid = fork();
    if (pid == 0)
        keep(target, &place, sockets[1]);
    close(sockets[1]);
    if (pid < 0) {
        close(sockets[0]);
        return error_new(ERROR_INTERNAL, "cannot start a process: %s", strerror(errno));
    }
    *keeper = (struct keeper){.pid = pid, .socket = sockets[0]};
    struct keeper_report report;
    if (recv(keeper->socket, &report, sizeof report, 0) != (ssize_t)sizeof report)
        error = error_new(ERROR_INTERNAL, "the process that makes the copy was ended");
    else
        error = as_error(&report);
    if (error) {
        keeper_end(keeper);
        return error;
    }
    keeper->copy = report.copy;
    *paused_ms = report.paused_ms;
    return NULL;
}

void keeper_end(struct keeper *keeper)
{
    close(keeper->socket);
    while (waitpid(keeper->pid, NULL, 0) < 0 && errno == EINTR)
        continue;
}

#else

struct error *keeper_start(pid_t target, struct keeper *keeper, double *paused_ms)
{
    (void)target, (void)keeper, (void)paused_ms;
    return error_hint(error_new(ERROR_CANNOT_LOOK, "--consistent works on x86-64 only"),
                      "use --pause");
}

void keeper_end(struct keeper *keeper)
{
    (void)keeper;
}

#endif
