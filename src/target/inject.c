#include "target/inject_internal.h"

#include <elf.h>
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>

#if defined __x86_64__

#define ALL_SIGNALS  UINT64_MAX
#define CODE_64      0x33 /* __USER_CS */
#define STOPS_MAX    1000 /* between two that we wait for */
#define ATTEMPTS_MAX 100  /* to find a thread outside of a restartable sequence */
#define SYSCALL_STOP (SIGTRAP | 0x80)
#define MASK_BYTES   ((void *)(uintptr_t)sizeof(uint64_t)) // NOLINT(performance-no-int-to-ptr)

/* ---- waiting --------------------------------------------------------------------------------- */

static void wake(int signal)
{
    (void)signal; /* waitpid returns */
}

void injection_within(double seconds)
{
    struct sigaction action = {.sa_handler = wake};
    sigaction(SIGALRM, &action, NULL);
    time_t whole = (time_t)seconds;
    struct itimerval timer = {
        .it_value = {.tv_sec = whole, .tv_usec = (suseconds_t)((seconds - (double)whole) * 1e6)},
        .it_interval = {.tv_usec = 10000}, /* the first may come when nobody waits */
    };
    setitimer(ITIMER_REAL, &timer, NULL);
}

bool injection_wait(pid_t thread, int *status)
{
    return waitpid(thread, status, __WALL) == thread;
}

static bool has_stopped(int status)
{
    return WIFSTOPPED(status);
}

static int stop_event(int status)
{
    return status >> 16;
}

/* The signal that a stop holds back; 0 for none. */
static int held_signal(int status)
{
    int signal = WSTOPSIG(status);
    return stop_event(status) || signal == SYSCALL_STOP ? 0 : signal;
}

static struct error *not_stopped(pid_t thread)
{
    return error_hint(error_new(ERROR_CANNOT_LOOK, "thread %d cannot be stopped", (int)thread),
                      "it may hang in the kernel; without --consistent nothing is stopped");
}

static struct error *is_gone(pid_t thread)
{
    return error_new(ERROR_CANNOT_LOOK, "thread %d ended while it was stopped", (int)thread);
}

/*
 * Lets the thread run, with PTRACE_CONT or PTRACE_SYSCALL, to its next stop. Signals go where they
 * are going.
 */
static struct error *run(pid_t thread, enum __ptrace_request how, int *status)
{
    int signal = has_stopped(*status) ? held_signal(*status) : 0;
    if (ptrace(how, thread, NULL, (void *)(uintptr_t)signal)) // NOLINT(performance-no-int-to-ptr)
        return is_gone(thread);
    if (!injection_wait(thread, status))
        return not_stopped(thread);
    return has_stopped(*status) ? NULL : is_gone(thread);
}

static struct error *run_to_interrupt(pid_t thread, int *status)
{
    if (ptrace(PTRACE_INTERRUPT, thread, NULL, NULL))
        return is_gone(thread);
    struct error *error = run(thread, PTRACE_CONT, status);
    for (int i = 0; !error && stop_event(*status) != PTRACE_EVENT_STOP && i < STOPS_MAX; i++)
        error = run(thread, PTRACE_CONT, status);
    return error;
}

/* ---- a thread that stands still -------------------------------------------------------------- */

/*
 * Whether the thread is within a restartable sequence (rseq(2)): the kernel would have sent it to
 * the handler for aborts, and does no more once it was elsewhere in between.
 */
static bool in_restartable_sequence(pid_t thread, uint64_t at)
{
    struct __ptrace_rseq_configuration setting;
    struct {
        uint32_t version, flags;
        uint64_t start, length, abort;
    } sequence;
    if (ptrace((enum __ptrace_request)PTRACE_GET_RSEQ_CONFIGURATION, thread,
               (void *)sizeof setting, // NOLINT(performance-no-int-to-ptr)
               &setting) != sizeof setting ||
        !setting.rseq_abi_pointer)
        return false;
    errno = 0;
    uint64_t pointer = (uint64_t)ptrace(PTRACE_PEEKDATA, thread, setting.rseq_abi_pointer + 8, 0);
    if (errno || !pointer)
        return false;
    struct iovec local = {.iov_base = &sequence, .iov_len = sizeof sequence};
    struct iovec remote = {.iov_base =
                               (void *)(uintptr_t)pointer, // NOLINT(performance-no-int-to-ptr)
                           .iov_len = sizeof sequence};
    return process_vm_readv(thread, &local, 1, &remote, 1, 0) == (ssize_t)sizeof sequence &&
           at - sequence.start < sequence.length;
}

/*
 * epoll_wait(2) is not repeated by the kernel after a stop. One that waits for ever can be: as if
 * the kernel had asked for it; a signal that has a handler still ends it.
 */
static void repeat_endless_poll(struct user_regs_struct *user)
{
    bool polls = user->orig_rax == SYS_epoll_wait || user->orig_rax == SYS_epoll_pwait;
    bool endless =
        (polls && (int32_t)user->r10 < 0) || (user->orig_rax == SYS_epoll_pwait2 && user->r10 == 0);
    if (endless && user->rax == (uint64_t)-EINTR)
        user->rax = (uint64_t)-ERESTARTNOHAND;
}

static struct error *take_registers(struct injection *injection)
{
    pid_t thread = injection->thread;
    struct iovec part = {.iov_base = &injection->registers, .iov_len = sizeof injection->registers};
    if (ptrace(PTRACE_GETREGSET, thread, NT_PRSTATUS, &part) ||
        ptrace((enum __ptrace_request)PTRACE_GETSIGMASK, thread, MASK_BYTES, &injection->mask))
        return is_gone(thread);
    if (part.iov_len != sizeof injection->registers || injection->registers.cs != CODE_64)
        return error_new(ERROR_CANNOT_LOOK, "thread %d runs 32-bit code", (int)thread);
    return NULL;
}

static struct error *stop(struct injection *injection, int *status)
{
    pid_t thread = injection->thread;
    struct error *error = NULL;
    clock_gettime(CLOCK_MONOTONIC, &injection->begin);
    if (ptrace(PTRACE_INTERRUPT, thread, NULL, NULL))
        return is_gone(thread);
    if (!injection_wait(thread, status))
        return not_stopped(thread);
    if (!has_stopped(*status))
        return is_gone(thread);
    for (int i = 0; !error && stop_event(*status) != PTRACE_EVENT_STOP && i < STOPS_MAX; i++)
        error = run(thread, PTRACE_CONT, status);
    return error;
}

static struct error *prepare(struct injection *injection)
{
    const uintptr_t options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE;
    int status;
    struct error *error = stop(injection, &status);
    if (!error && WSTOPSIG(status) != SIGTRAP)
        error = error_hint(error_new(ERROR_CANNOT_LOOK, "the process is stopped (SIGSTOP)"),
                           "what stands still needs no --consistent");
    if (!error)
        error = take_registers(injection);
    for (int i = 0; !error && i < ATTEMPTS_MAX &&
                    in_restartable_sequence(injection->thread, injection->registers.rip);
         i++) {
        error = run_to_interrupt(injection->thread, &status);
        if (!error)
            error = take_registers(injection);
    }
    if (error)
        return error;
    repeat_endless_poll(&injection->registers);
    if (ptrace(PTRACE_SETOPTIONS, injection->thread, NULL,
               (void *)options)) // NOLINT(performance-no-int-to-ptr)
        return is_gone(injection->thread);
    return injection_write_chain(injection);
}

struct error *injection_begin(pid_t thread, const struct injection_place *place,
                              struct injection *injection, bool *ended)
{
    *injection = (struct injection){.thread = thread, .place = *place};
    *ended = false;
    if (ptrace(PTRACE_SEIZE, thread, NULL, NULL)) {
        int reason = errno;
        *ended = reason == ESRCH;
        return error_hint(
            error_new(ERROR_PERMISSION, "cannot stop thread %d: %s", (int)thread, strerror(reason)),
            "--consistent needs what a debugger needs: run steth as root");
    }
    struct error *error = prepare(injection);
    if (error)
        ptrace(PTRACE_DETACH, thread, NULL, NULL);
    return error;
}

/* ---- a call ---------------------------------------------------------------------------------- */

static bool set_registers(pid_t thread, struct user_regs_struct *registers)
{
    struct iovec part = {.iov_base = registers, .iov_len = sizeof *registers};
    return ptrace(PTRACE_SETREGSET, thread, NT_PRSTATUS, &part) == 0;
}

static bool set_mask(pid_t thread, uint64_t mask)
{
    return ptrace((enum __ptrace_request)PTRACE_SETSIGMASK, thread, MASK_BYTES, &mask) == 0;
}

/* From the stop before the call to the one at its end; `born`: a child on the way, or 0. */
static struct error *run_call(pid_t thread, pid_t *born)
{
    int status = 0, seen = 0;
    *born = 0;
    for (int i = 0; i < STOPS_MAX; i++) {
        struct error *error = run(thread, PTRACE_SYSCALL, &status);
        if (error)
            return error;
        unsigned long message;
        if (stop_event(status) == PTRACE_EVENT_CLONE &&
            ptrace(PTRACE_GETEVENTMSG, thread, NULL, &message) == 0)
            *born = (pid_t)message;
        if (WSTOPSIG(status) == SYSCALL_STOP && ++seen == 2)
            return NULL;
    }
    return not_stopped(thread);
}

static struct error *call(struct injection *injection, uint64_t stack, long number,
                          const uint64_t arguments[4], pid_t *born, int64_t *result)
{
    pid_t thread = injection->thread;
    struct user_regs_struct user = injection_registers(injection, stack, number, arguments);
    if (!set_registers(thread, &user) || !set_mask(thread, ALL_SIGNALS))
        return is_gone(thread);
    struct error *error = run_call(thread, born);
    if (error)
        return error;
    errno = 0;
    *result = ptrace(PTRACE_PEEKUSER, thread, offsetof(struct user_regs_struct, rax), NULL);
    /* Only at a stop before user mode does the kernel see that a call is to be repeated. */
    int status = 0;
    return run_to_interrupt(thread, &status);
}

struct error *injection_call(struct injection *injection, long number, const uint64_t arguments[4],
                             int64_t *result)
{
    pid_t born;
    return call(injection, injection->call_stack, number, arguments, &born, result);
}

/*
 * The table of descriptors is shared, so that a file that the target closes is closed, and its peer
 * is told. No signal at the end: no wait(2) of the target sees the child without __WALL or
 * __WCLONE.
 */
struct error *injection_clone(struct injection *injection, pid_t *born, int64_t *known)
{
    const uint64_t arguments[4] = {CLONE_FILES, injection->child_stack, 0, 0};
    return call(injection, injection->clone_stack, SYS_clone, arguments, born, known);
}

double injection_end(struct injection *injection)
{
    struct timespec now;
    set_mask(injection->thread, injection->mask);
    set_registers(injection->thread, &injection->registers);
    ptrace(PTRACE_DETACH, injection->thread, NULL, NULL);
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)(now.tv_sec - injection->begin.tv_sec) * 1e3 +
           (double)(now.tv_nsec - injection->begin.tv_nsec) / 1e6;
}

#endif
