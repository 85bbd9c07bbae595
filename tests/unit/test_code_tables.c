/* The tables of code objects, whole, cut short and made of garbage. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "runtime/code_tables.h"

#define TABLE(...) ((const uint8_t[]){__VA_ARGS__})
#define LINE(kind, at, ...)                                                                        \
    line_table_find(kind, TABLE(__VA_ARGS__), sizeof TABLE(__VA_ARGS__), 10, at)

static void lines_of_deltas(void **state)
{
    (void)state;
    /* from byte 4 on line 11, from 10 on 11 + 127 + 3, from 12 on back to 140 */
#define DELTAS 4, 1, 6, 127, 0, 3, 2, 0xff
    assert_int_equal(LINE(LINE_TABLE_DELTAS, -1, DELTAS), 10);
    assert_int_equal(LINE(LINE_TABLE_DELTAS, 0, DELTAS), 10);
    assert_int_equal(LINE(LINE_TABLE_DELTAS, 2, DELTAS), 10);
    assert_int_equal(LINE(LINE_TABLE_DELTAS, 4, DELTAS), 11);
    assert_int_equal(LINE(LINE_TABLE_DELTAS, 10, DELTAS), 141);
    assert_int_equal(LINE(LINE_TABLE_DELTAS, 12, DELTAS), 140);
    assert_int_equal(LINE(LINE_TABLE_DELTAS, 4000, DELTAS), 140);
    assert_int_equal(line_table_find(LINE_TABLE_DELTAS, NULL, 0, 10, 4), 10);
    assert_int_equal(LINE(LINE_TABLE_DELTAS, 4, 0, 0x80), 0); /* before the first line */
}

static void lines_of_ranges(void **state)
{
    (void)state;
    /* 4 bytes of line 11, 2 without line, 6 of line 9 */
#define RANGES 4, 1, 2, 0x80, 6, 0xfe
    assert_int_equal(LINE(LINE_TABLE_RANGES, -1, RANGES), 10);
    assert_int_equal(LINE(LINE_TABLE_RANGES, 0, RANGES), 11);
    assert_int_equal(LINE(LINE_TABLE_RANGES, 4, RANGES), 0);
    assert_int_equal(LINE(LINE_TABLE_RANGES, 6, RANGES), 9);
    assert_int_equal(LINE(LINE_TABLE_RANGES, 10, RANGES), 9);
    assert_int_equal(LINE(LINE_TABLE_RANGES, 12, RANGES), 0);
    assert_int_equal(LINE(LINE_TABLE_RANGES, 0, 4), 0);
}

#define ENTRY(kind, units) (0x80 | (kind) << 3 | ((units)-1))

static void lines_of_locations(void **state)
{
    (void)state;
    /* two units of line 10, one of 12, one of 12 - 3, one of 9 + 100, one without, one of 109 */
#define LOCATIONS                                                                                  \
    ENTRY(2, 2), 0x11, ENTRY(12, 1), 3, 4, ENTRY(13, 1), 7, ENTRY(14, 1), 0x48, 3, 0, 5, 6,        \
        ENTRY(15, 1), ENTRY(0, 1), 0
    assert_int_equal(LINE(LINE_TABLE_LOCATIONS, -1, LOCATIONS), 10);
    assert_int_equal(LINE(LINE_TABLE_LOCATIONS, 0, LOCATIONS), 10);
    assert_int_equal(LINE(LINE_TABLE_LOCATIONS, 2, LOCATIONS), 10);
    assert_int_equal(LINE(LINE_TABLE_LOCATIONS, 4, LOCATIONS), 12);
    assert_int_equal(LINE(LINE_TABLE_LOCATIONS, 6, LOCATIONS), 9);
    assert_int_equal(LINE(LINE_TABLE_LOCATIONS, 8, LOCATIONS), 109);
    assert_int_equal(LINE(LINE_TABLE_LOCATIONS, 10, LOCATIONS), 0);
    assert_int_equal(LINE(LINE_TABLE_LOCATIONS, 12, LOCATIONS), 109);
    assert_int_equal(LINE(LINE_TABLE_LOCATIONS, 14, LOCATIONS), 0);
}

static void expect_handler(const uint8_t *table, size_t size, uint32_t unit, int64_t target,
                           uint32_t depth)
{
    struct exception_handler handler;
    bool found = exception_table_find(table, size, unit, &handler);
    assert_int_equal(found, target >= 0);
    if (found) {
        assert_int_equal(handler.unit, target);
        assert_int_equal(handler.depth, depth);
    }
}

static void handlers_are_found(void **state)
{
    (void)state;
    /* units 2 and 3 go to 70 with depth 1, unit 5 to 6 with depth 3 */
    const uint8_t table[] = {0x82, 2, 0x41, 6, 2, 0x85, 1, 6, 7};
    expect_handler(table, sizeof table, 1, -1, 0);
    expect_handler(table, sizeof table, 2, 70, 1);
    expect_handler(table, sizeof table, 3, 70, 1);
    expect_handler(table, sizeof table, 4, -1, 0);
    expect_handler(table, sizeof table, 5, 6, 3);
    expect_handler(table, sizeof table, UINT32_MAX, -1, 0);
    expect_handler(NULL, 0, 0, -1, 0);
}

static void absurd_handlers_are_refused(void **state)
{
    (void)state;
    /* a number that does not end, one beyond 32 bits, an entry without its first bit */
    const uint8_t endless[] = {0xc0, 0x40, 0x40, 0x40, 0x40, 0x40, 0x40, 0x40};
    const uint8_t wide[] = {0x80, 0x7f, 0x7f, 0x7f, 0x7f, 0x7f, 0x7f, 1, 1, 1};
    const uint8_t unmarked[] = {0, 9, 1, 1};
    expect_handler(endless, sizeof endless, 0, -1, 0);
    expect_handler(wide, sizeof wide, 0, -1, 0);
    expect_handler(unmarked, sizeof unmarked, 0, -1, 0);
}

static void cut_tables_end_within_their_bytes(void **state)
{
    (void)state;
    static const uint8_t tables[] = {DELTAS, RANGES, LOCATIONS, 0x82, 2, 0x41, 6, 2};
    for (size_t first = 0; first < sizeof tables; first++)
        for (size_t size = 0; size <= sizeof tables - first; size++) {
            /* Of its own, so that the sanitizer knows where it ends. */
            uint8_t *cut = malloc(size + !size);
            struct exception_handler handler;
            assert_non_null(cut);
            memcpy(cut, tables + first, size);
            for (int at = 0; at < 20; at += 2) {
                line_table_find(LINE_TABLE_DELTAS, cut, size, 1, at);
                line_table_find(LINE_TABLE_RANGES, cut, size, 1, at);
                line_table_find(LINE_TABLE_LOCATIONS, cut, size, 1, at);
                exception_table_find(cut, size, (uint32_t)at, &handler);
            }
            free(cut);
        }
}

static void garbage_gives_some_answer(void **state)
{
    (void)state;
    uint8_t table[64];
    struct exception_handler handler;
    uint32_t random = 1;
    for (unsigned round = 0; round < 2000; round++) {
        for (size_t i = 0; i < sizeof table; i++)
            table[i] = (uint8_t)((random = random * 1664525 + 1013904223) >> 24);
        for (int64_t at = -2; at < 100; at++) {
            line_table_find(LINE_TABLE_DELTAS, table, sizeof table, INT32_MAX, at);
            line_table_find(LINE_TABLE_RANGES, table, sizeof table, INT32_MIN, at);
            line_table_find(LINE_TABLE_LOCATIONS, table, sizeof table, INT32_MAX, at);
            exception_table_find(table, sizeof table, (uint32_t)at, &handler);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_of_deltas),
        cmocka_unit_test(lines_of_ranges),
        cmocka_unit_test(lines_of_locations),
        cmocka_unit_test(handlers_are_found),
        cmocka_unit_test(absurd_handlers_are_refused),
        cmocka_unit_test(cut_tables_end_within_their_bytes),
        cmocka_unit_test(garbage_gives_some_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
