/*
 * random_graph.h: small random graphs for tests of the graph algorithms, the same on every run.
 * Includes what cmocka needs.
 */
#ifndef STETH_TESTS_RANDOM_GRAPH_H
#define STETH_TESTS_RANDOM_GRAPH_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "heap/rows.h"

static uint64_t random_state = UINT64_C(0x9E3779B97F4A7C15);

static uint32_t random_below(uint32_t bound)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (uint32_t)((random_state >> 32) * bound >> 32);
}

struct pair {
    uint32_t from, to;
};

static void rows_of(struct rows *rows, uint32_t count, const struct pair *pairs, size_t pair_count)
{
    assert_true(rows_start(rows, count));
    for (size_t i = 0; i < pair_count; i++)
        rows_expect(rows, pairs[i].from);
    assert_true(rows_allocate(rows));
    for (size_t i = 0; i < pair_count; i++)
        rows_add(rows, pairs[i].from, pairs[i].to);
}

/*
 * Of 1 … most nodes, of all densities, with self-loops and double edges; sometimes only forward
 * and back along a chain, sometimes with nodes that hold nothing.
 */
static inline void random_rows(struct rows *rows, uint32_t most)
{
    uint32_t count = 1 + random_below(most), shape = random_below(4), leaves = random_below(4);
    size_t pair_count = random_below(3 * count + 1), kept = 0;
    struct pair *pairs = calloc(pair_count + count, sizeof *pairs);
    assert_non_null(pairs);
    for (size_t i = 0; i < pair_count; i++) {
        struct pair pair = {random_below(count), random_below(count)};
        if (shape == 1)
            pair.to = (pair.from + random_below(3) + count - 1) % count;
        if (leaves && pair.from % (leaves + 1) == 0)
            continue;
        pairs[kept++] = pair;
    }
    if (shape == 2)
        for (uint32_t i = 0; i + 1 < count; i++)
            pairs[kept++] = (struct pair){i, i + 1};
    rows_of(rows, count, pairs, kept);
    free(pairs);
}

#endif
