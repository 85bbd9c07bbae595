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

/* What is known of a number; each step has its own use of the eight bytes. */
union dominator_link {
    struct {
        uint32_t parent; /* in the tree of the search */
        uint32_t cursor; /* the edge that is followed next */
    } search;
    struct {
        uint32_t ancestor; /* in the tree of the search: the parent, or further up */
        uint32_t least;    /* least semidominator from here up to below `ancestor` */
    } forest;
    struct {
        uint32_t jump; /* an ancestor in the tree of dominators */
        uint32_t depth;
    } tree;
};

struct dominator_search {
    const struct rows *edges;
    const uint32_t *roots;
    size_t root_count;
    uint32_t *number; /* by node: an inner node's, or NODE_NONE; a leaf's dominator, | LEAF_BIT */
    uint32_t *order;  /* by number - 1: the node */
    uint32_t reached; /* inner nodes reached */
    uint32_t *semi;   /* by number: semidominator */
    uint32_t *parent; /* by number: parent in the search, in the end the dominator */
    union dominator_link *link;
    struct rows back; /* by number: from where an edge leads to a smaller number */
};

/* Numbers the nodes, and takes what semidominators the edges to greater numbers make. */
void dominators_search(struct dominator_search *search);

/* Fills search->back. False when there is no memory. */
bool dominators_turn_back_edges(struct dominator_search *search);

void dominators_semidominators(struct dominator_search *search);

/* The dominators of inner nodes, by number, in search->parent. */
void dominators_of_inner(struct dominator_search *search);

/* The dominators of leaves in search->number. */
void dominators_of_leaves(struct dominator_search *search);

#endif
