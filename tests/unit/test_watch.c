/* What samples of an event loop add up to. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "analysis/watch_series.h"

static struct loop_sample waiting(double when)
{
    return (struct loop_sample){
        .when = when, .waits = true, .turn_began = NAN, .turn_step = -1, .function = CALL_UNKNOWN};
}

static struct loop_sample calling(double when, double began, int64_t step, uint32_t function)
{
    return (struct loop_sample){.when = when,
                                .turn_began = began,
                                .turn_step = step,
                                .function = function,
                                .line = 10 + function};
}

static void add(struct loop_series *series, struct loop_sample sample)
{
    assert_true(loop_series_add(series, sample));
}

static void assert_near(double value, double expected)
{
    assert_true(fabs(value - expected) < 1e-9);
}

static void test_percentiles(void **state)
{
    (void)state;
    double values[100];
    for (int i = 0; i < 100; i++)
        values[i] = i + 1;
    assert_true(isnan(percentile(values, 0, 0.5)));
    assert_near(percentile(values, 1, 0.99), 1);
    assert_near(percentile(values, 100, 0.5), 50);
    assert_near(percentile(values, 100, 0.95), 95);
    assert_near(percentile(values, 100, 0.99), 99);
    assert_near(percentile(values, 100, 1), 100);
    assert_near(percentile(values, 100, 0), 1);
    assert_near(percentile(values, 3, 0.5), 2);
}

static void test_share_and_delays(void **state)
{
    (void)state;
    struct loop_series series = {0};
    assert_true(isnan(loop_series_utilisation(&series)));
    add(&series, calling(10.08, 10.00, 0, 1));
    add(&series, waiting(10.10));
    add(&series, waiting(10.15));
    add(&series, calling(10.20, 10.17, 2, 2));
    loop_series_end(&series);
    assert_near(loop_series_utilisation(&series), 0.5);
    assert_int_equal(series.delays.count, 4);
    assert_near(series.delays.items[0], 0);
    assert_near(series.delays.items[1], 0);
    assert_near(series.delays.items[2], 0.03);
    assert_near(series.delays.items[3], 0.08);
    loop_series_free(&series);
}

/* The first callback of a turn is as old as the turn; a later one as old as it was seen. */
static void test_age_of_callbacks(void **state)
{
    (void)state;
    struct loop_series series = {0};
    add(&series, calling(10.05, 10.00, 0, 1));
    add(&series, calling(10.10, 10.00, 0, 1));
    add(&series, calling(10.15, 10.00, 3, 2));
    add(&series, calling(10.20, 10.00, 3, 2));
    add(&series, calling(10.25, 10.00, 3, 1)); /* the same callback, now in another function */
    add(&series, calling(10.30, 10.28, 3, 2)); /* another turn */
    assert_int_equal(series.calls.count, 2);
    assert_int_equal(series.calls.items[0].function, 1);
    assert_int_equal(series.calls.items[0].samples, 3);
    assert_near(series.calls.items[0].longest, 0.10);
    assert_int_equal(series.calls.items[1].samples, 3);
    assert_near(series.calls.items[1].longest, 0.05);
    loop_series_free(&series);
}

static void test_lines_apart(void **state)
{
    (void)state;
    struct loop_series series = {0};
    struct loop_sample sample = calling(10.05, 10.00, 0, 1);
    add(&series, sample);
    sample.line++;
    add(&series, sample);
    assert_int_equal(series.calls.count, 2);
    loop_series_free(&series);
}

/* A frame read while it moves on can show anything. */
static void test_impossible_turns(void **state)
{
    (void)state;
    struct loop_series series = {0};
    add(&series, waiting(10.00));
    add(&series, calling(10.05, 3.00, 0, 1));     /* before it waited */
    add(&series, calling(10.10, 99.0, 0, 1));     /* not yet */
    add(&series, calling(10.15, INFINITY, 0, 1)); /* never */
    add(&series, calling(10.20, NAN, 0, 1));
    assert_int_equal(series.delays.count, 1);
    assert_int_equal(series.busy, 4);
    assert_near(series.calls.items[0].longest, 0);
    add(&series, calling(10.25, 10.20, 0, 1));
    add(&series, calling(10.30, 10.10, 0, 1)); /* older than the turn before */
    assert_int_equal(series.delays.count, 2);
    assert_near(series.calls.items[0].longest, 0.05);
    loop_series_free(&series);
}

/* A loop of which turns are not told: only where it is. */
static void test_no_turns(void **state)
{
    (void)state;
    struct loop_series series = {0};
    for (int i = 0; i < 5; i++)
        add(&series, calling(10 + i * 0.05, NAN, -1, 7));
    add(&series, calling(10.30, NAN, -1, CALL_UNKNOWN));
    assert_int_equal(series.delays.count, 0);
    assert_int_equal(series.calls.count, 1);
    assert_int_equal(series.calls.items[0].samples, 5);
    assert_near(series.calls.items[0].longest, 0);
    assert_near(loop_series_utilisation(&series), 1);
    loop_series_free(&series);
}

static void test_ready(void **state)
{
    (void)state;
    struct loop_series series = {0};
    struct loop_sample sample = waiting(10);
    sample.ready = -1;
    add(&series, sample);
    sample.ready = 7;
    add(&series, sample);
    assert_int_equal(series.ready.count, 1);
    assert_int_equal(series.ready.items[0], 7);
    loop_series_free(&series);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_percentiles),
        cmocka_unit_test(test_share_and_delays),
        cmocka_unit_test(test_age_of_callbacks),
        cmocka_unit_test(test_lines_apart),
        cmocka_unit_test(test_impossible_turns),
        cmocka_unit_test(test_no_turns),
        cmocka_unit_test(test_ready),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
