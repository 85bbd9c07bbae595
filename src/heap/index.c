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

static int compare_buffers(const void *left, const void *right)
{
    const struct buffer_owner *a = left, *b = right;
    return (a->start > b->start) - (a->start < b->start);
}

void heap_index_seal(struct heap_index *index)
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
    if (index->buffers.count)
        qsort(index->buffers.items, index->buffers.count, sizeof *index->buffers.items,
              compare_buffers);
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

uint32_t heap_index_before(const struct heap_index *index, uint64_t address)
{
    const struct index_slot *slot = slot_before(index, address);
    if (!slot)
        return INDEX_NONE;
    uint32_t low = 0, high = slot->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (slot->addresses[middle] <= address)
            low = middle + 1;
        else
            high = middle;
    }
    return slot->base + low - 1;
}

struct slot_place {
    const struct index_slot *slot;
    uint32_t at;
};

static struct slot_place place_of(const struct heap_index *index, uint32_t number)
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
    return (struct slot_place){slot, number - slot->base};
}

struct index_entry heap_index_at(const struct heap_index *index, uint32_t number)
{
    struct slot_place place = place_of(index, number);
    uint64_t next = place.slot->nexts ? place.slot->nexts[place.at] : 0;
    return (struct index_entry){
        .address = place.slot->addresses[place.at],
        .next = next & ~UINT64_C(3),
        .type = place.slot->types[place.at],
        .finalized = next & 1,
    };
}

uint32_t heap_index_find(const struct heap_index *index, uint64_t address, uint32_t hint)
{
    /* Lists mostly run in the order of allocation, so a neighbour's neighbour is a good guess. */
    if (hint != INDEX_NONE && hint < index->count && heap_index_at(index, hint).address == address)
        return hint;
    uint32_t number = heap_index_before(index, address);
    if (number == INDEX_NONE || heap_index_at(index, number).address != address)
        return INDEX_NONE;
    return number;
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
