#include "heap/index.h"

struct heap_index *heap_index_new(size_t slots)
{
    struct heap_index *index = calloc(1, sizeof *index);
    if (!index)
        return NULL;
    index->slots = calloc(slots ? slots : 1, sizeof *index->slots);
    index->slot_count = slots;
    if (!index->slots) {
        free(index);
        return NULL;
    }
    return index;
}

void heap_index_free(struct heap_index *index)
{
    if (!index)
        return;
    for (size_t i = 0; i < index->slot_count; i++) {
        free(index->slots[i].addresses);
        free(index->slots[i].nexts);
        free(index->slots[i].types);
    }
    free(index->slots);
    vector_free(&index->buffers);
    free(index);
}

#define DIGIT_BITS  11
#define DIGIT_COUNT ((size_t)1 << DIGIT_BITS)

/* Moves `count` buffers to `to`, sorted by one digit, in the order they have where it is equal. */
static void sort_by_digit(const struct buffer_owner *from, struct buffer_owner *to, size_t count,
                          unsigned shift)
{
    size_t places[DIGIT_COUNT] = {0};
    for (size_t i = 0; i < count; i++)
        places[from[i].start >> shift & (DIGIT_COUNT - 1)]++;
    for (size_t digit = 0, next = 0; digit < DIGIT_COUNT; digit++) {
        size_t same = places[digit];
        places[digit] = next;
        next += same;
    }
    for (size_t i = 0; i < count; i++)
        to[places[from[i].start >> shift & (DIGIT_COUNT - 1)]++] = from[i];
}

/* By digits: there are about as many buffers as objects, and nothing else to do meanwhile. */
static bool sort_buffers(struct heap_index *index)
{
    size_t count = index->buffers.count;
    uint64_t differ = 0;
    for (size_t i = 1; i < count; i++)
        differ |= index->buffers.items[i].start ^ index->buffers.items[0].start;
    struct buffer_owner *from = index->buffers.items, *to = malloc((count + 1) * sizeof *to);
    if (!to)
        return false;
    for (unsigned shift = 0; shift < 64; shift += DIGIT_BITS) {
        if (!(differ >> shift & (DIGIT_COUNT - 1)))
            continue;
        sort_by_digit(from, to, count, shift);
        struct buffer_owner *sorted = to;
        to = from;
        from = sorted;
    }
    free(to);
    index->buffers.items = from;
    index->buffers.capacity = count;
    return true;
}

bool heap_index_seal(struct heap_index *index)
{
    /* Empty slots would only lengthen every search. */
    size_t kept = 0;
    for (size_t i = 0; i < index->slot_count; i++) {
        if (!index->slots[i].count)
            continue;
        index->slots[kept] = index->slots[i];
        if (kept != i)
            index->slots[i] = (struct index_slot){0};
        index->slots[kept].base = index->count;
        index->count += index->slots[kept].count;
        kept++;
    }
    index->slot_count = kept;
    return index->buffers.count < 2 || sort_buffers(index);
}

/* The last slot whose first object lies at or before `address`, NULL when there is none. */
static const struct index_slot *slot_before(const struct heap_index *index, uint64_t address)
{
    size_t low = 0, high = index->slot_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (index->slots[middle].addresses[0] <= address)
            low = middle + 1;
        else
            high = middle;
    }
    return low ? &index->slots[low - 1] : NULL;
}

/* The last object of `slot` at or before `address`; its first one is. */
static uint32_t place_in(const struct index_slot *slot, uint64_t address)
{
    uint32_t low = 0, high = slot->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (slot->addresses[middle] <= address)
            low = middle + 1;
        else
            high = middle;
    }
    return low - 1;
}

uint32_t heap_index_before(const struct heap_index *index, uint64_t address)
{
    const struct index_slot *slot = slot_before(index, address);
    return slot ? slot->base + place_in(slot, address) : INDEX_NONE;
}

bool heap_index_locate(const struct heap_index *index, uint64_t address, struct index_place *place)
{
    place->slot = slot_before(index, address);
    if (!place->slot)
        return false;
    place->at = place_in(place->slot, address);
    return place->slot->addresses[place->at] == address;
}

uint32_t heap_index_find(const struct heap_index *index, uint64_t address)
{
    struct index_place place;
    return heap_index_locate(index, address, &place) ? place.slot->base + place.at : INDEX_NONE;
}

static struct index_place place_of(const struct heap_index *index, uint32_t number)
{
    size_t low = 0, high = index->slot_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (index->slots[middle].base <= number)
            low = middle + 1;
        else
            high = middle;
    }
    const struct index_slot *slot = &index->slots[low - 1];
    return (struct index_place){slot, number - slot->base};
}

struct index_entry heap_index_at(const struct heap_index *index, uint32_t number)
{
    struct index_place place = place_of(index, number);
    uint64_t next = place.slot->nexts ? place.slot->nexts[place.at] : 0;
    return (struct index_entry){
        .address = place.slot->addresses[place.at],
        .next = next & ~UINT64_C(3),
        .type = place.slot->types[place.at],
        .finalized = next & 1,
    };
}

const struct buffer_owner *heap_index_buffer(const struct heap_index *index, uint64_t address)
{
    size_t low = 0, high = index->buffers.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (index->buffers.items[middle].start <= address)
            low = middle + 1;
        else
            high = middle;
    }
    return low ? &index->buffers.items[low - 1] : NULL;
}
