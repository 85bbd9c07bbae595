#include "heap/holders.h"

#include "heap/graph.h"

const struct holder_limits holder_limits_default = {
    .levels = 200,
    .nodes = 1 << 20,
    .seconds = 20,
};

static struct error *new_graph(const struct cpython *cpython, struct roots *roots,
                               const uint64_t *targets, size_t count, struct holder_graph **out)
{
    struct holder_graph *graph = *out = calloc(1, sizeof *graph);
    if (!graph)
        return error_no_memory();
    graph->cpython = cpython;
    graph->roots = roots;
    for (size_t i = 0; i < count; i++)
        (void)graph_node(graph, targets[i], 0);
    graph->targets = graph->nodes.count;
    return NULL;
}

/* Hands over a graph, or frees it when the search failed. */
static struct error *conclude(struct error *error, struct holder_graph **graph)
{
    if (!error && (*graph)->failed)
        error = error_no_memory();
    if (error) {
        holders_free(*graph);
        *graph = NULL;
    }
    return error;
}

struct error *holders_begin(const struct cpython *cpython, struct roots *roots,
                            const uint64_t *targets, size_t count, struct holder_graph **graph)
{
    struct error *error = new_graph(cpython, roots, targets, count, graph);
    if (!error)
        nearby_search(*graph);
    return conclude(error, graph);
}

struct error *holders_search(struct holder_graph *graph, const struct heap_index *index,
                             const struct type_table *types, const struct holder_limits *limits)
{
    graph->owners = (struct owner_search){
        .cpython = graph->cpython, .index = index, .types = types, .roots = graph->roots};
    return graph_explore(graph, limits);
}

struct error *holders_explore(const struct cpython *cpython, const struct heap_index *index,
                              const struct type_table *types, struct roots *roots,
                              const uint64_t *targets, size_t count,
                              const struct holder_limits *limits, struct holder_graph **graph)
{
    struct error *error = new_graph(cpython, roots, targets, count, graph);
    if (!error)
        error = holders_search(*graph, index, types, limits);
    return conclude(error, graph);
}

void holders_free(struct holder_graph *graph)
{
    if (!graph)
        return;
    for (size_t i = 0; i < graph->names.count; i++)
        free(graph->names.items[i]);
    vector_free(&graph->names);
    vector_free(&graph->nodes);
    vector_free(&graph->edges);
    vector_free(&graph->queue);
    nearby_free(graph->near);
    address_map_free(&graph->by_address);
    owner_search_free(&graph->owners);
    free(graph);
}

bool holders_reach_all(const struct holder_graph *graph)
{
    return graph_targets_left(graph) == 0;
}

bool holders_cut(const struct holder_graph *graph)
{
    return graph->cut;
}
