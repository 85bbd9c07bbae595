#include "heap/rings.h"

#include <string.h>

#include "heap/census.h"

/*
 * Where a list goes on is mostly near to where one of its last objects was: objects of one size
 * are allocated side by side, and linked in the order of their allocation or of a collection.
 */
#define NEAR_LOG2  10
#define NEAR_BYTES 4096
#define NEAR_STEPS 16

struct walker {
    const struct heap_index *index;
    struct {
        uint64_t page;
        struct index_place place; /* no slot: none was met */
    } near[1 << NEAR_LOG2];       /* by page: the object met last */
};

/* Moves `place` to `address` when it is a few steps from there. */
static bool step_to(struct index_place *place, uint64_t address)
{
    const uint64_t *addresses = place->slot->addresses;
    uint32_t at = place->at;
    for (int step = 0; step < NEAR_STEPS && addresses[at] != address; step++) {
        if (addresses[at] > address ? at == 0 : at + 1 == place->slot->count)
            return false;
        at = addresses[at] > address ? at - 1 : at + 1;
    }
    place->at = at;
    return addresses[at] == address;
}

static bool locate(struct walker *walker, uint64_t address, struct index_place *place)
{
    uint64_t page = address / NEAR_BYTES;
    size_t slot = page % (1 << NEAR_LOG2);
    *place = walker->near[slot].place;
    bool near = place->slot && walker->near[slot].page == page && step_to(place, address);
    if (!near && !heap_index_locate(walker->index, address, place))
        return false;
    walker->near[slot].page = page;
    walker->near[slot].place = *place;
    return true;
}

/* Counts one list from its head on; -1 when a link leads out of the index or into a loop. */
static int64_t walk(const struct cpython *cpython, struct walker *walker, uint64_t head,
                    uint8_t ring, uint8_t *ring_of)
{
    uint64_t link;
    int64_t count = 0;
    if (!head || !target_read_word(cpython->target, head, &link))
        return -1;
    for (link &= GC_POINTER_MASK; link != head; count++) {
        struct index_place place;
        if (!locate(walker, link + GC_HEAD_BYTES, &place))
            return -1;
        uint8_t *mark = &ring_of[place.slot->base + place.at];
        if (*mark != RING_NONE)
            return -1;
        *mark = ring;
        link = place.slot->nexts[place.at] & GC_POINTER_MASK;
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
    struct walker walker = {.index = index};
    for (uint8_t i = 0; i < RING_COUNT; i++) {
        uint64_t head = i == RING_PERMANENT ? state->permanent_head : state->heads[i];
        rings->counts[i] = walk(cpython, &walker, head, i, rings->ring_of);
    }
    return true;
}

void rings_free(struct rings *rings)
{
    free(rings->ring_of);
    rings->ring_of = NULL;
}
