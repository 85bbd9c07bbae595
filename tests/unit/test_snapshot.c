/* The copy-on-write child of a process: of one instant; the process notices nothing, also when the
 * tracer is killed in the middle. */
#include <elf.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/select.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "target/fork_snapshot.h"
#include "target/inject_internal.h"

#define PAGES     2000
#define STRIDE    4096
#define SNAPSHOTS 20
#define WAIT_MS   250
#define SLACK_MS  5000 /* what a loaded machine may add */

static pid_t fork_target(void)
{
    pid_t pid = fork();
    if (pid == 0)
        prctl(PR_SET_PDEATHSIG, SIGKILL);
    return pid;
}

static void end_target(pid_t pid)
{
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
}

static struct target *open_live(pid_t pid)
{
    struct target *live;
    assert_null(target_open_live(pid, &live));
    return live;
}

/* NULL when the target has ended: on a loaded machine a program may be late. */
static struct target *open_snapshot(struct target *live)
{
    struct target *snapshot;
    double paused_ms;
    struct error *error = target_open_snapshot(live, &snapshot, &paused_ms);
    if (error && target_alive(live))
        fail_msg("%s", error->message);
    error_free(error);
    if (error)
        return NULL;
    assert_true(paused_ms > 0);
    assert_false(target_is_live(snapshot));
    assert_int_equal(target_pid(snapshot), target_pid(live));
    return snapshot;
}

/* ---- one instant ----------------------------------------------------------------------------- */

/* Of each thread a cell on each page: its round, and the rounds that it saw the other one end. */
struct cell {
    uint64_t round;
    uint64_t seen;
};

static uint8_t *areas[2];

static struct cell *cell_at(uint8_t *area, size_t page)
{
    return (struct cell *)(void *)(area + page * STRIDE);
}

static void *write_rounds(void *context)
{
    size_t own = (size_t)(uintptr_t)context;
    struct cell *others = cell_at(areas[1 - own], PAGES - 1);
    for (uint64_t round = 1;; round++)
        for (size_t page = 0; page < PAGES; page++) {
            struct cell *cell = cell_at(areas[own], page);
            cell->seen = __atomic_load_n(&others->round, __ATOMIC_SEQ_CST);
            __atomic_store_n(&cell->round, round, __ATOMIC_SEQ_CST);
        }
    return NULL;
}

static pid_t start_writers(void)
{
    for (size_t i = 0; i < 2; i++) {
        areas[i] = mmap(NULL, (size_t)PAGES * STRIDE, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        assert_ptr_not_equal(areas[i], MAP_FAILED);
    }
    pid_t pid = fork_target();
    if (pid == 0) {
        pthread_t thread;
        for (size_t i = 0; i < 2; i++)
            pthread_create(&thread, NULL, write_rounds, (void *)(uintptr_t)i);
        for (;;)
            pause();
    }
    usleep(100000);
    return pid;
}

/* Cells that are of no instant at all: a thread writes one page after the other. */
static size_t count_torn(uint8_t *const copies[2])
{
    size_t torn = 0;
    for (size_t i = 0; i < 2; i++) {
        uint64_t round = cell_at(copies[i], 0)->round,
                 ended = cell_at(copies[1 - i], PAGES - 1)->round;
        for (size_t page = 0; page < PAGES; page++) {
            const struct cell *cell = cell_at(copies[i], page);
            if (cell->round + 1 == round)
                round--;
            torn += cell->round != round || cell->seen > ended;
        }
        torn += round + 1 < cell_at(copies[i], 0)->round;
    }
    return torn;
}

static size_t read_torn(struct target *target, uint8_t *const copies[2])
{
    for (size_t i = 0; i < 2; i++)
        assert_true(target_read(target, (uintptr_t)areas[i], copies[i], (size_t)PAGES * STRIDE));
    return count_torn(copies);
}

static void test_one_instant(void **state)
{
    (void)state;
    uint8_t *copies[2] = {malloc((size_t)PAGES * STRIDE), malloc((size_t)PAGES * STRIDE)};
    pid_t pid = start_writers();
    struct target *live = open_live(pid);
    size_t torn_live = 0, torn = 0;
    for (int i = 0; i < SNAPSHOTS; i++) {
        struct target *snapshot = open_snapshot(live);
        torn_live += read_torn(live, copies) != 0;
        torn += read_torn(snapshot, copies);
        target_close(snapshot);
    }
    target_close(live);
    end_target(pid);
    free(copies[0]);
    free(copies[1]);
    assert_true(torn_live > 0); /* else the test sees nothing */
    assert_int_equal(torn, 0);
}

/* ---- calls go on ----------------------------------------------------------------------------- */

static double now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static void sleep_until(double end_ms)
{
    while (now_ms() < end_ms)
        usleep(1000);
}

static const struct timespec wait_time = {.tv_nsec = WAIT_MS * 1000000L};
static int quiet[2]; /* a pipe that nobody writes to */
static int loud[2];  /* one that is written to after the time */

static bool wait_futex(void)
{
    uint32_t word = 1;
    return syscall(SYS_futex, &word, 0 /* FUTEX_WAIT */, 1, &wait_time, NULL, 0) < 0 &&
           errno == ETIMEDOUT;
}

static bool wait_sleep(void)
{
    return nanosleep(&wait_time, NULL) == 0;
}

static bool wait_poll(void)
{
    struct pollfd event = {.fd = quiet[0], .events = POLLIN};
    return poll(&event, 1, WAIT_MS) == 0;
}

static bool wait_ppoll(void)
{
    sigset_t all;
    sigfillset(&all);
    struct pollfd event = {.fd = quiet[0], .events = POLLIN};
    return ppoll(&event, 1, &wait_time, &all) == 0;
}

static bool wait_select(void)
{
    struct timeval time = {.tv_usec = WAIT_MS * 1000};
    fd_set set;
    FD_ZERO(&set);
    FD_SET(quiet[0], &set);
    return select(quiet[0] + 1, &set, NULL, NULL, &time) == 0;
}

static bool wait_read(void)
{
    char byte;
    return read(loud[0], &byte, 1) == 1;
}

static bool wait_epoll(void)
{
    int poller = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event event = {.events = EPOLLIN};
    epoll_ctl(poller, EPOLL_CTL_ADD, loud[0], &event);
    return epoll_wait(poller, &event, 1, -1) == 1;
}

static double spin_value = 1.25;

/* Not asleep; the vector registers are in use. */
static bool spin(void)
{
    double begin = now_ms(), value = spin_value;
    while (now_ms() - begin < WAIT_MS)
        for (int i = 0; i < 100000; i++) {
            value = value * 0.5 + 0.625;
            __asm__ volatile("" : "+x"(value));
        }
    return value == spin_value;
}

static const struct {
    const char *name;
    bool (*wait)(void);
    bool kind; /* of its kind the one that the tracer is killed in */
} waits[] = {
    {"futex", wait_futex, false},   {"nanosleep", wait_sleep, true},
    {"poll", wait_poll, false},     {"ppoll", wait_ppoll, false},
    {"select", wait_select, false}, {"read", wait_read, true},
    {"epoll", wait_epoll, false},   {"spin", spin, true},
};
#define WAIT_COUNT (sizeof waits / sizeof *waits)

static volatile sig_atomic_t told;

static void note(int signal)
{
    (void)signal;
    told = 1;
}

/* What a process that is about to be disturbed holds dear. */
struct belongings {
    sigset_t mask;
    stack_t stack;
};

static void take_belongings(struct belongings *belongings)
{
    sigprocmask(SIG_SETMASK, NULL, &belongings->mask);
    sigaltstack(NULL, &belongings->stack);
}

static bool same_belongings(const struct belongings *before)
{
    struct belongings now;
    take_belongings(&now);
    return memcmp(&before->mask, &now.mask, 8) == 0 && before->stack.ss_sp == now.stack.ss_sp &&
           before->stack.ss_size == now.stack.ss_size &&
           before->stack.ss_flags == now.stack.ss_flags;
}

/* Returns when the one at the other end has written. */
static void await_byte(const int ends[2])
{
    char byte;
    close(ends[1]);
    assert_int_equal(read(ends[0], &byte, 1), 1);
    close(ends[0]);
}

/* Waits once; the exit status says what was noticed. `interrupted`: EINTR is allowed. Returns when
 * the time has begun that the wait must take at least, however late it was let run. */
static pid_t start_wait(size_t number, bool interrupted)
{
    int begun[2];
    assert_int_equal(pipe(begun), 0);
    pid_t pid = fork_target();
    if (pid) {
        await_byte(begun);
        return pid;
    }
    static char stack[65536];
    struct belongings before;
    sigset_t mask;
    sigemptyset(&mask);
    sigaddset(&mask, SIGUSR1);
    sigprocmask(SIG_SETMASK, &mask, NULL);
    sigaltstack(&(stack_t){.ss_sp = stack, .ss_size = sizeof stack}, NULL);
    signal(SIGCHLD, note);
    take_belongings(&before);
    double begin = now_ms();
    if (write(begun[1], "b", 1) != 1)
        _exit(64);
    bool done = waits[number].wait();
    bool ended_early = !done && interrupted && errno == EINTR;
    double took = now_ms() - begin;
    int status = 0;
    if (!done && !ended_early)
        status |= 1;
    if ((took < WAIT_MS - 1 && !ended_early) || took > WAIT_MS + SLACK_MS)
        status |= 2;
    if (told)
        status |= 4;
    if (waitpid(-1, NULL, WNOHANG) != -1 || errno != ECHILD)
        status |= 8;
    if (!same_belongings(&before))
        status |= 16;
    if (interrupted && (waitpid(-1, NULL, WNOHANG | __WALL) != -1 || errno != ECHILD))
        status |= 32;
    _exit(status);
}

static void test_calls_go_on(void **state)
{
    (void)state;
    size_t snapshots = 0;
    for (size_t i = 0; i < WAIT_COUNT; i++) {
        assert_int_equal(pipe(quiet), 0);
        assert_int_equal(pipe(loud), 0);
        pid_t pid = start_wait(i, false);
        double begin = now_ms();
        usleep(10000);
        struct target *live = open_live(pid), *snapshot;
        while (now_ms() - begin < WAIT_MS * 3 / 4 && (snapshot = open_snapshot(live))) {
            usleep(5000);
            target_close(snapshot);
            snapshots++;
        }
        target_close(live);
        sleep_until(begin + WAIT_MS + 10);
        assert_int_equal(write(loud[1], "x", 1), 1);
        int status;
        waitpid(pid, &status, 0);
        if (status)
            fail_msg("%s: status %#x", waits[i].name, (unsigned)status);
        for (int end = 0; end < 2; end++) {
            close(quiet[end]);
            close(loud[end]);
        }
    }
    assert_true(snapshots > 0);
}

/* ---- killed in the middle -------------------------------------------------------------------- */

enum last_step {
    PREPARED,
    REGISTERS_SET,
    MASK_SET,
    CALL_BEGAN,
    CHILD_BORN,
    CALL_ENDED,
    STEP_COUNT
};

/* Takes the steps of injection_clone up to `last`, and is gone. */
static void trace_until(pid_t pid, enum last_step last)
{
    struct injection_place place;
    struct injection injection;
    bool ended;
    uint64_t all = UINT64_MAX;
    injection_within(5);
    if (injection_place_find(pid, &place) || injection_begin(pid, &place, &injection, &ended))
        _exit(1);
    const uint64_t arguments[4] = {CLONE_FILES, injection.child_stack, 0, 0};
    struct user_regs_struct registers =
        injection_registers(&injection, injection.clone_stack, SYS_clone, arguments);
    struct iovec part = {.iov_base = &registers, .iov_len = sizeof registers};
    if (last >= REGISTERS_SET)
        ptrace(PTRACE_SETREGSET, pid, NT_PRSTATUS, &part);
    if (last >= MASK_SET)
        ptrace((enum __ptrace_request)PTRACE_SETSIGMASK, pid, 8, &all);
    for (int step = CALL_BEGAN; step <= (int)last; step++) {
        ptrace(PTRACE_SYSCALL, pid, NULL, NULL);
        waitpid(pid, NULL, __WALL);
    }
    raise(SIGKILL);
}

static void test_tracer_is_killed(void **state)
{
    (void)state;
    size_t kills = 0;
    for (size_t wait = 0; wait < WAIT_COUNT; wait++)
        for (enum last_step last = PREPARED; waits[wait].kind && last < STEP_COUNT; last++) {
            int status;
            assert_int_equal(pipe(quiet), 0);
            assert_int_equal(pipe(loud), 0);
            pid_t pid = start_wait(wait, true);
            usleep(10000);
            pid_t tracer = fork();
            if (tracer == 0)
                trace_until(pid, last);
            waitpid(tracer, &status, 0);
            kills += WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
            usleep((WAIT_MS + 10) * 1000);
            assert_int_equal(write(loud[1], "x", 1), 1);
            waitpid(pid, &status, 0);
            if (status)
                fail_msg("%s, step %d: status %#x", waits[wait].name, (int)last, (unsigned)status);
            for (int end = 0; end < 2; end++) {
                close(quiet[end]);
                close(loud[end]);
            }
        }
    assert_true(kills > 0); /* the others: the target had ended before */
}

/* ---- refusals -------------------------------------------------------------------------------- */

static void test_image_is_refused(void **state)
{
    (void)state;
    uint8_t bytes[16] = {0};
    const struct image_segment segment = {4096, bytes, sizeof bytes};
    struct target *image, *snapshot;
    double paused_ms;
    assert_null(target_open_image(&segment, 1, &image));
    struct error *error = target_open_snapshot(image, &snapshot, &paused_ms);
    assert_non_null(error);
    assert_int_equal(error->code, ERROR_USAGE);
    error_free(error);
    target_close(image);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_instant),
        cmocka_unit_test(test_calls_go_on),
        cmocka_unit_test(test_tracer_is_killed),
        cmocka_unit_test(test_image_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
