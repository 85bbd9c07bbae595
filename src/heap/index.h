/*
 * index.h: where every tracked object lies, in address order: 12 bytes an object (20 with links),
 * whatever the heap's size in bytes. Filled slot by slot by the workers of a pass.
 */
#ifndef STETH_HEAP_INDEX_H
#define STETH_HEAP_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/vector.h"

/* The objects of one slot of the stream's plan, in address order. */
struct index_slot {
    uint64_t *addresses;
    uint64_t *nexts; /* _gc_next without its flags and with the finalized mark in bit 0; or NULL */
    uint32_t *types;
    uint32_t count;
    uint32_t base; /* number of the first object */
};

/* A block outside of the object that owns it. */
struct buffer_owner {
    uint64_t start;
    uint64_t owner;
};

struct heap_index {
    struct index_slot *slots;
    size_t slot_count;
    uint32_t count;
    VECTOR(struct buffer_owner) buffers; /* sorted by start */
};

#define INDEX_NONE UINT32_MAX

struct heap_index *heap_index_new(size_t slots);
void heap_index_free(struct heap_index *index);

/*
 * To be called once when all slots are filled: numbers the objects and sorts the buffers. False
 * when there is no memory.
 */
bool heap_index_seal(struct heap_index *index);

/* The number of the object at exactly `address`, or INDEX_NONE. */
uint32_t heap_index_find(const struct heap_index *index, uint64_t address);

/* Where it stands: in slot->addresses[at] and its neighbours. False when it is not there. */
struct index_place {
    const struct index_slot *slot;
    uint32_t at;
};
bool heap_index_locate(const struct heap_index *index, uint64_t address, struct index_place *place);

/* The number of the last object at or before `address`, or INDEX_NONE. */
uint32_t heap_index_before(const struct heap_index *index, uint64_t address);

struct index_entry {
    uint64_t address;
    uint64_t next; /* 0 when links are not kept */
    uint32_t type;
    bool finalized; /* only when links are kept */
};
struct index_entry heap_index_at(const struct heap_index *index, uint32_t number);

/* The owner of the last buffer that starts at or before `address`, NULL when there is none. */
const struct buffer_owner *heap_index_buffer(const struct heap_index *index, uint64_t address);

#endif
