/* What /proc says of one thread. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "os/thread_state_text.h"

static void a_name_may_hold_anything(void **state)
{
    (void)state;
    static const struct {
        const char *text, *comm;
    } cases[] = {
        {"7 (plain) R 1 1 1 0 -1 0 0 0 0 0 12 30 0 0", "plain"},
        {"7 (a b) S 9) S 1 1 1 0 -1 0 0 0 0 0 12 30 0 0", "a b) S 9"},
        {"7 (() D 1 1 1 0 -1 4294967295 0 0 0 0 12 30 0 0", "("},
        {"7 () Z 1 1 1 0 -1 0 0 0 0 0 12 30 0 0", ""},
        {"7 (two\nlines) t 1 1 1 0 -1 0 0 0 0 0 12 30 0 0", "two\nlines"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct thread_state thread = {0};
        assert_true(thread_stat_parse(cases[i].text, 100, &thread));
        assert_string_equal(thread.comm, cases[i].comm);
        assert_int_equal(thread.state, "RSDZt"[i]);
        assert_true(thread.cpu_ms == 420);
    }
}

static void a_stat_that_is_cut_off_says_nothing(void **state)
{
    (void)state;
    static const char *const cases[] = {"", "7", "7 (x", "7 )x(",
                                        "7 (x) S 1 1 1 0 -1 0 0 0 0 0 12"};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct thread_state thread = {0};
        assert_false(thread_stat_parse(cases[i], 100, &thread));
    }
}

static void a_longer_name_than_the_kernel_gives_is_cut(void **state)
{
    (void)state;
    struct thread_state thread = {0};
    assert_true(
        thread_stat_parse("7 (kworker/0:1-events) S 1 1 1 0 -1 0 0 0 0 0 0 0", 100, &thread));
    assert_string_equal(thread.comm, "kworker/0:1-eve");
}

static void nanoseconds_are_taken_where_they_are_kept(void **state)
{
    (void)state;
    struct thread_state thread = {.cpu_ms = 10};
    thread_schedule_parse("0 0 0\n", &thread);
    assert_true(thread.cpu_ms == 10);
    thread_schedule_parse("", &thread);
    assert_true(thread.cpu_ms == 10);
    assert_int_equal(thread.runs, 0);
    thread_schedule_parse("12500000 77 3\n", &thread);
    assert_true(thread.cpu_ms == 12.5);
    assert_int_equal(thread.runs, 3);
}

static void switches_are_found_behind_other_lines(void **state)
{
    (void)state;
    struct thread_state thread = {0};
    thread_switches_parse("Name:\tx\nvoluntary_ctxt_switches:\t41\n"
                          "nonvoluntary_ctxt_switches:\t18446744073709551\n",
                          &thread);
    assert_int_equal(thread.runs, 18446744073709551 + 41);
    thread_switches_parse("Name:\tx\n", &thread);
    assert_int_equal(thread.runs, 0);
}

static void a_system_call_has_six_arguments(void **state)
{
    (void)state;
    struct thread_state thread = {.system_call = -1};
    thread_system_call_parse("202 0x7f01 0x189 0x0 0x0 0x0 0xffffffff 0x7ffd0010 0x7f0040\n",
                             &thread);
    assert_true(thread.in_system_call && !thread.running);
    assert_int_equal(thread.system_call, 202);
    assert_int_equal(thread.arguments[0], 0x7f01);
    assert_int_equal(thread.arguments[5], 0xffffffff);
    assert_int_equal(thread.stack_pointer, 0x7ffd0010);
    assert_int_equal(thread.program_counter, 0x7f0040);
}

static void a_thread_may_sleep_outside_of_a_system_call(void **state)
{
    (void)state;
    struct thread_state thread = {.system_call = -1};
    thread_system_call_parse("-1 0x7ffd0010 0x7f0040\n", &thread);
    assert_true(thread.in_system_call);
    assert_int_equal(thread.system_call, -1);
    assert_int_equal(thread.stack_pointer, 0x7ffd0010);
    assert_int_equal(thread.program_counter, 0x7f0040);
}

static void what_is_no_system_call_is_none(void **state)
{
    (void)state;
    static const char *const cases[] = {
        "running\n", "", "x", "202", "202 0x1 0x2\n", "202 0x1 0x2 0x3 0x4 0x5 0x6 0x7\n",
        "-1 0x1\n",
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct thread_state thread = {.system_call = -1};
        thread_system_call_parse(cases[i], &thread);
        assert_false(thread.in_system_call);
        assert_int_equal(thread.running, i == 0);
        assert_int_equal(thread.system_call, -1);
    }
}

static void system_calls_have_the_names_of_this_machine(void **state)
{
    (void)state;
    assert_string_equal(system_call_name(SYS_futex), "futex");
    assert_string_equal(system_call_name(SYS_read), "read");
    assert_string_equal(system_call_name(SYS_clock_nanosleep), "clock_nanosleep");
    assert_string_equal(system_call_name(SYS_epoll_pwait), "epoll_pwait");
    assert_null(system_call_name(-1));
    assert_null(system_call_name(1000000));
}

static bool state_of(pid_t pid, pid_t tid, struct thread_state *state)
{
    struct process_files *files = process_files_live(pid);
    bool known = thread_state_read(files, tid, state);
    process_files_free(files);
    return known;
}

static bool blocks_in(pid_t pid, int64_t call, struct thread_state *thread)
{
    for (int i = 0; i < 2000; i++, usleep(1000))
        if (state_of(pid, pid, thread) && thread->in_system_call && thread->system_call == call &&
            thread->state == 'S')
            return true;
    return false;
}

static void a_thread_that_is_being_moved_has_not_run_at_the_start_of_time(void **state)
{
    (void)state;
    const double none = -1;
    assert_true(sched_line_last_ran("se.exec_start           :      26086465.759012") ==
                26086465.759012);
    assert_true(sched_line_last_ran("se.exec_start           :             0.000000") == none);
    assert_true(sched_line_last_ran("se.vruntime             :          1234.000000") == none);
    assert_true(sched_line_last_ran("se.exec_start") == none);
    assert_true(sched_line_last_ran("") == none);
}

static void a_child_that_reads_is_seen_to_wait(void **state)
{
    (void)state;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    if (!child) {
        char byte;
        for (;;)
            (void)!read(ends[0], &byte, 1);
    }
    struct thread_state first, again, later;
    assert_true(blocks_in(child, SYS_read, &first));
    assert_int_equal(first.arguments[0], (uint64_t)ends[0]);
    assert_int_equal(first.arguments[2], 1);
    assert_true(blocks_in(child, SYS_read, &again));
    assert_true(thread_state_unmoved(&first, &again));
    assert_int_equal(write(ends[1], "x", 1), 1);
    usleep(20000);
    assert_true(blocks_in(child, SYS_read, &later)); /* the same call once more */
    assert_false(thread_state_unmoved(&first, &later));
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    assert_false(state_of(child, child, &first));
    close(ends[0]);
    close(ends[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_may_hold_anything),
        cmocka_unit_test(a_stat_that_is_cut_off_says_nothing),
        cmocka_unit_test(a_longer_name_than_the_kernel_gives_is_cut),
        cmocka_unit_test(nanoseconds_are_taken_where_they_are_kept),
        cmocka_unit_test(switches_are_found_behind_other_lines),
        cmocka_unit_test(a_system_call_has_six_arguments),
        cmocka_unit_test(a_thread_may_sleep_outside_of_a_system_call),
        cmocka_unit_test(what_is_no_system_call_is_none),
        cmocka_unit_test(system_calls_have_the_names_of_this_machine),
        cmocka_unit_test(a_thread_that_is_being_moved_has_not_run_at_the_start_of_time),
        cmocka_unit_test(a_child_that_reads_is_seen_to_wait),
    };
    return cmocka_run_group_tests_name("thread_state", tests, NULL, NULL);
}
