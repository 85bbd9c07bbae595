/*
 * retained_kinds.h: what the objects of each kind retain together: the sum of what those retain
 * that no other object of their kind dominates. O(nodes); 8 bytes a node while it works.
 */
#ifndef STETH_HEAP_RETAINED_KINDS_H
#define STETH_HEAP_RETAINED_KINDS_H

#include "heap/dominators.h"

/*
 * `kind_of` and `retained` are per node, `sums` (zeroed) per kind. Nodes that no root reaches count
 * with their own size only, which is their `retained`. False when there is no memory.
 */
bool retained_by_kind(const struct dominators *dominators, const uint64_t *retained,
                      const uint32_t *kind_of, uint32_t kinds, uint64_t *sums);

#endif
