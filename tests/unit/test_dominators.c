/* Reversed graphs, dominators, what they retain: against the definitions, and on large shapes. */
#include "random_graph.h"

#include "heap/retained.h"

#define GRAPHS     20000
#define NODES_MOST 24
#define LARGE      1000000

/* ---- by the definitions ---------------------------------------------------------------------- */

/* Marks what the roots reach without going through `without`. */
static void reach(const struct rows *rows, const uint32_t *roots, size_t root_count,
                  uint32_t without, bool *reached)
{
    uint32_t *stack = calloc(rows_edges(rows) + root_count + 1, sizeof *stack);
    size_t depth = 0;
    assert_non_null(stack);
    memset(reached, 0, rows->count);
    for (size_t i = 0; i < root_count; i++)
        stack[depth++] = roots[i];
    while (depth) {
        uint32_t node = stack[--depth];
        if (node == without || reached[node])
            continue;
        reached[node] = true;
        for (uint32_t i = row_begin(rows, node); i < row_end(rows, node); i++)
            stack[depth++] = rows->to[i];
    }
    free(stack);
}

/* What is reached no more without `node` is what it retains. */
static void check_node(const struct rows *rows, const uint32_t *roots, size_t root_count,
                       const struct dominators *dominators, uint32_t node)
{
    bool reached[NODES_MOST], left[NODES_MOST];
    reach(rows, roots, root_count, NODE_NONE, reached);
    reach(rows, roots, root_count, node, left);
    assert_int_equal(dominators->parent[node] != NODE_NONE, reached[node]);
    for (uint32_t other = 0; other < rows->count; other++) {
        uint32_t up = other;
        if (!reached[other])
            continue;
        while (up != node && up != rows->count)
            up = dominators->parent[up];
        assert_int_equal(up == node, !left[other]);
    }
}

static void check_order(const struct dominators *dominators)
{
    bool seen[NODES_MOST + 1] = {false};
    uint32_t reached = 0;
    seen[dominators->count] = true;
    for (uint32_t i = 0; i < dominators->reached; i++) {
        uint32_t node = dominators->order[i];
        assert_true(seen[dominators->parent[node]] && !seen[node]);
        seen[node] = true;
    }
    for (uint32_t node = 0; node < dominators->count; node++)
        reached += dominators->parent[node] != NODE_NONE;
    assert_int_equal(reached, dominators->reached);
}

static void check_retained(const struct dominators *dominators)
{
    uint64_t bytes[NODES_MOST], sum = 0;
    for (uint32_t node = 0; node < dominators->count; node++)
        bytes[node] = UINT64_C(1) << node;
    uint64_t total = dominators_retained(dominators, bytes);
    for (uint32_t node = 0; node < dominators->count; node++) {
        uint64_t expected = 0;
        for (uint32_t other = 0; other < dominators->count; other++) {
            uint32_t up = other;
            while (up != node && up < dominators->count)
                up = dominators->parent[up];
            expected |= up == node ? UINT64_C(1) << other : 0;
        }
        assert_int_equal(bytes[node], expected);
        sum += dominators->parent[node] != NODE_NONE ? UINT64_C(1) << node : 0;
    }
    assert_int_equal(total, sum);
}

static void dominators_are_what_cuts_off(void **state)
{
    (void)state;
    for (int i = 0; i < GRAPHS; i++) {
        struct rows rows;
        struct dominators dominators;
        uint32_t roots[4];
        size_t root_count = random_below(5);
        random_rows(&rows, NODES_MOST);
        for (size_t root = 0; root < root_count; root++)
            roots[root] = random_below(rows.count);
        assert_true(dominators_find(&rows, roots, root_count, &dominators));
        for (uint32_t node = 0; node < rows.count; node++)
            check_node(&rows, roots, root_count, &dominators, node);
        check_order(&dominators);
        check_retained(&dominators);
        dominators_free(&dominators);
        rows_free(&rows);
    }
}

static void reversed_twice_is_sorted(void **state)
{
    (void)state;
    for (int i = 0; i < GRAPHS / 10; i++) {
        struct rows rows, reverse, again;
        random_rows(&rows, NODES_MOST);
        assert_true(rows_reverse(&rows, &reverse));
        assert_true(rows_reverse(&reverse, &again));
        assert_memory_equal(rows.first, again.first, (rows.count + 1) * sizeof *rows.first);
        for (uint32_t node = 0; node < rows.count; node++)
            for (uint32_t at = row_begin(&again, node); at < row_end(&again, node); at++) {
                size_t times = 0, expected = 0;
                for (uint32_t in = row_begin(&rows, node); in < row_end(&rows, node); in++) {
                    times += again.to[in] == again.to[at];
                    expected += rows.to[in] == again.to[at];
                }
                assert_int_equal(times, expected);
                assert_true(at == row_begin(&again, node) || again.to[at - 1] <= again.to[at]);
            }
        rows_free(&rows);
        rows_free(&reverse);
        rows_free(&again);
    }
}

/* ---- large shapes ---------------------------------------------------------------------------- */

static void large(struct rows *rows, struct dominators *dominators, const struct pair *pairs,
                  size_t pair_count, uint32_t count)
{
    const uint32_t root = 0;
    rows_of(rows, count, pairs, pair_count);
    assert_true(dominators_find(rows, &root, 1, dominators));
    assert_int_equal(dominators->reached, count);
}

static void a_long_chain_with_a_shared_end(void **state)
{
    (void)state;
    struct pair *pairs = calloc(3 * LARGE, sizeof *pairs);
    uint64_t *bytes = calloc(LARGE + 2, sizeof *bytes);
    struct rows rows;
    struct dominators dominators;
    size_t count = 0;
    assert_true(pairs && bytes);
    /* Linked both ways; all but the first hold a last node. */
    for (uint32_t i = 0; i + 1 < LARGE; i++) {
        pairs[count++] = (struct pair){i, i + 1};
        pairs[count++] = (struct pair){i + 1, i};
        pairs[count++] = (struct pair){i + 1, LARGE};
    }
    large(&rows, &dominators, pairs, count, LARGE + 1);
    for (uint32_t i = 1; i < LARGE; i++)
        assert_int_equal(dominators.parent[i], i - 1);
    assert_int_equal(dominators.parent[LARGE], 1);
    for (uint32_t i = 0; i <= LARGE; i++)
        bytes[i] = 1;
    assert_int_equal(dominators_retained(&dominators, bytes), LARGE + 1);
    assert_int_equal(bytes[1], LARGE);
    assert_int_equal(bytes[LARGE / 2], LARGE / 2);
    dominators_free(&dominators);
    rows_free(&rows);
    free(pairs);
    free(bytes);
}

/* Each leaf is held from the chain's begin and from a place on it: many far common ancestors. */
static void far_common_ancestors_are_found_in_time(void **state)
{
    (void)state;
    struct pair *pairs = calloc(3 * LARGE, sizeof *pairs);
    struct rows rows;
    struct dominators dominators;
    size_t count = 0;
    assert_non_null(pairs);
    for (uint32_t i = 0; i < LARGE / 2; i++) {
        if (i + 1 < LARGE / 2)
            pairs[count++] = (struct pair){i, i + 1};
        pairs[count++] = (struct pair){i, i + LARGE / 2};
        pairs[count++] = (struct pair){i < 100 ? i : 100, i + LARGE / 2};
    }
    large(&rows, &dominators, pairs, count, LARGE);
    for (uint32_t i = 0; i < LARGE / 2; i++)
        assert_int_equal(dominators.parent[i + LARGE / 2], i < 100 ? i : 100);
    dominators_free(&dominators);
    rows_free(&rows);
    free(pairs);
}

/* Every node of a chain holds the chain's nodes at the mirrored place: far semidominators. */
static void far_semidominators_are_found_in_time(void **state)
{
    (void)state;
    struct pair *pairs = calloc(3 * LARGE, sizeof *pairs);
    struct rows rows;
    struct dominators dominators;
    size_t count = 0;
    assert_non_null(pairs);
    for (uint32_t i = 0; i + 1 < LARGE; i++)
        pairs[count++] = (struct pair){i, i + 1};
    for (uint32_t i = 1; i < LARGE / 2; i++)
        pairs[count++] = (struct pair){i, LARGE - i};
    large(&rows, &dominators, pairs, count, LARGE);
    assert_int_equal(dominators.parent[LARGE / 2], LARGE / 2 - 1);
    assert_int_equal(dominators.parent[LARGE / 2 + 1], LARGE / 2 - 1);
    assert_int_equal(dominators.parent[LARGE - 1], 1);
    assert_int_equal(dominators.parent[LARGE - 2], 1 + 1);
    dominators_free(&dominators);
    rows_free(&rows);
    free(pairs);
}

static void a_star_and_a_hub(void **state)
{
    (void)state;
    struct pair *pairs = calloc(3 * LARGE, sizeof *pairs);
    struct rows rows;
    struct dominators dominators;
    size_t count = 0;
    assert_non_null(pairs);
    for (uint32_t i = 2; i < LARGE; i++) {
        pairs[count++] = (struct pair){0, i};
        pairs[count++] = (struct pair){i, 1};
        pairs[count++] = (struct pair){1, i};
    }
    large(&rows, &dominators, pairs, count, LARGE);
    for (uint32_t i = 1; i < LARGE; i++)
        assert_int_equal(dominators.parent[i], 0);
    dominators_free(&dominators);
    rows_free(&rows);
    free(pairs);
}

/* ---- small ones ------------------------------------------------------------------------------ */

static void graphs_may_be_empty(void **state)
{
    (void)state;
    struct rows rows, reverse;
    struct dominators dominators;
    rows_of(&rows, 0, NULL, 0);
    assert_true(dominators_find(&rows, NULL, 0, &dominators));
    assert_int_equal(dominators.reached, 0);
    assert_int_equal(dominators_retained(&dominators, NULL), 0);
    dominators_free(&dominators);
    assert_true(rows_reverse(&rows, &reverse));
    rows_free(&reverse);
    rows_free(&rows);
    assert_false(rows_start(&rows, NODE_NONE));
}

static void the_biggest_come_first(void **state)
{
    (void)state;
    for (int i = 0; i < GRAPHS / 10; i++) {
        uint32_t parent[NODES_MOST], biggest[NODES_MOST], count = 1 + random_below(NODES_MOST);
        uint64_t retained[NODES_MOST];
        struct dominators dominators = {.count = count, .parent = parent};
        size_t children = 0, limit = random_below(NODES_MOST);
        for (uint32_t node = 0; node < count; node++) {
            parent[node] = random_below(2) ? count : NODE_NONE;
            retained[node] = random_below(9);
            children += parent[node] == count;
        }
        size_t found = dominators_biggest(&dominators, retained, count, biggest, limit);
        assert_int_equal(found, children < limit ? children : limit);
        for (size_t at = 0; at < found; at++) {
            size_t before = 0;
            for (uint32_t node = 0; node < count; node++)
                before += parent[node] == count &&
                          (retained[node] > retained[biggest[at]] ||
                           (retained[node] == retained[biggest[at]] && node < biggest[at]));
            assert_int_equal(before, at);
            assert_int_equal(parent[biggest[at]], count);
        }
    }
}

/* 0 holds 1 holds 2, which holds 3, 4 and 5. */
static void bytes_accumulate_where_they_part(void **state)
{
    (void)state;
    uint32_t parent[] = {6, 0, 1, 2, 2, 2}, order[] = {0, 1, 2, 3, 4, 5}, heaviest[7];
    uint64_t bytes[] = {10, 10, 10, 100, 90, 100};
    struct dominators dominators = {6, parent, order, 6};
    assert_int_equal(dominators_retained(&dominators, bytes), 320);
    dominators_heaviest(&dominators, bytes, heaviest);
    assert_int_equal(heaviest[6], 0);
    assert_int_equal(heaviest[2], 3);
    assert_int_equal(heaviest[4], NODE_NONE);
    assert_int_equal(dominators_accumulation(bytes, heaviest, 0, 0.7), 2);
    assert_int_equal(dominators_accumulation(bytes, heaviest, 0, 0.97), 0);
    assert_int_equal(dominators_accumulation(bytes, heaviest, 0, 0.1), 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dominators_are_what_cuts_off),
        cmocka_unit_test(reversed_twice_is_sorted),
        cmocka_unit_test(a_long_chain_with_a_shared_end),
        cmocka_unit_test(far_common_ancestors_are_found_in_time),
        cmocka_unit_test(far_semidominators_are_found_in_time),
        cmocka_unit_test(a_star_and_a_hub),
        cmocka_unit_test(graphs_may_be_empty),
        cmocka_unit_test(the_biggest_come_first),
        cmocka_unit_test(bytes_accumulate_where_they_part),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
