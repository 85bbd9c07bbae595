#include "heap/rings.h"

#include <string.h>

#include "heap/census.h"

/* Counts one list from its head on; -1 when a link leads out of the index or into a loop. */
static int64_t walk(const struct cpython *cpython, const struct heap_index *index, uint64_t head,
                    uint8_t ring, uint8_t *ring_of)
{
    uint64_t link;
    uint32_t number = INDEX_NONE;
    int64_t count = 0;
    if (!head || !target_read_word(cpython->target, head, &link))
        return -1;
    for (link &= GC_POINTER_MASK; link != head; count++) {
        number = heap_index_find(index, link + GC_HEAD_BYTES,
                                 number == INDEX_NONE ? INDEX_NONE : number + 1);
        if (number == INDEX_NONE || ring_of[number] != RING_NONE)
            return -1;
        ring_of[number] = ring;
        link = heap_index_at(index, number).next;
    }
    return count;
}

bool rings_walk(const struct cpython *cpython, const struct heap_index *index,
                const struct collector_state *state, struct rings *rings)
{
    if (!rings->ring_of) {
        rings->ring_of = malloc(index->count + 1);
        if (!rings->ring_of)
            return false;
        memset(rings->ring_of, RING_NONE, index->count + 1);
    }
    for (uint8_t i = 0; i < RING_COUNT; i++) {
        uint64_t head = i == RING_PERMANENT ? state->permanent_head : state->heads[i];
        rings->counts[i] = walk(cpython, index, head, i, rings->ring_of);
    }
    return true;
}

void rings_free(struct rings *rings)
{
    free(rings->ring_of);
    rings->ring_of = NULL;
}
