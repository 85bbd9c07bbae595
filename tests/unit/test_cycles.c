/* Components and the edges that break their cycles: against the definitions. */
#include "random_graph.h"

#include "heap/weak_edge.h"

#define GRAPHS     20000
#define NODES_MOST 14

struct reach {
    bool to[NODES_MOST][NODES_MOST]; /* by at least one edge */
};

/* As if there were no edges for which `left_out` is set: from `from` (NODE_NONE: any) to `to`. */
static void find_reach(const struct rows *rows, const uint64_t *among, uint32_t from, uint32_t to,
                       struct reach *reach)
{
    memset(reach, 0, sizeof *reach);
    for (uint32_t node = 0; node < rows->count; node++)
        for (uint32_t i = row_begin(rows, node); i < row_end(rows, node); i++) {
            bool out = to == rows->to[i] && (from == node || from == NODE_NONE);
            if (among && !(bit_is_set(among, node) && bit_is_set(among, rows->to[i])))
                out = true;
            reach->to[node][rows->to[i]] |= !out;
        }
    for (uint32_t middle = 0; middle < rows->count; middle++)
        for (uint32_t i = 0; i < rows->count; i++)
            for (uint32_t j = 0; j < rows->count; j++)
                reach->to[i][j] |= reach->to[i][middle] && reach->to[middle][j];
}

/* ---- components ------------------------------------------------------------------------------ */

static void check_components(const struct rows *rows, const uint64_t *among)
{
    struct components components;
    struct rows members;
    struct reach reach;
    find_reach(rows, among, NODE_NONE, NODE_NONE, &reach);
    assert_true(components_find(rows, among, &components));
    for (uint32_t i = 0; i < rows->count; i++) {
        assert_int_equal(components.of[i] != NODE_NONE, reach.to[i][i]);
        for (uint32_t j = 0; j < rows->count; j++) {
            bool same = components.of[i] != NODE_NONE && components.of[i] == components.of[j];
            assert_int_equal(same, reach.to[i][j] && reach.to[j][i]);
            if (reach.to[i][j] && components.of[i] != NODE_NONE && components.of[j] != NODE_NONE)
                assert_true(components.of[j] <= components.of[i]);
        }
    }
    assert_true(components_members(&components, rows->count, &members));
    for (uint32_t i = 0; i < members.count; i++) {
        uint32_t size = 0;
        for (uint32_t node = 0; node < rows->count; node++)
            size += components.of[node] == i;
        assert_int_equal(size, components.sizes.items[i]);
        assert_int_equal(size, row_end(&members, i) - row_begin(&members, i));
        for (uint32_t at = row_begin(&members, i); at < row_end(&members, i); at++) {
            assert_int_equal(components.of[members.to[at]], i);
            assert_true(at == row_begin(&members, i) || members.to[at - 1] < members.to[at]);
        }
    }
    rows_free(&members);
    components_free(&components);
}

static void components_reach_one_another(void **state)
{
    (void)state;
    for (int i = 0; i < GRAPHS; i++) {
        struct rows rows;
        uint64_t among = 0;
        random_rows(&rows, NODES_MOST);
        for (uint32_t node = 0; node < rows.count; node++)
            if (random_below(4))
                bit_set(&among, node);
        check_components(&rows, i % 2 ? &among : NULL);
        rows_free(&rows);
    }
}

static void long_cycles_are_followed(void **state)
{
    (void)state;
    enum { LARGE = 1000000 };
    struct pair *pairs = calloc(2 * LARGE, sizeof *pairs);
    struct rows rows;
    struct components components;
    assert_non_null(pairs);
    for (uint32_t i = 0; i < LARGE; i++)
        pairs[i] = (struct pair){i, (i + 1) % LARGE};
    for (uint32_t i = 0; i < LARGE; i++)
        pairs[LARGE + i] = (struct pair){i, LARGE + i};
    rows_of(&rows, 2 * LARGE, pairs, 2 * LARGE);
    assert_true(components_find(&rows, NULL, &components));
    assert_int_equal(components.sizes.count, 1);
    assert_int_equal(components.sizes.items[0], LARGE);
    components_free(&components);
    rows_free(&rows);
    free(pairs);
}

/* ---- edges ----------------------------------------------------------------------------------- */

static bool has_cycle(const struct rows *rows, const uint64_t *among, uint32_t from, uint32_t to,
                      uint32_t node)
{
    struct reach reach;
    bool found = false;
    find_reach(rows, among, from, to, &reach);
    for (uint32_t i = 0; i < rows->count; i++)
        found |= reach.to[i][i] && (node == NODE_NONE || node == i);
    return found;
}

static uint32_t times(const struct rows *rows, uint32_t from, uint32_t to)
{
    uint32_t found = 0;
    for (uint32_t i = row_begin(rows, from); i < row_end(rows, from); i++)
        found += rows->to[i] == to;
    return found;
}

static const struct weak_edge *listed(const struct weak_edges *weak, uint32_t from, uint32_t to,
                                      enum weak_effect effect, uint32_t node)
{
    for (size_t i = 0; i < weak->edges.count; i++) {
        const struct weak_edge *edge = &weak->edges.items[i];
        if (edge->from == from && edge->to == to && edge->effect == effect && edge->node == node)
            return edge;
    }
    return NULL;
}

/* Each edge of the component is listed just when the cycles are gone without it. */
static uint32_t check_edges(const struct weak_question *question, const struct weak_edges *weak,
                            const uint64_t *inside, enum weak_effect effect, uint32_t node)
{
    const struct rows *rows = question->edges;
    uint32_t found = 0;
    for (uint32_t from = 0; from < rows->count; from++)
        for (uint32_t to = 0; to < rows->count; to++) {
            if (!bit_is_set(inside, from) || !bit_is_set(inside, to) || !times(rows, from, to))
                continue;
            const struct weak_edge *edge = listed(weak, from, to, effect, node);
            assert_int_equal(edge != NULL, !has_cycle(rows, inside, from, to, node));
            if (!edge)
                continue;
            assert_int_equal(edge->times, times(rows, from, to));
            assert_int_equal(edge->to_entry, to == weak->entry);
            found++;
        }
    return found;
}

static bool is_target(const struct weak_edges *weak, uint32_t node)
{
    for (size_t i = 0; i < weak->targets.count; i++)
        if (weak->targets.items[i].node == node)
            return true;
    return false;
}

static uint32_t check_component(const struct weak_question *question, const uint64_t *inside)
{
    struct weak_edges weak;
    assert_true(weak_edges_find(question, &weak));
    uint32_t all = check_edges(question, &weak, inside, WEAK_BREAKS_ALL, NODE_NONE), some = 0;
    for (size_t i = 0; i < question->finalizer_count; i++) {
        uint32_t node = question->finalizers[i];
        if (!bit_is_set(inside, node))
            continue;
        if (!all)
            some += check_edges(question, &weak, inside, WEAK_BREAKS_NODE, node);
        assert_int_equal(is_target(&weak, node),
                         !has_cycle(question->edges, inside, NODE_NONE, node, NODE_NONE));
    }
    assert_int_equal(is_target(&weak, weak.entry),
                     !has_cycle(question->edges, inside, NODE_NONE, weak.entry, NODE_NONE));
    assert_int_equal(weak.edges.count, all + some);
    weak_edges_free(&weak);
    return all + some;
}

static void weak_edges_break_cycles(void **state)
{
    (void)state;
    uint32_t found = 0;
    for (int i = 0; i < GRAPHS / 4; i++) {
        struct rows rows, members;
        struct components components;
        uint32_t finalizers[] = {0, 3};
        random_rows(&rows, NODES_MOST);
        assert_true(components_find(&rows, NULL, &components));
        assert_true(components_members(&components, rows.count, &members));
        for (uint32_t number = 0; number < components.sizes.count; number++) {
            uint64_t inside = 0;
            for (uint32_t at = row_begin(&members, number); at < row_end(&members, number); at++)
                bit_set(&inside, members.to[at]);
            struct weak_question question = {.edges = &rows,
                                             .components = &components,
                                             .component = number,
                                             .members = members.to + row_begin(&members, number),
                                             .finalizers = finalizers,
                                             .finalizer_count = rows.count > 3 ? 2 : 1};
            found += check_component(&question, &inside);
        }
        rows_free(&members);
        components_free(&components);
        rows_free(&rows);
    }
    assert_true(found > GRAPHS / 8);
}

/* ---- advice ---------------------------------------------------------------------------------- */

static void ask(const struct rows *rows, const uint32_t *finalizers, size_t finalizer_count,
                struct weak_edges *weak)
{
    const uint32_t root = 0;
    struct components components;
    struct dominators dominators;
    struct rows members;
    assert_true(components_find(rows, NULL, &components));
    assert_int_equal(components.sizes.count, 1);
    assert_true(components_members(&components, rows->count, &members));
    assert_true(dominators_find(rows, &root, 1, &dominators));
    struct weak_question question = {.edges = rows,
                                     .components = &components,
                                     .members = members.to,
                                     .finalizers = finalizers,
                                     .finalizer_count = finalizer_count,
                                     .dominators = &dominators};
    assert_true(weak_edges_find(&question, weak));
    dominators_free(&dominators);
    rows_free(&members);
    components_free(&components);
}

/* module 0 -> parent 1 -> its dict 2 -> child 3 -> its dict 4 -> parent */
static void the_way_back_to_the_parent_comes_first(void **state)
{
    (void)state;
    const struct pair pairs[] = {{0, 1}, {1, 2}, {2, 3}, {3, 4}, {4, 1}};
    struct rows rows;
    struct weak_edges weak;
    rows_of(&rows, 5, pairs, 5);
    ask(&rows, NULL, 0, &weak);
    assert_int_equal(weak.entry, 1);
    assert_int_equal(weak.edges.count, 4);
    const struct weak_edge *first = &weak.edges.items[0];
    assert_true(first->from == 4 && first->to == 1 && first->to_entry && first->to_parent);
    assert_false(weak.edges.items[1].to_parent);
    assert_int_equal(weak.targets.items[0].node, 1);
    weak_edges_free(&weak);
    rows_free(&rows);
}

/* A parent 1 with children 3 and 4 in its list 2, which hold it and one another. */
static void where_no_edge_is_enough_those_of_the_finalizer_are_told(void **state)
{
    (void)state;
    const struct pair pairs[] = {{0, 1}, {1, 2}, {2, 3}, {2, 4}, {3, 1}, {4, 1}, {3, 4}, {4, 3}};
    const uint32_t finalizer = 1;
    struct rows rows;
    struct weak_edges weak;
    rows_of(&rows, 5, pairs, 8);
    ask(&rows, &finalizer, 1, &weak);
    assert_int_equal(weak.edges.count, 1); /* its list: nothing else is on all its cycles */
    assert_int_equal(weak.edges.items[0].effect, WEAK_BREAKS_NODE);
    assert_true(weak.edges.items[0].from == 1 && weak.edges.items[0].to == 2);
    assert_int_equal(weak.targets.count, 0);
    weak_edges_free(&weak);
    rows_free(&rows);
}

static void children_that_hold_their_parent_are_one_target(void **state)
{
    (void)state;
    const struct pair pairs[] = {{0, 1}, {1, 2}, {2, 3}, {2, 4}, {3, 1}, {4, 1}};
    struct rows rows;
    struct weak_edges weak;
    rows_of(&rows, 5, pairs, 6);
    ask(&rows, NULL, 0, &weak);
    assert_int_equal(weak.edges.count, 1);
    assert_int_equal(weak.targets.count, 1);
    assert_int_equal(weak.targets.items[0].node, 1);
    assert_int_equal(weak.targets.items[0].edges, 2);
    weak_edges_free(&weak);
    rows_free(&rows);
}

static void the_list_of_edges_is_bounded(void **state)
{
    (void)state;
    enum { LARGE = 100000 };
    struct pair *pairs = calloc(LARGE, sizeof *pairs);
    struct rows rows;
    struct weak_edges weak;
    assert_non_null(pairs);
    for (uint32_t i = 0; i < LARGE; i++)
        pairs[i] = (struct pair){i, (i + 1) % LARGE};
    rows_of(&rows, LARGE, pairs, LARGE);
    ask(&rows, NULL, 0, &weak);
    assert_int_equal(weak.edges.count, WEAK_EDGES_MAX);
    assert_int_equal(weak.more_edges, LARGE - WEAK_EDGES_MAX);
    assert_int_equal(weak.edges.items[0].from, LARGE - 1);
    weak_edges_free(&weak);
    rows_free(&rows);
    free(pairs);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(components_reach_one_another),
        cmocka_unit_test(long_cycles_are_followed),
        cmocka_unit_test(weak_edges_break_cycles),
        cmocka_unit_test(the_way_back_to_the_parent_comes_first),
        cmocka_unit_test(where_no_edge_is_enough_those_of_the_finalizer_are_told),
        cmocka_unit_test(children_that_hold_their_parent_are_one_target),
        cmocka_unit_test(the_list_of_edges_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
