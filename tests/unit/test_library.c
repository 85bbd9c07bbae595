/* The public interface, on processes that are at hand: this one and a child that has ended. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "steth/steth.h"

static void has_a_version(void **state)
{
    (void)state;
    assert_string_equal(steth_version(), STETH_VERSION);
}

static void refuses_a_pid_that_is_gone(void **state)
{
    (void)state;
    pid_t child = fork();
    if (child == 0)
        _exit(0);
    waitpid(child, NULL, 0);
    steth_target *target = NULL;
    struct steth_failure failure;
    assert_int_equal(steth_open(child, &target, &failure), STETH_CANNOT_LOOK);
    assert_non_null(strstr(failure.message, "no process"));
    assert_null(target);
    assert_int_equal(steth_open(child, &target, NULL), STETH_CANNOT_LOOK);
}

static void refuses_what_is_not_cpython(void **state)
{
    (void)state;
    steth_target *target;
    steth_report *report = NULL;
    struct steth_failure failure;
    assert_int_equal(steth_open(getpid(), &target, &failure), STETH_OK);
    assert_int_equal(steth_check(target, 0, &report, &failure), STETH_CANNOT_LOOK);
    assert_true(strlen(failure.message) > 0);
    assert_null(report);
    steth_close(target);
}

static void frees_nothing_gladly(void **state)
{
    (void)state;
    steth_close(NULL);
    steth_report_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(has_a_version),
        cmocka_unit_test(refuses_a_pid_that_is_gone),
        cmocka_unit_test(refuses_what_is_not_cpython),
        cmocka_unit_test(frees_nothing_gladly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
