/*
 * dominators.h: what is freed when a node goes. Node d dominates node n when every path from a root
 * to n leads through d; the immediate dominator is the nearest such d. They make a tree, and what
 * a node retains is its subtree: see retained.h.
 *
 * The algorithm is Semi-NCA (Georgiadis, Tarjan, Werneck), without recursion, with jump pointers
 * for the search of common ancestors: O(edges * log nodes) at worst, about linear on heaps. Nodes
 * without edges, the half of a heap, take no part in it: theirs is the nearest common ancestor of
 * those that hold them. Of the edges reversed are only those that lead back or across.
 *
 * Memory beside the graph: while it works 4 bytes a node, 20 a node with edges and 4 an edge that
 * leads back or across between such nodes; the result is 8 a node. On a heap 17 a node at the peak.
 */
#ifndef STETH_HEAP_DOMINATORS_H
#define STETH_HEAP_DOMINATORS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "heap/rows.h"

struct dominators {
    uint32_t count;   /* of nodes; also the number of the virtual root, which holds the roots */
    uint32_t *parent; /* immediate dominator; `count` the virtual root; NODE_NONE: unreachable */
    uint32_t *order;  /* the reachable nodes, a dominator before those it dominates */
    uint32_t reached; /* how many these are */
};

/* False when there is no memory; `result` is then empty. The caller frees it. */
bool dominators_find(const struct rows *edges, const uint32_t *roots, size_t root_count,
                     struct dominators *result);

void dominators_free(struct dominators *dominators);

#endif
