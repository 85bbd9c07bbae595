/* What is said of objects that no lasting root reaches. */
#include "heap/explore_settle.h"

bool graph_all_rooted(const struct holder_graph *graph)
{
    for (size_t i = 0; i < graph->targets; i++)
        if (!graph->nodes.items[i].settled && graph->nodes.items[i].root == ROOT_NONE)
            return false;
    return true;
}

void graph_settle_transient(struct holder_graph *graph)
{
    for (int kind = ROOT_FRAME; kind <= ROOT_NATIVE; kind++) {
        for (uint32_t i = 0; i < graph->nodes.count; i++) {
            struct graph_node *node = &graph->nodes.items[i];
            if (node->settled || node->root == ROOT_NONE ||
                (int)graph->roots->items.items[node->root].kind != kind)
                continue;
            graph_settle(graph, i);
        }
    }
}

void graph_settle_unexplained(struct holder_graph *graph)
{
    for (uint32_t i = 0; i < graph->nodes.count && graph_targets_left(graph); i++) {
        struct graph_node *node = &graph->nodes.items[i];
        uint64_t count;
        if (node->settled || !node->explored ||
            !object_refcount(graph->cpython, node->address, &count) || count <= node->references)
            continue;
        uint32_t root = roots_code(graph->roots);
        if (root == ROOT_NONE) {
            graph->failed = true;
            return;
        }
        node->root = root;
        graph_settle(graph, i);
    }
}
