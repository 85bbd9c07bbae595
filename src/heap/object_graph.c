#include "heap/object_graph.h"

#include <stdlib.h>

#include "heap/large.h"
#include "heap/object_graph_internal.h"

static struct error *build(struct object_graph *graph, const struct census *census,
                           struct roots *roots)
{
    uint32_t *block_edges = NULL, *references = NULL;
    struct error *error = node_set_new(graph->cpython->target, &graph->nodes);
    if (!error)
        error = object_nodes_find(graph, census, roots, &block_edges);
    if (!error && !kind_table_sort(graph->kinds))
        error = error_no_memory();
    if (!error)
        error = object_edges_fill(graph, block_edges, &references);
    if (!error)
        error = object_roots_find(graph, roots, references);
    free(block_edges);
    free(references);
    return error;
}

struct error *object_graph_build(const struct cpython *cpython, const struct census *census,
                                 struct roots *roots, struct object_graph **out)
{
    struct object_graph *graph = calloc(1, sizeof *graph);
    if (!graph)
        return error_no_memory();
    graph->cpython = cpython;
    graph->kinds = kind_table_new(cpython);
    struct error *error = graph->kinds ? build(graph, census, roots) : error_no_memory();
    if (error)
        object_graph_free(graph);
    else
        *out = graph;
    return error;
}

void object_graph_free(struct object_graph *graph)
{
    if (!graph)
        return;
    node_set_free(graph->nodes);
    kind_table_free(graph->kinds);
    free(graph->kind_of);
    free(graph->bytes_of);
    free(graph->large);
    rows_free(&graph->edges);
    vector_free(&graph->roots);
    free(graph);
}

const struct object_root *object_graph_root(const struct object_graph *graph, uint32_t node)
{
    for (size_t low = 0, high = graph->roots.count; low < high;) {
        size_t middle = low + (high - low) / 2;
        if (graph->roots.items[middle].node == node)
            return &graph->roots.items[middle];
        if (graph->roots.items[middle].node < node)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

uint64_t object_graph_bytes(const struct object_graph *graph, uint32_t node)
{
    uint32_t bytes = graph->bytes_of[node];
    if (bytes != UINT32_MAX)
        return bytes;
    for (size_t low = 0, high = graph->large_count; low < high;) {
        size_t middle = low + (high - low) / 2;
        if (graph->large[middle].node == node)
            return graph->large[middle].bytes;
        if (graph->large[middle].node < node)
            low = middle + 1;
        else
            high = middle;
    }
    return bytes;
}

uint64_t *object_graph_bytes_of_all(const struct object_graph *graph)
{
    uint32_t count = object_graph_count(graph);
    uint64_t *bytes = large_array((size_t)count + 1, sizeof *bytes);
    for (uint32_t node = 0; bytes && node < count; node++)
        bytes[node] = graph->bytes_of[node];
    for (size_t i = 0; bytes && i < graph->large_count; i++)
        bytes[graph->large[i].node] = graph->large[i].bytes;
    return bytes;
}
