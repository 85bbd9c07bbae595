/* Nodes and edges of the explored graph, and what follows from them at once. */
#include "heap/graph.h"

uint32_t graph_node(struct holder_graph *graph, uint64_t address, uint32_t level)
{
    uint32_t number = address_map_get(&graph->by_address, address);
    if (number != ADDRESS_MAP_ABSENT)
        return number;
    struct graph_node node = {
        .address = address,
        .level = level,
        .first_out = EDGE_NONE,
        .first_in = EDGE_NONE,
        .parent = EDGE_NONE,
        .root = ROOT_NONE,
        .name = NAME_NONE,
    };
    number = (uint32_t)graph->nodes.count;
    if (!vector_push(&graph->nodes, node) || !address_map_put(&graph->by_address, address, number))
        graph->failed = true;
    return number;
}

void graph_settle(struct holder_graph *graph, uint32_t first)
{
    graph->nodes.items[first].settled = true;
    graph->queue.count = 0;
    if (!vector_push(&graph->queue, first))
        graph->failed = true;
    for (size_t i = 0; i < graph->queue.count; i++) {
        uint32_t from = graph->queue.items[i];
        for (uint32_t edge = graph->nodes.items[from].first_out; edge != EDGE_NONE;
             edge = graph->edges.items[edge].next_out) {
            struct graph_node *held = &graph->nodes.items[graph->edges.items[edge].to];
            if (held->settled)
                continue;
            held->settled = true;
            held->parent = edge;
            if (!vector_push(&graph->queue, graph->edges.items[edge].to))
                graph->failed = true;
        }
    }
}

void graph_add_edge(struct holder_graph *graph, uint32_t from, uint32_t to, bool exact, bool own)
{
    graph->nodes.items[to].references += own;
    graph->nodes.items[to].exact_references += own && exact;
    struct graph_edge edge = {
        .from = from,
        .to = to,
        .next_out = graph->nodes.items[from].first_out,
        .next_in = graph->nodes.items[to].first_in,
        .exact = exact,
    };
    uint32_t number = (uint32_t)graph->edges.count;
    if (!vector_push(&graph->edges, edge)) {
        graph->failed = true;
        return;
    }
    graph->nodes.items[from].first_out = number;
    graph->nodes.items[to].first_in = number;
    if (graph->nodes.items[from].settled && !graph->nodes.items[to].settled) {
        graph->nodes.items[to].parent = number;
        graph_settle(graph, to);
    }
}

void graph_add_root(struct holder_graph *graph, uint32_t number, uint32_t root, bool own)
{
    const struct root *items = graph->roots->items.items;
    struct graph_node *node = &graph->nodes.items[number];
    if (items[root].kind < ROOT_REGISTRY) { /* the others may have borrowed it */
        node->references += own;
        node->exact_references += own;
    }
    if (node->settled || (node->root != ROOT_NONE && items[node->root].kind <= items[root].kind))
        return;
    node->root = root;
    if (items[root].kind == ROOT_MODULE || (graph->any_root && items[root].kind < ROOT_REGISTRY))
        graph_settle(graph, number);
}

bool graph_is_accounted_for(const struct holder_graph *graph, const struct graph_node *node)
{
    uint64_t count;
    return node->explored && object_refcount(graph->cpython, node->address, &count) &&
           (count == node->references || count == node->exact_references);
}

size_t graph_targets_left(const struct holder_graph *graph)
{
    size_t left = 0;
    for (size_t i = 0; i < graph->targets; i++)
        left += !graph->nodes.items[i].settled;
    return left;
}
