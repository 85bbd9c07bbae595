/*
 * For tests/live/test_heap.py: the graph of a live process's heap, as `steth heap` sees it.
 *
 *     dump_graph PID rows
 *
 * The number of nodes, then one line a node: its own bytes, retained bytes, immediate dominator
 * (-1: unreachable; the number of nodes: the roots), whether it is a root, the ends of its edges.
 *
 *     dump_graph PID objects < addresses
 *
 * One line an address: own bytes, retained bytes; "unreachable" instead of the latter when no root
 * leads to it; "static" for one outside of the heap; "absent" where there is no node.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/heap_view.h"

static int fail(struct error *error)
{
    fprintf(stderr, "%s\n", error->message);
    error_free(error);
    return EXIT_FAILURE;
}

static void print_rows(const struct heap_view *view)
{
    const struct object_graph *graph = view->graph;
    uint32_t count = object_graph_count(graph);
    printf("%" PRIu32 "\n", count);
    for (uint32_t node = 0; node < count; node++) {
        uint32_t parent = view->dominators.parent[node];
        uint64_t bytes = heap_view_static(view, node_set_address(graph->nodes, node))
                             ? 0
                             : object_graph_bytes(graph, node);
        printf("%" PRIu64 " %" PRIu64 " %" PRId64 " %d", bytes, view->retained[node],
               parent == NODE_NONE ? -1 : (int64_t)parent, object_graph_root(graph, node) != NULL);
        for (uint32_t i = row_begin(&graph->edges, node); i < row_end(&graph->edges, node); i++)
            printf(" %" PRIu32, graph->edges.to[i]);
        putchar('\n');
    }
}

static void print_object(const struct heap_view *view, uint64_t address)
{
    const struct object_graph *graph = view->graph;
    uint32_t node = node_set_number(graph->nodes, address);
    if (heap_view_static(view, address))
        puts("static");
    else if (node == NODE_NONE)
        puts("absent");
    else if (view->dominators.parent[node] == NODE_NONE)
        printf("%" PRIu64 " unreachable\n", object_graph_bytes(graph, node));
    else
        printf("%" PRIu64 " %" PRIu64 "\n", object_graph_bytes(graph, node), view->retained[node]);
}

static void print_objects(const struct heap_view *view)
{
    char line[64];
    while (fgets(line, sizeof line, stdin))
        print_object(view, strtoull(line, NULL, 10));
}

int main(int count, char **words)
{
    const struct look_options options = {0};
    struct target *target;
    struct heap_view *view;
    struct look *look;
    if (count != 3)
        return 2;
    struct error *error = target_open_live((pid_t)strtol(words[1], NULL, 10), &target);
    if (error)
        return fail(error);
    error = look_take(target, &options, false, &look);
    if (error)
        return fail(error);
    error = heap_view_of(look, &view);
    if (error)
        return fail(error);
    if (!strcmp(words[2], "rows"))
        print_rows(view);
    else
        print_objects(view);
    look_free(look);
    target_close(target);
    return EXIT_SUCCESS;
}
