/*
 * kinds.h: the types of a heap graph, each read once, by a small number. Threads share the table;
 * each has its own cache in front of it.
 */
#ifndef STETH_HEAP_KINDS_H
#define STETH_HEAP_KINDS_H

#include "base/address_map.h"
#include "object/referents.h"

#define KIND_NONE UINT32_MAX

struct kind {
    uint64_t type; /* its address */
    struct referents_type *referents;
    bool leaf;   /* its instances refer to nothing */
    bool tracks; /* its instances have a GC head */
};

struct kind_table;

struct kind_table *kind_table_new(const struct cpython *cpython); /* NULL: no memory */
void kind_table_free(struct kind_table *table);
uint32_t kind_table_count(const struct kind_table *table);
const struct kind *kind_table_get(const struct kind_table *table, uint32_t kind);

/*
 * Numbers the kinds anew, by the addresses of their types: so they do not depend on which thread
 * was the first to meet one. No cache in front of the table may be in use. False: no memory.
 */
bool kind_table_sort(struct kind_table *table);

#define NEAR_BITS  6
#define NEAR_KINDS (1 << NEAR_BITS)

struct kind_cache {
    struct kind_table *table;
    struct address_map known;
    struct {
        uint64_t type;
        uint32_t kind;
    } near[NEAR_KINDS]; /* met lately */
};
void kind_cache_free(struct kind_cache *cache);

static inline size_t near_kind(uint64_t type)
{
    return address_hash(type) >> (64 - NEAR_BITS);
}

/* What kind_cache_lookup does with a type that was not met lately. */
uint32_t kind_cache_search(struct kind_cache *cache, uint64_t type);

/* The kind of objects whose type is at `type`; KIND_NONE when that is no type. */
static inline uint32_t kind_cache_lookup(struct kind_cache *cache, uint64_t type)
{
    size_t near = near_kind(type);
    return type && cache->near[near].type == type ? cache->near[near].kind
                                                  : kind_cache_search(cache, type);
}

#endif
