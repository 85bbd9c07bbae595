/* The sieve of a pass: what it lets through, and that every way of doing it agrees. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "heap/heads.h"

#define LOW  UINT64_C(0x7f0000000000)
#define SPAN UINT64_C(0x100000)

static const struct head_test word_count = {
    .low = LOW,
    .span = SPAN,
    .count_mask = UINT64_MAX,
    .count_max = (UINT64_C(1) << 40) - 1,
};
static const struct head_test half_count = {
    .low = LOW,
    .span = SPAN,
    .count_mask = UINT64_C(0xFF00FFFFFFFFFFFF),
    .count_max = UINT32_MAX,
};

static bool passes_with(const struct head_test *test, const uint64_t words[4])
{
    return heads_sieve_some(test, words, 1);
}

static bool passes(const struct head_test *test, uint64_t link, uint64_t count)
{
    return passes_with(test, (uint64_t[]){link, LOW, count, LOW});
}

static void a_link_points_into_the_heap(void **state)
{
    (void)state;
    assert_true(passes(&word_count, LOW, 1));
    assert_true(passes(&word_count, LOW + SPAN - 1, 1));
    assert_false(passes(&word_count, LOW + SPAN, 1));
    assert_false(passes(&word_count, LOW - 1, 1));
    assert_false(passes(&word_count, 0, 1));
}

static void the_previous_link_does_too_or_is_a_count(void **state)
{
    (void)state;
    assert_true(passes_with(&word_count, (uint64_t[]){LOW, LOW | GC_PREV_FINALIZED, 1, LOW}));
    assert_false(passes_with(&word_count, (uint64_t[]){LOW, LOW + SPAN, 1, LOW}));
    assert_false(passes_with(&word_count, (uint64_t[]){LOW, 5 << 2 | GC_PREV_FINALIZED, 1, LOW}));
    assert_true(passes_with(&word_count, (uint64_t[]){LOW, 5 << 2 | GC_PREV_COLLECTING, 1, LOW}));
}

static void a_type_lies_in_writable_memory(void **state)
{
    (void)state;
    assert_true(passes_with(&word_count, (uint64_t[]){LOW, LOW, 1, LOW + SPAN - 1}));
    assert_false(passes_with(&word_count, (uint64_t[]){LOW, LOW, 1, LOW + SPAN}));
    assert_false(passes_with(&word_count, (uint64_t[]){LOW, LOW, 1, 0}));
    assert_false(
        passes_with(&word_count, (uint64_t[]){LOW, LOW, 1, GC_PREV_COLLECTING})); /* no flag here */
}

static void a_count_is_sane(void **state)
{
    (void)state;
    assert_false(passes(&word_count, LOW, 0));
    assert_true(passes(&word_count, LOW, (UINT64_C(1) << 40) - 1));
    assert_false(passes(&word_count, LOW, UINT64_C(1) << 40));
    assert_false(passes(&word_count, LOW, UINT64_MAX));
    assert_true(passes(&half_count, LOW, UINT32_MAX)); /* immortal */
    assert_false(passes(&half_count, LOW, UINT64_C(1) << 32));
    assert_true(passes(&half_count, LOW, UINT64_C(0x0080000000000001))); /* flags */
    assert_false(passes(&half_count, LOW, UINT64_C(0x0080000000000000)));
}

/* Words around every limit, so that all tests fall both ways. */
static uint64_t word_at(uint64_t *seed)
{
    static const uint64_t bases[] = {0,
                                     LOW,
                                     LOW + SPAN,
                                     UINT64_C(1) << 32,
                                     UINT64_C(1) << 40,
                                     UINT64_C(1) << 48,
                                     UINT64_C(1) << 63};
    *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    uint64_t base = bases[(*seed >> 33) % (sizeof bases / sizeof *bases)];
    return base + (*seed >> 40) % 5 - 2;
}

static void every_way_agrees(void **state)
{
    (void)state;
    static const uint8_t page[4096];
    const struct image_segment segment = {LOW, page, sizeof page};
    struct cpython cpython = {0};
    assert_null(target_open_image(&segment, 1, &cpython.target));
    struct head_test chosen;
    heads_prepare(&cpython, &chosen);
    uint64_t seed = 1;
    for (int round = 0; round < 2000; round++) {
        uint64_t words[2 * HEADS_BLOCK + 2];
        for (size_t i = 0; i < sizeof words / sizeof *words; i++)
            words[i] = word_at(&seed);
        struct head_test test = round % 2 ? word_count : half_count;
        test.sieve = chosen.sieve;
        assert_true(heads_sieve(&test, words) == heads_sieve_some(&test, words, HEADS_BLOCK));
    }
    target_close(cpython.target);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_link_points_into_the_heap),
        cmocka_unit_test(the_previous_link_does_too_or_is_a_count),
        cmocka_unit_test(a_type_lies_in_writable_memory),
        cmocka_unit_test(a_count_is_sane),
        cmocka_unit_test(every_way_agrees),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
