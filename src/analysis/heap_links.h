/*
 * heap_links.h: the references inside of one ring of objects, those that one attribute of one class
 * makes taken together as one link. Private to heap_links.c and heap_cuts.c.
 */
#ifndef STETH_ANALYSIS_HEAP_LINKS_H
#define STETH_ANALYSIS_HEAP_LINKS_H

#include "analysis/heap_cuts.h"

#define LINKS_MOST 256 /* different links of one component */

/* One reference between two members, by their positions among the members. */
struct ring_edge {
    uint32_t from, to;
    uint32_t link;
};

struct link {
    uint32_t owner_kind;
    enum edge_kind kind;
    uint64_t name; /* key, or place in the struct; 0 for items */
    bool cuttable, item;
    bool built_in;        /* its owner is of a type that the program did not write */
    uint64_t edges, back; /* `back`: of these, how many lead to what dominates their owner */
    struct link_cut shown;
    uint32_t left; /* members still on cycles without it */
};

struct links {
    const struct cycle_search *search;
    const uint32_t *members;
    uint32_t component, count;
    uint32_t *owner_of; /* per member: the instance whose dict it is, as a member, or itself */
    VECTOR(struct ring_edge) edges;
    VECTOR(struct link) links;
    uint32_t from; /* member whose references are visited */
    bool too_large, failed;
};

/*
 * Reads the references between the members of `links->component`; the other members are set by the
 * caller, who also frees what it fills. False: no memory.
 */
bool links_collect(struct links *links);

#endif
