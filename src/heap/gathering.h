/*
 * gathering.h: where given nodes gather: the places on the shortest ways to them (reach.h) at which
 * many ways part, in number or in bytes. A cache of ten thousand entries is one such place for its
 * entries, and for what each of them holds. Each node counts for one place: the nearest above it.
 *
 * 28 bytes a node of the graph while it works; O(n log n) for n nodes that the ways lead through.
 */
#ifndef STETH_HEAP_GATHERING_H
#define STETH_HEAP_GATHERING_H

#include "base/vector.h"
#include "heap/rows.h"

struct gathering {
    uint32_t holder; /* the node below which they are, NODE_NONE: no root reaches them */
    uint32_t sample; /* one of them, the nearest to a root */
    uint64_t count;
    uint64_t bytes;
};
typedef VECTOR(struct gathering) gathering_vector;

struct gathering_search;

/* `before` (per node, `count` of them) is reach_find()'s, borrowed. NULL: no memory. */
struct gathering_search *gathering_search_new(const uint32_t *before, uint32_t count);
void gathering_search_free(struct gathering_search *search);

struct gathering_question {
    const uint32_t *nodes;
    size_t count;
    const uint32_t *bytes; /* per node of the graph */
    /* With fewer, places count for those above them; 0: places are not told by this. */
    uint64_t least_count, least_bytes;
};

/*
 * Where the nodes gather, those with the most bytes first. Places with less than a fiftieth of all
 * count for those above them, too; what is left for one may be less when a place below it was told
 * by the other measure. False when there is no memory; the caller frees `found` in any case.
 */
bool gathering_find(struct gathering_search *search, const struct gathering_question *question,
                    gathering_vector *found);

#endif
