/*
 * types.h: the types met in a pass, verified once. Shared by the workers of a pass: lookups that
 * miss a worker's own cache take a lock.
 */
#ifndef STETH_HEAP_TYPES_H
#define STETH_HEAP_TYPES_H

#include "base/address_map.h"
#include "object/object.h"

/* How the references of an instance are kept outside of its own body. */
enum container_kind {
    CONTAINER_NONE,
    CONTAINER_LIST,
    CONTAINER_DICT,
    CONTAINER_SET,
    CONTAINER_DEQUE,
    CONTAINER_QUEUE, /* queue.SimpleQueue with a ring of its own (3.13+) */
    CONTAINER_MODULE,
};

struct heap_type {
    struct type_view view;
    enum container_kind container;
    bool managed_values; /* attribute values live in a block of their own (3.11, 3.12) */
};

struct type_table;

#define TYPE_UNKNOWN UINT32_MAX

struct type_table *type_table_new(const struct cpython *cpython); /* NULL: no memory */
void type_table_free(struct type_table *table);
/* Types that are met while it remembers are read by whole pages; to be switched off soon. */
void type_table_remember(struct type_table *table, bool remember);
uint32_t type_table_count(const struct type_table *table);
/* Valid until the table is freed. */
const struct heap_type *type_table_get(const struct type_table *table, uint32_t type);

/* A worker's own view of the table. */
struct type_cache {
    struct type_table *table;
    struct address_map known; /* address -> type, or TYPE_REJECTED */
    uint64_t last_address;
    uint32_t last_type;
};
void type_cache_free(struct type_cache *cache);

/* The type at `address` if it is one whose instances the collector tracks, else TYPE_UNKNOWN. */
uint32_t type_cache_lookup(struct type_cache *cache, uint64_t address);

#endif
