/* The parts that a graph of objects is made with: sets of addresses, sums by kind, ways, pools. */
#include "random_graph.h"

#include "heap/node_set.h"
#include "heap/pools.h"
#include "heap/reach.h"
#include "heap/retained.h"
#include "heap/retained_kinds.h"

#define GRAPHS     3000
#define NODES_MOST 24
#define KINDS      4

/* ---- node_set -------------------------------------------------------------------------------- */

#define FIRST        UINT64_C(0x10000)
#define SECOND       UINT64_C(0x50008)
#define FIRST_BYTES  (3 * NODE_BLOCK_BYTES)
#define SECOND_BYTES (2 * NODE_BLOCK_BYTES + 72)

static uint8_t first_bytes[FIRST_BYTES], second_bytes[SECOND_BYTES];

static struct target *open_two(void)
{
    const struct image_segment segments[] = {{FIRST, first_bytes, FIRST_BYTES},
                                             {SECOND, second_bytes, SECOND_BYTES}};
    struct target *target;
    assert_null(target_open_image(segments, 2, &target));
    return target;
}

static void numbers_are_addresses(void **state)
{
    (void)state;
    struct target *target = open_two();
    struct node_set *set;
    assert_null(node_set_new(target, &set));
    uint64_t added[400], count = 0;
    for (uint64_t at = FIRST; at < FIRST + FIRST_BYTES; at += 8 * (1 + random_below(60)))
        added[count++] = at;
    added[count++] = SECOND;
    added[count++] = SECOND + NODE_BLOCK_BYTES - 8;
    added[count++] = SECOND + SECOND_BYTES - 8;
    for (size_t i = 0; i < count; i++) {
        const struct node_range *range = node_set_range(set, added[i]);
        assert_non_null(range);
        assert_true(node_range_add(range, added[i]));
        assert_false(node_range_add(range, added[i]));
        assert_true(node_range_has(range, added[i]));
    }
    assert_true(node_set_seal(set));
    assert_int_equal(set->count, count);
    for (uint32_t i = 0; i < count; i++) {
        assert_int_equal(node_set_number(set, added[i]), i);
        assert_int_equal(node_set_address(set, i), added[i]);
    }
    assert_int_equal(node_set_address(set, (uint32_t)count), 0);
    assert_int_equal(node_set_number(set, SECOND + 8), NODE_NONE);
    assert_int_equal(node_set_number(set, SECOND + 1), NODE_NONE);
    assert_null(node_set_range(set, FIRST - 8));
    assert_null(node_set_range(set, FIRST + FIRST_BYTES));
    assert_null(node_set_range(set, UINT64_MAX));
    uint32_t seen = 0, number;
    for (size_t block = 0; block < set->block_count; block++) {
        struct node_cursor cursor;
        node_set_block(set, block, &cursor);
        for (uint64_t address; (address = node_cursor_next(&cursor, &number)); seen++) {
            assert_int_equal(number, seen);
            assert_int_equal(address, added[seen]);
            assert_int_equal(node_range_block(node_set_range(set, address), address), block);
        }
    }
    assert_int_equal(seen, count);
    node_set_free(set);
    target_close(target);
}

/* ---- retained_kinds, reach: by the definition --------------------------------------------------
 */

static void mark(const struct rows *rows, uint32_t node, const bool *gone, bool *reached)
{
    if (reached[node] || gone[node])
        return;
    reached[node] = true;
    for (uint32_t i = row_begin(rows, node); i < row_end(rows, node); i++)
        mark(rows, rows->to[i], gone, reached);
}

/* A kind's instances hold each what it dominates; those inside another's count once. */
static void check_kinds(const struct rows *rows, const uint32_t *roots, size_t root_count)
{
    uint64_t retained[NODES_MOST], own[NODES_MOST], sums[KINDS] = {0};
    uint32_t kind_of[NODES_MOST];
    struct dominators dominators;
    for (uint32_t i = 0; i < rows->count; i++) {
        own[i] = retained[i] = 1 + random_below(100);
        kind_of[i] = random_below(KINDS);
    }
    assert_true(dominators_find(rows, roots, root_count, &dominators));
    dominators_retained(&dominators, retained);
    assert_true(retained_by_kind(&dominators, retained, kind_of, KINDS, sums));
    for (uint32_t kind = 0; kind < KINDS; kind++) {
        uint64_t expected = 0;
        for (uint32_t node = 0; node < rows->count; node++) {
            uint32_t up = node;
            while (up < rows->count && dominators.parent[up] != NODE_NONE && kind_of[up] != kind)
                up = dominators.parent[up];
            if (up < rows->count && kind_of[up] == kind)
                expected += own[node];
        }
        assert_int_equal(sums[kind], expected);
    }
    dominators_free(&dominators);
}

static void check_reach(const struct rows *rows, const uint32_t *roots, size_t root_count)
{
    const bool gone[NODES_MOST] = {false};
    bool reached[NODES_MOST] = {false};
    struct path_root ranked[3];
    node_vector way = {0};
    for (size_t i = 0; i < root_count; i++) {
        ranked[i] = (struct path_root){roots[i], random_below(3)};
        mark(rows, roots[i], gone, reached);
    }
    uint32_t *before = reach_find(rows, ranked, root_count);
    assert_non_null(before);
    for (uint32_t node = 0; node < rows->count; node++) {
        assert_int_equal(before[node] != NODE_NONE, reached[node]);
        assert_true(reach_follow(before, node, &way));
        assert_int_equal(way.count > 0, reached[node]);
        for (size_t i = 0; i + 1 < way.count; i++) {
            bool there = false;
            for (uint32_t k = row_begin(rows, way.items[i]); k < row_end(rows, way.items[i]); k++)
                there |= rows->to[k] == way.items[i + 1];
            assert_true(there);
        }
    }
    vector_free(&way);
    free(before);
}

static void kinds_and_ways_by_definition(void **state)
{
    (void)state;
    for (int graph = 0; graph < GRAPHS; graph++) {
        struct rows rows;
        uint32_t roots[3];
        size_t root_count = random_below(4);
        random_rows(&rows, NODES_MOST);
        for (size_t i = 0; i < root_count; i++)
            roots[i] = random_below(rows.count);
        check_kinds(&rows, roots, root_count);
        check_reach(&rows, roots, root_count);
        rows_free(&rows);
    }
}

/* ---- pools -------------------------------------------------------------------------------------
 */

#define POOLS      6
#define POOL_BYTES 4096u

struct pool {
    uint64_t count, free_block, next_pool, previous_pool;
    uint32_t arena, size_index, next_offset, last_offset;
};

static _Alignas(16) uint8_t arena[POOLS * POOL_BYTES];

static void put_pool(size_t number, struct pool pool)
{
    memcpy(arena + number * POOL_BYTES, &pool, sizeof pool);
}

static struct pool_totals count_pools(void)
{
    const struct image_segment segment = {0x100000, arena, sizeof arena};
    struct pool_totals totals;
    struct target *target;
    assert_null(target_open_image(&segment, 1, &target));
    pools_count(target, &totals);
    target_close(target);
    return totals;
}

static void pools_are_counted(void **state)
{
    (void)state;
    const struct pool good = {10, 0, 0, 0, 0, 3, 48 + 64 * 10, POOL_BYTES - 64};
    memset(arena, 0, sizeof arena);
    assert_int_equal(count_pools().pools, 0);
    for (size_t i = 0; i < POOLS; i++)
        put_pool(i, good);
    struct pool_totals totals = count_pools();
    assert_int_equal(totals.pools, POOLS);
    assert_int_equal(totals.used_bytes, POOLS * 640);
    assert_int_equal(totals.used_bytes + totals.free_bytes + totals.header_bytes, sizeof arena);
}

static void hostile_headers_are_none(void **state)
{
    (void)state;
    const struct pool hostile[] = {
        {10, 0, 0, 0, 0, UINT32_MAX, 688, POOL_BYTES - 64},
        {10, 0, 0, 0, 0, 32, 688, POOL_BYTES - 528},
        {UINT32_MAX, 0, 0, 0, 0, 3, 688, POOL_BYTES - 64},
        {10, UINT64_MAX, 0, 0, 0, 3, 688, POOL_BYTES - 64},
        {10, 0, 0, 0, 0, 3, UINT32_MAX, POOL_BYTES - 64},
        {10, 0, 7, 0, 0, 3, 688, POOL_BYTES - 64},
    };
    memset(arena, 0, sizeof arena);
    for (size_t i = 0; i < POOLS; i++)
        put_pool(i, hostile[i]);
    assert_int_equal(count_pools().pools, 0);
    memset(arena, 0xff, sizeof arena);
    assert_int_equal(count_pools().pools, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_addresses),
        cmocka_unit_test(kinds_and_ways_by_definition),
        cmocka_unit_test(pools_are_counted),
        cmocka_unit_test(hostile_headers_are_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
