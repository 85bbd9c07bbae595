/*
 * weak_graph.h: one component as a graph of its own, and what is asked of it. Private to
 * weak_edge.c. Nodes are numbered in the order of the component's members.
 */
#ifndef STETH_HEAP_WEAK_GRAPH_H
#define STETH_HEAP_WEAK_GRAPH_H

#include "heap/weak_edge.h"

struct weak_graph {
    struct rows rows; /* no edge twice, each row ascending */
    uint32_t *times;  /* by edge: how often it was there */
};

/* What the component's edges are, counted, other than those that lead out of it. */
uint64_t weak_graph_size(const struct weak_question *question);

bool weak_graph_make(const struct weak_question *question, struct weak_graph *graph);
void weak_graph_free(struct weak_graph *graph);

/* The index of the edge; EDGES when there is none. */
uint32_t weak_graph_edge(const struct weak_graph *graph, uint32_t from, uint32_t to);

typedef VECTOR(uint32_t) node_list;

/*
 * A shortest cycle through `start`, first; each node has an edge to the next one and the last to
 * the first. It stays empty where there is none. False: no memory.
 */
bool weak_cycle_through(const struct weak_graph *graph, uint32_t start, node_list *cycle);

/*
 * Whether each edge of the cycle (the one that leaves its node, by place) is on every cycle of the
 * graph: `common` has an entry for each of the cycle's nodes. False: no memory.
 */
bool weak_common_to_all(const struct weak_graph *graph, const node_list *cycle, bool *common);

/* Whether it is on every cycle through the first node of the shortest cycle. */
bool weak_common_to_node(const struct weak_graph *graph, const node_list *cycle, bool *common);

/* Whether all cycles lead through `node`. False: no memory. */
bool weak_all_through(const struct weak_graph *graph, uint32_t node, bool *all);

#endif
