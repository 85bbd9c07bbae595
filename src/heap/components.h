/*
 * components.h: which nodes lie on cycles together: the strongly connected components, as far as
 * they have more than one node or an edge to itself. Without recursion, O(nodes + edges).
 *
 * Memory: 4 bytes a node, the result; 4 more while it works, 4 more for each level of the deepest
 * path, and a bit.
 */
#ifndef STETH_HEAP_COMPONENTS_H
#define STETH_HEAP_COMPONENTS_H

#include "base/vector.h"
#include "heap/bits.h"
#include "heap/rows.h"

struct components {
    uint32_t *of;           /* by node: number of its component, NODE_NONE: on no cycle */
    VECTOR(uint32_t) sizes; /* by component: how many nodes; at least 2, or 1 with a self-loop */
};

/*
 * Looks at the nodes in `among` only (a set as in bits.h; NULL: at all), as if there were no
 * others. Components are numbered such that edges between them lead to the smaller number. False
 * when there is no memory; `components` is then empty. The caller frees it.
 */
bool components_find(const struct rows *edges, const uint64_t *among,
                     struct components *components);

/* The nodes of each component, ascending. The caller frees `members`. False: no memory. */
bool components_members(const struct components *components, uint32_t nodes, struct rows *members);

void components_free(struct components *components);

#endif
