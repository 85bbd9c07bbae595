/*
 * reach.h: the shortest way from a root to every node at once: a breadth-first tree. For questions
 * about nodes that are chosen later; paths.h answers for given nodes, and more.
 * O(nodes + edges); 4 bytes a node, 4 more while it works.
 */
#ifndef STETH_HEAP_REACH_H
#define STETH_HEAP_REACH_H

#include "base/vector.h"
#include "heap/paths.h"

/*
 * before[n] is the node before n on a shortest way, n itself for a root, NODE_NONE when no root
 * reaches it. Equally short ways come from the root of the better rank. NULL: no memory. The caller
 * frees.
 */
uint32_t *reach_find(const struct rows *edges, const struct path_root *roots, size_t root_count);

typedef VECTOR(uint32_t) node_vector;

/* The nodes of the way to `node`, the root first; empty when none reaches it. False: no memory. */
bool reach_follow(const uint32_t *before, uint32_t node, node_vector *way);

#endif
