/*
 * dominators_steps.h: the steps of dominators_find(), in their order. Private to it.
 *
 * Inner nodes, those with edges, are numbered 1, 2, … in the order in which a depth-first search
 * reaches them; the virtual root is 0. An ancestor has the smaller number, so has a dominator.
 */
#ifndef STETH_HEAP_DOMINATORS_STEPS_H
#define STETH_HEAP_DOMINATORS_STEPS_H

#include "heap/dominators.h"

#define LEAF_BIT     UINT32_C(0x80000000)
#define LEAF_NO_ONES (LEAF_BIT | NODES_MAX) /* a leaf that nobody was seen to hold */
#define EDGES_AHEAD  24

/* What is known of a number; each step has its own use of the eight bytes. */
union dominator_link {
    struct {
        uint32_t node;
        uint32_t cursor; /* the edge that is followed next */
    } search;
    struct {
        uint32_t ancestor; /* in the tree of the search: the parent, or further up */
        uint32_t least;    /* least semidominator from here up to below `ancestor` */
    } forest;
    uint32_t depth; /* in the tree of dominators */
    struct {
        uint32_t begin, end; /* the tree's nodes in preorder: its subtree's are from … up to */
    } span;
};

struct dominator_search {
    const struct rows *edges;
    const uint32_t *roots;
    size_t root_count;
    uint32_t *number; /* by node: an inner node's, or NODE_NONE; a leaf's dominator, | LEAF_BIT */
    uint32_t reached; /* inner nodes reached */
    uint32_t *parent; /* by number: parent in the search, in the end the dominator */
    union {
        uint32_t *semi; /* by number: semidominator */
        uint32_t *jump; /* by number: an ancestor in the tree of dominators, or itself for 0 */
    };
    union dominator_link *link;
    struct rows back; /* by number: from where an edge leads to a smaller number */
};

/*
 * In a pass over all edges that looks at the numbers of nodes low … high - 1: asks for that of an
 * edge to come. The number of node `low` is as good as none.
 */
static inline void prefetch_number(const struct dominator_search *search, uint32_t edge,
                                   uint32_t low, uint32_t high)
{
    const struct rows *edges = search->edges;
    uint32_t last = rows_edges(edges) - 1;
    uint32_t ahead = last - edge > EDGES_AHEAD ? edge + EDGES_AHEAD : last;
    uint32_t node = edges->to[ahead];
    __builtin_prefetch(&search->number[node - low < high - low ? node : low]);
}

/* Numbers the nodes, and takes what semidominators the edges to greater numbers make. */
void dominators_search(struct dominator_search *search);

/* Fills search->back. False when there is no memory. */
bool dominators_turn_back_edges(struct dominator_search *search);

void dominators_semidominators(struct dominator_search *search);

/* The dominators of inner nodes, by number, in search->parent; and search->jump. */
void dominators_of_inner(struct dominator_search *search);

/* The dominators of leaves in search->number. */
void dominators_of_leaves(struct dominator_search *search);

#endif
