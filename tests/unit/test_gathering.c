/* Where nodes gather on the shortest ways to them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "heap/gathering.h"

/* A tree of ways that grows by a node at a time, and the nodes that are asked for. */
struct tree {
    VECTOR(uint32_t) before, given, bytes;
};

static uint32_t add(struct tree *tree, uint32_t before)
{
    assert_true(vector_push(&tree->before, before));
    assert_true(vector_push(&tree->bytes, 8));
    return (uint32_t)tree->before.count - 1;
}

static uint32_t add_root(struct tree *tree)
{
    return add(tree, (uint32_t)tree->before.count);
}

static uint32_t add_given(struct tree *tree, uint32_t before)
{
    uint32_t node = add(tree, before);
    assert_true(vector_push(&tree->given, node));
    return node;
}

static void add_large(struct tree *tree, uint32_t before, uint32_t bytes)
{
    uint32_t node = add_given(tree, before);
    tree->bytes.items[node] = bytes;
}

static gathering_vector find(struct tree *tree, uint64_t least_count, uint64_t least_bytes)
{
    gathering_vector found = {0};
    struct gathering_question question = {.nodes = tree->given.items,
                                          .count = tree->given.count,
                                          .bytes = tree->bytes.items,
                                          .least_count = least_count,
                                          .least_bytes = least_bytes};
    struct gathering_search *search =
        gathering_search_new(tree->before.items, (uint32_t)tree->before.count);
    assert_non_null(search);
    assert_true(gathering_find(search, &question, &found));
    size_t first = found.count;
    assert_true(gathering_find(search, &question, &found)); /* nothing is left of the first time */
    assert_int_equal(found.count, 2 * first);
    found.count = 0;
    assert_true(gathering_find(search, &question, &found));
    gathering_search_free(search);
    return found;
}

static void tree_free(struct tree *tree)
{
    vector_free(&tree->before);
    vector_free(&tree->given);
    vector_free(&tree->bytes);
}

/* A module with a cache of 1000 and another one of 300. */
static void two_caches_are_two_places(void **state)
{
    (void)state;
    struct tree tree = {0};
    uint32_t module = add_root(&tree), names = add(&tree, module);
    uint32_t cache = add(&tree, names), other = add(&tree, names);
    for (int i = 0; i < 1000; i++)
        add_given(&tree, add(&tree, cache));
    for (int i = 0; i < 300; i++)
        add_given(&tree, other);
    add_given(&tree, names);
    gathering_vector found = find(&tree, 25, 0);
    assert_int_equal(found.count, 2);
    assert_int_equal(found.items[0].holder, cache);
    assert_int_equal(found.items[0].count, 1000);
    assert_int_equal(found.items[0].bytes, 8000);
    uint32_t entry = tree.before.items[found.items[0].sample];
    assert_int_equal(tree.before.items[entry], cache);
    assert_int_equal(found.items[1].holder, other);
    assert_int_equal(found.items[1].count, 300);
    vector_free(&found);
    tree_free(&tree);
}

/* Each of 500 sessions has a list of ten: it is the sessions that are too many. */
static void many_small_places_are_one(void **state)
{
    (void)state;
    struct tree tree = {0};
    uint32_t sessions = add(&tree, add(&tree, add_root(&tree)));
    for (int i = 0; i < 500; i++)
        for (int k = 0, list = (int)add(&tree, sessions); k < 10; k++)
            add_given(&tree, (uint32_t)list);
    gathering_vector found = find(&tree, 25, 0);
    assert_int_equal(found.count, 1);
    assert_int_equal(found.items[0].holder, sessions);
    assert_int_equal(found.items[0].count, 5000);
    vector_free(&found);
    tree_free(&tree);
}

/* Each node of a long list holds the next: what holds the first one is the place. */
static void a_chain_gathers_at_its_head(void **state)
{
    (void)state;
    struct tree tree = {0};
    uint32_t module = add_root(&tree), names = add(&tree, module), link = names;
    for (int i = 0; i < 3000; i++)
        link = add_given(&tree, link);
    gathering_vector found = find(&tree, 25, 0);
    assert_int_equal(found.count, 1);
    assert_int_equal(found.items[0].holder, names);
    assert_int_equal(found.items[0].count, 3000);
    assert_int_equal(found.items[0].sample, tree.given.items[0]);
    vector_free(&found);
    tree_free(&tree);
}

static void large_ones_count_by_bytes(void **state)
{
    (void)state;
    struct tree tree = {0};
    uint32_t module = add_root(&tree), names = add(&tree, module), buffers = add(&tree, names);
    for (int i = 0; i < 3; i++)
        add_large(&tree, buffers, 5000000);
    add_given(&tree, names);
    gathering_vector found = find(&tree, 0, 65536);
    assert_int_equal(found.count, 1);
    assert_int_equal(found.items[0].holder, buffers);
    assert_int_equal(found.items[0].bytes, 15000000);
    assert_int_equal(found.items[0].count, 3);
    vector_free(&found);
    tree_free(&tree);
}

/* A list of pages, and a module that has many small ones: the pages count for the list alone. */
static void what_is_below_two_places_counts_for_the_nearest(void **state)
{
    (void)state;
    struct tree tree = {0};
    uint32_t module = add_root(&tree), names = add(&tree, module);
    uint32_t pages = add(&tree, add(&tree, names));
    for (int i = 0; i < 15; i++)
        add_large(&tree, pages, 1000000);
    for (int i = 0; i < 76; i++)
        add_given(&tree, add(&tree, names));
    gathering_vector found = find(&tree, 25, 65536);
    assert_int_equal(found.count, 2);
    assert_int_equal(found.items[0].holder, pages);
    assert_int_equal(found.items[0].count, 15);
    assert_int_equal(found.items[0].bytes, 15000000);
    assert_int_equal(found.items[1].holder, names);
    assert_int_equal(found.items[1].count, 76);
    assert_int_equal(found.items[1].bytes, 76 * 8);
    vector_free(&found);
    tree_free(&tree);
}

/* Most of what a root has is in a chain; the rest is not below the head of the chain. */
static void what_is_beside_the_way_counts_for_the_root(void **state)
{
    (void)state;
    struct tree tree = {0};
    uint32_t root = add_root(&tree), link = add(&tree, root), way = link;
    for (int i = 0; i < 80; i++)
        link = add_given(&tree, link);
    for (int i = 0; i < 30; i++)
        add_given(&tree, root);
    gathering_vector found = find(&tree, 25, 0);
    assert_int_equal(found.count, 2);
    assert_int_equal(found.items[0].holder, way);
    assert_int_equal(found.items[0].count, 80);
    assert_int_equal(found.items[1].holder, root);
    assert_int_equal(found.items[1].count, 30);
    vector_free(&found);
    tree_free(&tree);
}

static void what_no_root_reaches_is_counted_apart(void **state)
{
    (void)state;
    struct tree tree = {0};
    uint32_t root = add_root(&tree);
    for (int i = 0; i < 40; i++)
        add_given(&tree, i % 2 ? NODE_NONE : root);
    gathering_vector found = find(&tree, 1, 0);
    assert_int_equal(found.count, 2);
    assert_int_equal(found.items[0].count, 20);
    assert_int_equal(found.items[1].count, 20);
    assert_int_equal(found.items[0].holder, root);
    assert_int_equal(found.items[1].holder, NODE_NONE);
    vector_free(&found);
    tree_free(&tree);
}

/* In any tree: no instance counts twice, and a place has no less than was asked for. */
static void places_never_overlap(void **state)
{
    (void)state;
    srand(20261121);
    for (int round = 0; round < 200; round++) {
        struct tree tree = {0};
        uint32_t count = 1 + (uint32_t)rand() % 400;
        for (uint32_t i = 0; i < count; i++) {
            uint32_t before = i && rand() % 20 ? (uint32_t)rand() % i : i;
            if (rand() % 3)
                add(&tree, before);
            else
                add_given(&tree, before);
        }
        gathering_vector found = find(&tree, round % 3 ? 3 : 0, round % 3 < 2 ? 24 : 0);
        uint64_t sum = 0;
        for (size_t i = 0; i < found.count; i++) {
            sum += found.items[i].count;
            assert_true(found.items[i].count >= (round % 3 == 1 ? 1 : 3));
            assert_true(found.items[i].sample < count && found.items[i].holder < count);
        }
        assert_true(sum <= tree.given.count);
        vector_free(&found);
        tree_free(&tree);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_caches_are_two_places),
        cmocka_unit_test(many_small_places_are_one),
        cmocka_unit_test(a_chain_gathers_at_its_head),
        cmocka_unit_test(large_ones_count_by_bytes),
        cmocka_unit_test(what_is_below_two_places_counts_for_the_nearest),
        cmocka_unit_test(what_is_beside_the_way_counts_for_the_root),
        cmocka_unit_test(what_no_root_reaches_is_counted_apart),
        cmocka_unit_test(places_never_overlap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
