/* Proof that an explored object is garbage: no root, and no reference that is not accounted for. */
#include "heap/graph.h"

bool holders_prove_garbage(const struct holder_graph *graph, uint64_t target)
{
    VECTOR(uint32_t) queue = {0};
    struct address_map seen = {0};
    uint32_t first = address_map_get(&graph->by_address, target);
    bool proved = first != ADDRESS_MAP_ABSENT && vector_push(&queue, first) &&
                  address_map_put(&seen, target, 1);
    for (size_t i = 0; proved && i < queue.count; i++) {
        const struct graph_node *node = &graph->nodes.items[queue.items[i]];
        proved = node->root == ROOT_NONE && !node->settled && graph_is_accounted_for(graph, node);
        for (uint32_t edge = node->first_in; proved && edge != EDGE_NONE;
             edge = graph->edges.items[edge].next_in) {
            uint32_t from = graph->edges.items[edge].from;
            uint64_t address = graph->nodes.items[from].address;
            if (address_map_get(&seen, address) != ADDRESS_MAP_ABSENT)
                continue;
            proved = address_map_put(&seen, address, 1) && vector_push(&queue, from);
        }
    }
    vector_free(&queue);
    address_map_free(&seen);
    return proved;
}
