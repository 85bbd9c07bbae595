/*
 * rings.h: follows the collector's doubly linked lists through an index that kept the links: no
 * read of the target but the heads. Exact on a paused or quiet target; on a busy one a list may
 * break, which is reported, never guessed over.
 */
#ifndef STETH_HEAP_RINGS_H
#define STETH_HEAP_RINGS_H

#include "heap/index.h"
#include "runtime/runtime.h"

/* The lists of one collector: three generations and the permanent one (gc.freeze()). */
#define RING_COUNT     (COLLECTOR_GENERATIONS + 1)
#define RING_PERMANENT COLLECTOR_GENERATIONS
#define RING_NONE      0xFF

struct rings {
    int64_t counts[RING_COUNT]; /* objects in each, -1 when the list broke */
    uint8_t *ring_of;           /* per object of the index, RING_NONE when in none; owned */
};

/*
 * Walks the lists of `state`. `ring_of` may already hold the objects of another interpreter: pass
 * the same struct again. The caller frees with rings_free. False when there is no memory.
 */
bool rings_walk(const struct cpython *cpython, const struct heap_index *index,
                const struct collector_state *state, struct rings *rings);
void rings_free(struct rings *rings);

#endif
