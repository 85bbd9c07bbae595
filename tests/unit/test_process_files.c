/* What the kernel tells of a process: live, and as it was recorded. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "os/asleep.h"
#include "os/process.h"
#include "os/process_files.h"
#include "os/signals.h"
#include "os/tasks.h"
#include "os/thread_state.h"

static void put(struct process_files *files, unsigned moment, const char *path, const char *text)
{
    assert_true(process_files_add(files, moment, path, text, strlen(text)));
}

static void reads(const struct process_files *files, const char *path, const char *expected)
{
    size_t size = 99;
    char *text = process_files_read(files, path, 1 << 12, &size);
    assert_non_null(text);
    assert_string_equal(text, expected);
    assert_int_equal(size, strlen(expected));
    free(text);
}

static void is_absent(const struct process_files *files, const char *path)
{
    errno = 0;
    assert_null(process_files_read(files, path, 1 << 12, NULL));
    assert_int_equal(errno, ENOENT);
}

struct names {
    char text[256];
    size_t most;
};

static bool note_name(void *context, const char *name)
{
    struct names *names = context;
    strcat(strcat(names->text, name), " ");
    return --names->most;
}

static void lists(const struct process_files *files, const char *directory, const char *expected)
{
    struct names names = {.most = 100};
    assert_true(process_files_visit(files, directory, note_name, &names));
    assert_string_equal(names.text, expected);
}

/* ---- live ------------------------------------------------------------------------------------ */

static void a_live_process_is_asked_itself(void **state)
{
    (void)state;
    struct process_files *files = process_files_live(getpid());
    assert_true(process_files_are_live(files) && process_files_change(files));
    assert_int_equal(process_files_pid(files), getpid());
    int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    char link[32], path[64], comm[64] = "";
    snprintf(link, sizeof link, "fd/%d", null);
    char *target = process_files_link(files, link);
    assert_string_equal(target, "/dev/null");
    free(target);
    close(null);
    assert_null(process_files_link(files, link));
    snprintf(path, sizeof path, "task/%d/comm", getpid());
    FILE *file = fopen("/proc/self/comm", "re");
    assert_non_null(fgets(comm, sizeof comm, file));
    fclose(file);
    reads(files, path, comm);
    assert_null(process_files_read(files, "no-such-file", 10, NULL));
    struct names names = {.most = 1};
    assert_true(process_files_visit(files, "task", note_name, &names));
    assert_true(atoi(names.text) > 0);
    assert_false(process_files_visit(files, "no-such-directory", note_name, &names));
    process_files_free(files);
}

static void a_live_wait_takes_its_time(void **state)
{
    (void)state;
    struct process_files *files = process_files_live(getpid());
    double before = process_files_monotonic(files);
    process_files_wait(files, 0.02);
    assert_true(process_files_monotonic(files) - before >= 0.02);
    assert_true(process_files_since_boot(files) > 0);
    char *own = process_files_read(files, "self/comm", 64, NULL);
    assert_non_null(own);
    free(own);
    process_files_free(files);
}

/* ---- recorded -------------------------------------------------------------------------------- */

static void a_record_has_what_was_added(void **state)
{
    (void)state;
    struct process_files *files = process_files_recorded(42);
    assert_false(process_files_are_live(files) || process_files_change(files));
    is_absent(files, "stat");
    assert_true(isnan(process_files_monotonic(files)) && isnan(process_files_since_boot(files)));
    put(files, 0, "comm", "python\n");
    put(files, 0, "@fd/3", "/var/log/x");
    put(files, 0, "@exe", "/usr/bin/python3");
    put(files, 0, "empty", "");
    reads(files, "comm", "python\n");
    reads(files, "empty", "");
    char *cut = process_files_read(files, "comm", 3, NULL);
    assert_string_equal(cut, "pyt");
    free(cut);
    char *link = process_files_link(files, "fd/3");
    assert_string_equal(link, "/var/log/x");
    free(link);
    char *open_on = process_descriptor(files, 3);
    assert_string_equal(open_on, "/var/log/x");
    free(open_on);
    assert_null(process_descriptor(files, 4));
    is_absent(files, "fd/3");
    assert_null(process_files_link(files, "comm"));
    lists(files, "fd", "3 ");
    assert_false(process_files_visit(files, "task", note_name, &(struct names){.most = 9}));
    process_files_free(files);
}

static void waiting_goes_on_to_the_next_moment(void **state)
{
    (void)state;
    struct process_files *files = process_files_recorded(42);
    put(files, 0, "comm", "python\n");
    put(files, 0, "task/42/stat", "first");
    put(files, 0, "task/42/syscall", "running\n");
    put(files, 0, "task/43/stat", "gone later");
    put(files, 1, "task/42/stat", "second");
    assert_true(process_files_add_clocks(files, 0, 10, 20));
    assert_true(process_files_add_clocks(files, 1, 10.5, 20.5));
    assert_true(process_files_change(files));
    lists(files, "task", "42 43 ");
    reads(files, "task/42/stat", "first");
    assert_true(process_files_monotonic(files) == 10 && process_files_since_boot(files) == 20);
    for (int i = 0; i < 2; i++) {
        process_files_wait(files, 1e9);
        lists(files, "task", "42 ");
        reads(files, "task/42/stat", "second");
        is_absent(files, "task/42/syscall"); /* the whole of it was recorded anew */
        is_absent(files, "task/43/stat");
        reads(files, "comm", "python\n"); /* and that was not */
        assert_true(process_files_monotonic(files) == 10.5);
    }
    process_files_free(files);
}

static void a_visit_may_end_early(void **state)
{
    (void)state;
    struct process_files *files = process_files_recorded(1);
    put(files, 0, "task/1/stat", "");
    put(files, 0, "task/2/stat", "");
    put(files, 0, "task/", "");
    put(files, 0, "taskforce/3/stat", "");
    struct names names = {.most = 1};
    assert_true(process_files_visit(files, "task", note_name, &names));
    assert_string_equal(names.text, "1 ");
    lists(files, "task", "1 2 ");
    process_files_free(files);
}

static void everything_else_reads_records_too(void **state)
{
    (void)state;
    struct process_files *files = process_files_recorded(42);
    const char *status =
        "Name:\tpy\nState:\tS (sleeping)\nNSpid:\t42\t7\nSigCgt:\t0000000000000002\n"
        "voluntary_ctxt_switches:\t5\n";
    const char *stat = "42 (py) S 1 42 42 0 -1 4194304 0 0 0 0 100 50 0 0 20 0 1 0 700 0 0\n";
    put(files, 0, "status", status);
    put(files, 0, "stat", stat);
    put(files, 0, "cmdline", "python app.py");
    put(files, 0, "task/42/status", status);
    put(files, 0, "task/42/stat", stat);
    put(files, 0, "task/42/syscall", "0 0x3 0x0 0x1 0x0 0x0 0x0 0x7ffe 0x7f00\n");
    assert_true(process_files_add_clocks(files, 0, 10, 20));
    struct process_facts facts;
    assert_null(process_facts_read(files, &facts));
    assert_string_equal(facts.command, "python app.py");
    assert_int_equal(facts.inner_pid, 7);
    assert_true(facts.uptime_s > 20 - 700.0 / 50 && facts.uptime_s < 20); /* 100 or so a second */
    process_facts_free(&facts);
    process_task_vector tasks = {0};
    assert_null(process_tasks(files, &tasks));
    assert_int_equal(tasks.count, 1);
    assert_int_equal(tasks.items[0].inner, 7);
    vector_free(&tasks);
    struct thread_state thread;
    assert_true(thread_state_read(files, 42, &thread));
    assert_true(thread.in_system_call && thread.system_call == 0 && thread.arguments[0] == 3);
    assert_int_equal(thread.runs, 5);
    assert_false(thread_state_read(files, 43, &thread));
    assert_int_equal(process_caught_signals(files), 2);
    process_files_free(files);
}

static void a_thread_that_ran_is_told_by_either_count(void **state)
{
    (void)state;
    static const struct {
        const char *schedule, *status, *later_schedule, *later_status;
        bool still;
    } cases[] = {
        {"9 9 3\n", "", "9 9 3\n", "", true},
        {"9 9 3\n", "", "12 9 4\n", "", false},
        {"0 0 0\n", "x\nState:\tS\nvoluntary_ctxt_switches:\t5\n", "0 0 0\n",
         "x\nState:\tS\nvoluntary_ctxt_switches:\t5\n", true},
        {"0 0 0\n", "x\nState:\tS\nvoluntary_ctxt_switches:\t5\n", "0 0 0\n",
         "x\nState:\tR\nvoluntary_ctxt_switches:\t5\n", false},
        {"0 0 0\n", "x\nState:\tS\nvoluntary_ctxt_switches:\t5\n", "0 0 0\n",
         "x\nState:\tS\nvoluntary_ctxt_switches:\t6\n", false},
        {"0 0 0\n", "", "0 0 0\n", "", false}, /* nobody counts */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct process_files *files = process_files_recorded(42);
        struct thread_state then;
        put(files, 0, "task/42/stat", "42 (py) S 1 42 42 0 -1 4194304 0 0 0 0 100 50 0 0 20 0\n");
        put(files, 0, "task/42/schedstat", cases[i].schedule);
        put(files, 0, "task/42/status", cases[i].status);
        put(files, 1, "task/42/schedstat", cases[i].later_schedule);
        put(files, 1, "task/42/status", cases[i].later_status);
        assert_true(thread_state_read(files, 42, &then));
        process_files_wait(files, 1);
        assert_int_equal(thread_state_still(files, &then), cases[i].still);
        process_files_free(files);
    }
}

#define UP_TO_PROCESSOR                                                                            \
    "S 1 2 2 0 -1 4194304 0 0 0 0 1 2 0 0 20 0 1 0 700 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 17 "

static void sleep_is_told_by_the_clock_of_one_processor(void **state)
{
    (void)state;
    struct process_files *files = process_files_recorded(42);
    put(files, 0, "task/42/stat", "42 (a) b) " UP_TO_PROCESSOR "3 0 0 0 0 0\n");
    put(files, 0, "task/42/sched", "py (42, #threads: 1)\nse.exec_start  :  1000.5\n");
    put(files, 0, "task/43/stat", "43 (py) " UP_TO_PROCESSOR "1 0 0 0 0 0\n");
    put(files, 0, "task/43/sched", "py (43, #threads: 1)\nse.exec_start  :  1000.5\n");
    put(files, 0, "self/sched@0", "steth (99, #threads: 1)\nse.exec_start  :  9000.5\n");
    put(files, 0, "self/sched@3", "steth (99, #threads: 1)\nse.exec_start  :  3000.5\n");
    assert_true(thread_asleep_ms(files, 42) == 2000);
    assert_true(thread_asleep_ms(files, 43) == 0);
    assert_true(thread_asleep_ms(files, 44) == 0);
    process_files_free(files);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_live_process_is_asked_itself),
        cmocka_unit_test(a_live_wait_takes_its_time),
        cmocka_unit_test(a_record_has_what_was_added),
        cmocka_unit_test(waiting_goes_on_to_the_next_moment),
        cmocka_unit_test(a_visit_may_end_early),
        cmocka_unit_test(everything_else_reads_records_too),
        cmocka_unit_test(a_thread_that_ran_is_told_by_either_count),
        cmocka_unit_test(sleep_is_told_by_the_clock_of_one_processor),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
