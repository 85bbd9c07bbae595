/*
 * weak_edge.h: where to cut. Which single reference, made weak, would break every cycle of a
 * component; and when none would, what comes next.
 *
 * What is asked is exact at any size, and linear: O(nodes + edges of the component) for the single
 * edges, the same again for each node that is tried. Several edges from one node to another count
 * as one. Memory: about 40 bytes a node of the component and 12 an edge.
 */
#ifndef STETH_HEAP_WEAK_EDGE_H
#define STETH_HEAP_WEAK_EDGE_H

#include "base/vector.h"
#include "heap/components.h"
#include "heap/dominators.h"

/* Without this edge … */
enum weak_effect {
    WEAK_BREAKS_ALL,  /* … the component has no cycle */
    WEAK_BREAKS_NODE, /* … no cycle leads through `node`, though others stay */
};

struct weak_edge {
    uint32_t from, to;
    uint32_t times; /* how many edges lead from there to there */
    enum weak_effect effect;
    uint32_t node;  /* WEAK_BREAKS_NODE: one of the finalizers */
    bool to_entry;  /* `to` is the component's entry */
    bool to_parent; /* `to` dominates `from`: it is the way back, from a child to its parent */
};

/*
 * All the edges of the component that lead to `node` together break all of its cycles: "children
 * should not hold their parent". At most WEAK_TARGETS_MAX nodes are tried: the entry, then the
 * finalizers.
 */
struct weak_target {
    uint32_t node;
    uint32_t edges;
};

#define WEAK_TARGETS_MAX 16
#define WEAK_EDGES_MAX   256
/* Of the tree of dominators, to tell a way back to a parent; it is none where that is not enough.
 */
#define WEAK_CLIMB_MAX (1 << 22)

struct weak_edges {
    /*
     * The better first: those that break all before those that break a node's; then the way back to
     * the entry, the way back to another parent, the others. Those for a node are looked for only
     * when there are none that break all.
     */
    VECTOR(struct weak_edge) edges; /* at most WEAK_EDGES_MAX */
    VECTOR(struct weak_target) targets;
    uint32_t entry;      /* the node that holds the others, see below */
    uint32_t more_edges; /* how many were left out */
    uint32_t untried;    /* finalizers that were not tried */
    bool too_large;      /* the component has more edges than `most`: nothing was looked for */
};

struct weak_question {
    const struct rows *edges;
    const struct components *components;
    uint32_t component;
    const uint32_t *members; /* its nodes, ascending (components_members()) */
    const uint32_t *finalizers;
    size_t finalizer_count;
    const struct dominators *dominators; /* or NULL */
    uint32_t most;                       /* edges; 0: any number */
};

/*
 * The entry is the member that dominates all others; where none does (several are held from
 * outside, or none because the component is garbage), the one that most members hold.
 * False when there is no memory; `weak` is then empty. The caller frees it.
 */
bool weak_edges_find(const struct weak_question *question, struct weak_edges *weak);

void weak_edges_free(struct weak_edges *weak);

#endif
