/* The wait-for graph: what moves, what is stuck, which cycles are found. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "waits/graph.h"
#include "waits/needs.h"

static uint32_t add(struct wait_graph *graph, enum vertex_kind kind, uint64_t address)
{
    return wait_graph_vertex(graph, kind, address, NULL);
}

static void owe(struct wait_graph *graph, uint32_t from, uint32_t to)
{
    wait_graph_edge(graph, from, to, true, "waits for");
}

static bool stuck(const struct wait_graph *graph, uint32_t vertex)
{
    return !graph->vertices.items[vertex].moves;
}

static void test_what_is_reached_moves(void **state)
{
    (void)state;
    struct wait_graph graph = {0};
    uint32_t runs = add(&graph, VERTEX_THREAD, 0x10);
    uint32_t lock = add(&graph, VERTEX_LOCK, 0x20);
    uint32_t waits = add(&graph, VERTEX_THREAD, 0x30);
    uint32_t alone = add(&graph, VERTEX_FUTURE, 0x40);
    graph.vertices.items[runs].moves = true;
    owe(&graph, waits, lock);
    owe(&graph, lock, runs);
    wait_graph_solve(&graph);
    assert_false(stuck(&graph, waits));
    assert_false(stuck(&graph, lock));
    assert_true(stuck(&graph, alone));
    assert_null(wait_graph_need(&graph, waits));
    wait_graph_free(&graph);
}

static void test_all_or_one(void **state)
{
    (void)state;
    struct wait_graph graph = {0};
    uint32_t runs = add(&graph, VERTEX_THREAD, 0x10), never = add(&graph, VERTEX_FUTURE, 0x20);
    uint32_t any = add(&graph, VERTEX_FUTURE, 0x30), all = add(&graph, VERTEX_TASK, 0x40);
    graph.vertices.items[runs].moves = true;
    graph.vertices.items[all].needs_all = true;
    owe(&graph, any, never);
    owe(&graph, any, runs);
    owe(&graph, all, runs);
    owe(&graph, all, never);
    wait_graph_solve(&graph);
    assert_false(stuck(&graph, any));
    assert_true(stuck(&graph, all));
    assert_int_equal(wait_graph_need(&graph, all)->to, never);
    wait_graph_free(&graph);
}

static void test_cycle_is_found_once(void **state)
{
    (void)state;
    struct wait_graph graph = {0};
    wait_cycle_vector cycles = {0};
    uint32_t outside = add(&graph, VERTEX_TASK, 0x8);
    uint32_t one = add(&graph, VERTEX_TASK, 0x10), a = add(&graph, VERTEX_LOCK, 0x20);
    uint32_t two = add(&graph, VERTEX_TASK, 0x30), b = add(&graph, VERTEX_LOCK, 0x40);
    owe(&graph, outside, one);
    owe(&graph, one, b);
    owe(&graph, b, two);
    owe(&graph, two, a);
    owe(&graph, a, one);
    wait_graph_solve(&graph);
    assert_true(wait_graph_cycles(&graph, &cycles));
    assert_int_equal(cycles.count, 1);
    assert_int_equal(cycles.items[0].vertices.count, 4);
    for (size_t i = 0; i < 4; i++) {
        uint32_t vertex = cycles.items[0].vertices.items[i];
        uint32_t next = cycles.items[0].vertices.items[(i + 1) % 4];
        assert_int_equal(wait_graph_need(&graph, vertex)->to, next);
        assert_int_not_equal(vertex, outside);
    }
    wait_cycles_free(&cycles);
    wait_graph_free(&graph);
}

static void test_what_could_only_be_is_no_cycle(void **state)
{
    (void)state;
    struct wait_graph graph = {0};
    wait_cycle_vector cycles = {0};
    uint32_t task = add(&graph, VERTEX_TASK, 0x10), future = add(&graph, VERTEX_FUTURE, 0x20);
    owe(&graph, task, future);
    wait_graph_edge(&graph, future, task, false, "could be moved by");
    wait_graph_solve(&graph);
    assert_true(stuck(&graph, task));
    assert_true(wait_graph_cycles(&graph, &cycles));
    assert_int_equal(cycles.count, 0);
    /* The same edge, owed after all. */
    owe(&graph, future, task);
    assert_true(wait_graph_cycles(&graph, &cycles));
    assert_int_equal(cycles.count, 1);
    wait_cycles_free(&cycles);
    wait_graph_free(&graph);
}

static void test_a_cycle_that_something_moves_is_none(void **state)
{
    (void)state;
    struct wait_graph graph = {0};
    wait_cycle_vector cycles = {0};
    uint32_t one = add(&graph, VERTEX_THREAD, 0x10), two = add(&graph, VERTEX_THREAD, 0x20);
    uint32_t timer = add(&graph, VERTEX_LOOP, 0x30);
    graph.vertices.items[timer].moves = true;
    owe(&graph, one, two);
    owe(&graph, two, one);
    owe(&graph, two, timer);
    wait_graph_solve(&graph);
    assert_false(stuck(&graph, one));
    assert_true(wait_graph_cycles(&graph, &cycles));
    assert_int_equal(cycles.count, 0);
    wait_graph_free(&graph);
}

static void test_a_way_leads_over_what_is_stuck(void **state)
{
    (void)state;
    struct wait_graph graph = {0};
    struct wait_cycle way = {0};
    uint32_t thread = add(&graph, VERTEX_THREAD, 0x10), event = add(&graph, VERTEX_QUEUE, 0x20);
    uint32_t runs = add(&graph, VERTEX_TASK, 0x30), loop = add(&graph, VERTEX_LOOP, 0x40);
    graph.vertices.items[runs].moves = true;
    owe(&graph, thread, event);
    wait_graph_edge(&graph, event, loop, false, "could be moved by");
    owe(&graph, loop, thread);
    owe(&graph, thread, runs);
    owe(&graph, runs, loop);
    assert_true(wait_graph_way(&graph, thread, loop, false, &way));
    assert_int_equal(way.vertices.count, 2);
    assert_int_equal(way.vertices.items[0], thread);
    assert_int_equal(way.vertices.items[1], event);
    vector_free(&way.vertices);
    assert_true(wait_graph_way(&graph, thread, thread, false, &way));
    assert_int_equal(way.vertices.count, 3);
    vector_free(&way.vertices);
    uint32_t alone = add(&graph, VERTEX_LOCK, 0x50);
    assert_false(wait_graph_way(&graph, thread, alone, false, &way));
    assert_null(wait_graph_between(&graph, event, thread));
    assert_false(wait_graph_between(&graph, event, loop)->owed);
    wait_graph_free(&graph);
}

static void test_a_told_way_leaves_out_what_only_could(void **state)
{
    (void)state;
    struct wait_graph graph = {0};
    struct wait_cycle way = {0};
    uint32_t task = add(&graph, VERTEX_TASK, 0x10), event = add(&graph, VERTEX_QUEUE, 0x20);
    owe(&graph, task, event);
    wait_graph_edge(&graph, event, task, false, "could be moved by");
    wait_graph_solve(&graph);
    assert_true(wait_graph_way(&graph, task, task, false, &way));
    vector_free(&way.vertices);
    assert_false(wait_graph_way(&graph, task, task, true, &way));
    vector_free(&way.vertices);
    wait_graph_named_edge(&graph, event, task, "set by");
    assert_true(wait_graph_way(&graph, task, task, true, &way));
    assert_int_equal(way.vertices.count, 2);
    vector_free(&way.vertices);
    assert_string_equal(wait_graph_between(&graph, event, task)->why, "set by");
    assert_true(stuck(&graph, task));
    assert_true(wait_graph_need(&graph, event)->named);
    /* What is owed stays so. */
    wait_graph_named_edge(&graph, task, event, "set by");
    assert_true(wait_graph_between(&graph, task, event)->owed);
    assert_false(wait_graph_between(&graph, task, event)->named);
    wait_graph_free(&graph);
}

/* Freed memory that still looks like a pending task names whatever lies there as what it awaits. */
static void test_what_is_left_of_a_task_waits_for_nothing(void **state)
{
    (void)state;
    struct seen_task left = {.view.waits_for = 0x20, .loop = NOBODY};
    struct snapshot snapshot = {0};
    struct wait_graph graph = {0};
    struct building building = {.snapshot = &snapshot, .graph = &graph};
    assert_true(vector_push(&snapshot.tasks, left));
    assert_true(address_map_put(&snapshot.task_of, 0x10, 0));
    uint32_t task = add(&graph, VERTEX_TASK, 0x10);
    task_needs(&building, task, 0x10);
    assert_false(stuck(&graph, task));
    assert_null(wait_graph_need(&graph, task));
    vector_free(&snapshot.tasks);
    address_map_free(&snapshot.task_of);
    wait_graph_free(&graph);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_reached_moves),
        cmocka_unit_test(test_all_or_one),
        cmocka_unit_test(test_cycle_is_found_once),
        cmocka_unit_test(test_what_could_only_be_is_no_cycle),
        cmocka_unit_test(test_a_cycle_that_something_moves_is_none),
        cmocka_unit_test(test_a_way_leads_over_what_is_stuck),
        cmocka_unit_test(test_a_told_way_leaves_out_what_only_could),
        cmocka_unit_test(test_what_is_left_of_a_task_waits_for_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
