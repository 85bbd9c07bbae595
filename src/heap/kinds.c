#include "heap/kinds.h"

#include <pthread.h>
#include <stdlib.h>

/* Hostile memory must not make us verify, or keep, without end. */
#define PROBES_MAX  (1u << 22)
#define BLOCK_KINDS 1024
#define BLOCKS_MAX  1024

#define KIND_REJECTED (UINT32_MAX - 1)

struct kind_table {
    const struct cpython *cpython;
    pthread_mutex_t lock;
    struct address_map known;
    struct kind *blocks[BLOCKS_MAX]; /* stable addresses while the table grows */
    uint32_t count;
    uint32_t probes;
};

struct kind_table *kind_table_new(const struct cpython *cpython)
{
    struct kind_table *table = calloc(1, sizeof *table);
    if (!table)
        return NULL;
    table->cpython = cpython;
    pthread_mutex_init(&table->lock, NULL);
    return table;
}

void kind_table_free(struct kind_table *table)
{
    if (!table)
        return;
    for (uint32_t i = 0; i < table->count; i++)
        referents_type_free(kind_table_get(table, i)->referents);
    for (size_t i = 0; i < BLOCKS_MAX; i++)
        free(table->blocks[i]);
    address_map_free(&table->known);
    pthread_mutex_destroy(&table->lock);
    free(table);
}

uint32_t kind_table_count(const struct kind_table *table)
{
    return table->count;
}

const struct kind *kind_table_get(const struct kind_table *table, uint32_t kind)
{
    return &table->blocks[kind / BLOCK_KINDS][kind % BLOCK_KINDS];
}

static uint32_t add(struct kind_table *table, uint64_t type, struct referents_type *referents)
{
    uint32_t block = table->count / BLOCK_KINDS;
    if (block < BLOCKS_MAX && !table->blocks[block])
        table->blocks[block] = calloc(BLOCK_KINDS, sizeof *table->blocks[block]);
    if (block >= BLOCKS_MAX || !table->blocks[block]) {
        referents_type_free(referents);
        return KIND_REJECTED;
    }
    table->blocks[block][table->count % BLOCK_KINDS] = (struct kind){
        .type = type,
        .referents = referents,
        .leaf = referents_type_is_leaf(referents),
        .tracks = referents_type_view(referents)->flags & TYPE_HAVE_GC,
    };
    return table->count++;
}

static uint32_t table_lookup(struct kind_table *table, uint64_t type)
{
    pthread_mutex_lock(&table->lock);
    uint32_t known = address_map_get(&table->known, type);
    if (known == ADDRESS_MAP_ABSENT) {
        known = KIND_REJECTED;
        if (table->probes++ < PROBES_MAX) {
            struct referents_type *referents = referents_type_read(table->cpython, type);
            if (referents)
                known = add(table, type, referents);
            (void)address_map_put(&table->known, type, known);
        }
    }
    pthread_mutex_unlock(&table->lock);
    return known;
}

static int compare_types(const void *left, const void *right)
{
    const struct kind *a = left, *b = right;
    return (a->type > b->type) - (a->type < b->type);
}

bool kind_table_sort(struct kind_table *table)
{
    struct kind *kinds = calloc((size_t)table->count + 1, sizeof *kinds);
    bool good = kinds != NULL;
    for (uint32_t i = 0; i < table->count && good; i++)
        kinds[i] = *kind_table_get(table, i);
    if (table->count && good)
        qsort(kinds, table->count, sizeof *kinds, compare_types);
    for (uint32_t i = 0; i < table->count && good; i++) {
        table->blocks[i / BLOCK_KINDS][i % BLOCK_KINDS] = kinds[i];
        good = address_map_put(&table->known, kinds[i].type, i);
    }
    free(kinds);
    return good;
}

void kind_cache_free(struct kind_cache *cache)
{
    address_map_free(&cache->known);
}

uint32_t kind_cache_search(struct kind_cache *cache, uint64_t type)
{
    if (!type || type % sizeof type)
        return KIND_NONE;
    uint32_t kind = address_map_get(&cache->known, type);
    if (kind == ADDRESS_MAP_ABSENT) {
        kind = table_lookup(cache->table, type);
        if (cache->known.count < PROBES_MAX)
            (void)address_map_put(&cache->known, type, kind);
    }
    if (kind == KIND_REJECTED)
        return KIND_NONE;
    cache->near[near_kind(type)].type = type;
    cache->near[near_kind(type)].kind = kind;
    return kind;
}
