/*
 * retained.h: what nodes retain, from the tree of their dominators: the biggest subtrees, and where
 * a subtree's bytes come together. Everything is O(nodes) and nothing is allocated.
 */
#ifndef STETH_HEAP_RETAINED_H
#define STETH_HEAP_RETAINED_H

#include "heap/dominators.h"

/*
 * `bytes` has an entry for each node: its own size before, what it retains after. Unreachable nodes
 * keep theirs. Returns what all roots retain together.
 */
uint64_t dominators_retained(const struct dominators *dominators, uint64_t *bytes);

/*
 * The nodes that `parent` (dominators->count: the virtual root) dominates immediately and that
 * retain the most, the biggest first, at most `limit`, in `biggest`. Returns how many.
 * O(nodes * log limit).
 */
size_t dominators_biggest(const struct dominators *dominators, const uint64_t *retained,
                          uint32_t parent, uint32_t *biggest, size_t limit);

/*
 * By node, `count` too (so count + 1 entries): the one it dominates immediately that retains the
 * most, NODE_NONE when there is none. Equals go to the smaller number.
 */
void dominators_heaviest(const struct dominators *dominators, const uint64_t *retained,
                         uint32_t *heaviest);

/*
 * The accumulation point below `node`: from there on down, as long as the heaviest child retains at
 * least `share` (0 … 1) of what its parent retains, it is followed. Where that ends the bytes are
 * in many, the parent of these is the answer. Eclipse MAT goes down by 0.7.
 */
uint32_t dominators_accumulation(const uint64_t *retained, const uint32_t *heaviest, uint32_t node,
                                 double share);

#endif
