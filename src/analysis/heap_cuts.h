/*
 * heap_cuts.h: where the source can cut a ring of objects. References that one line of source makes
 * (the attribute `parent` of class Child) are one link, however many objects have it: made weak,
 * all of them are. A link is a candidate only if what it leads to can be referred to weakly.
 */
#ifndef STETH_ANALYSIS_HEAP_CUTS_H
#define STETH_ANALYSIS_HEAP_CUTS_H

#include "analysis/heap_cycles.h"

struct link_cut {
    uint32_t from, to; /* nodes of one of its references; `from` may be the dict of `owner` */
    uint32_t owner;
    bool needs_slot; /* the class that it leads to has no place for weak references yet */
    bool breaks_all; /* alone; otherwise together with the other cuts */
};
typedef VECTOR(struct link_cut) link_cuts;

/*
 * The links whose cut leaves no cycle in the component, the most natural first (an attribute that
 * leads back to an owner); when no single one does, a few that do so together; empty when there are
 * none, or when the component is too large to be tried. False: no memory.
 */
bool link_cuts_find(const struct cycle_search *search, uint32_t component, link_cuts *cuts);

/* Whether the object of `node` can be referred to weakly as it is. */
bool link_takes_weak_references(const struct cycle_search *search, uint32_t node);

#endif
