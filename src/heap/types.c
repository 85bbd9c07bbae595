#include "heap/types.h"

#include <pthread.h>
#include <string.h>

#include "base/vector.h"

/* A word that is not a type; kept in the caches so that it is looked at once. */
#define TYPE_REJECTED (UINT32_MAX - 1)
/* Hostile or unlucky memory must not make us verify without end. */
#define PROBES_MAX  (1u << 20)
#define BASES_MAX   64
#define BLOCK_TYPES 1024
#define BLOCKS_MAX  1024

struct type_table {
    const struct cpython *cpython;
    struct cpython reader; /* the same; during a pass by a target that remembers */
    pthread_mutex_t lock;
    struct address_map known;
    struct heap_type *blocks[BLOCKS_MAX]; /* stable addresses while the table grows */
    uint32_t count;
    uint32_t probes;
};

struct type_table *type_table_new(const struct cpython *cpython)
{
    struct type_table *table = calloc(1, sizeof *table);
    if (!table)
        return NULL;
    table->cpython = cpython;
    table->reader = *cpython;
    pthread_mutex_init(&table->lock, NULL);
    return table;
}

void type_table_remember(struct type_table *table, bool remember)
{
    if (remember)
        cpython_remember(table->cpython, &table->reader);
    else
        cpython_forget(table->cpython, &table->reader);
}

void type_table_free(struct type_table *table)
{
    if (!table)
        return;
    for (size_t i = 0; i < BLOCKS_MAX; i++)
        free(table->blocks[i]);
    address_map_free(&table->known);
    pthread_mutex_destroy(&table->lock);
    free(table);
}

uint32_t type_table_count(const struct type_table *table)
{
    return table->count;
}

const struct heap_type *type_table_get(const struct type_table *table, uint32_t type)
{
    return &table->blocks[type / BLOCK_TYPES][type % BLOCK_TYPES];
}

/* Whether `type` is, or derives from, the set types, collections.deque or queue.SimpleQueue. */
static enum container_kind container_by_base(const struct cpython *cpython,
                                             const struct type_view *type)
{
    struct type_view view = *type;
    for (int i = 0; i < BASES_MAX; i++) {
        char name[24];
        if (view.address == cpython->set_type || view.address == cpython->frozenset_type)
            return CONTAINER_SET;
        if (!(view.flags & TYPE_HEAPTYPE) || i == 0) {
            /* These types are not exported; their tp_name is fixed (Modules/_collectionsmodule.c,
             * Modules/_queuemodule.c). */
            bool named = target_read_c_string(cpython->target, view.name, name, sizeof name);
            if (named && strcmp(name, "collections.deque") == 0)
                return CONTAINER_DEQUE;
            if (named && strcmp(name, "_queue.SimpleQueue") == 0 &&
                cpython->at.simple_queue_list < 0)
                return CONTAINER_QUEUE;
        }
        if (!view.base || !type_read(cpython, view.base, &view))
            break;
    }
    return CONTAINER_NONE;
}

static enum container_kind container_of(const struct cpython *cpython, const struct type_view *type)
{
    if (type->flags & TYPE_LIST_SUBCLASS)
        return CONTAINER_LIST;
    if (type->flags & TYPE_DICT_SUBCLASS)
        return CONTAINER_DICT;
    if (type->address == cpython->module_type || type->base == cpython->module_type)
        return CONTAINER_MODULE;
    return container_by_base(cpython, type);
}

static bool verify(const struct cpython *cpython, uint64_t address, struct heap_type *type)
{
    if (!type_read_compiled(cpython, address, &type->view) || !(type->view.flags & TYPE_HAVE_GC))
        return false;
    type->container = container_of(cpython, &type->view);
    type->managed_values = (type->view.flags & TYPE_MANAGED_DICT) &&
                           (cpython->is.managed_dict == MANAGED_DICT_TWO_WORDS ||
                            cpython->is.managed_dict == MANAGED_DICT_TAGGED);
    return true;
}

static uint32_t add_type(struct type_table *table, const struct heap_type *type)
{
    uint32_t block = table->count / BLOCK_TYPES;
    if (block >= BLOCKS_MAX)
        return TYPE_REJECTED;
    if (!table->blocks[block])
        table->blocks[block] = calloc(BLOCK_TYPES, sizeof *table->blocks[block]);
    if (!table->blocks[block])
        return TYPE_REJECTED;
    table->blocks[block][table->count % BLOCK_TYPES] = *type;
    return table->count++;
}

static uint32_t table_lookup(struct type_table *table, uint64_t address)
{
    pthread_mutex_lock(&table->lock);
    uint32_t known = address_map_get(&table->known, address);
    if (known == ADDRESS_MAP_ABSENT) {
        struct heap_type type = {0};
        known = TYPE_REJECTED;
        if (table->probes < PROBES_MAX) {
            table->probes++;
            if (verify(&table->reader, address, &type))
                known = add_type(table, &type);
            address_map_put(&table->known, address, known);
        }
    }
    pthread_mutex_unlock(&table->lock);
    return known;
}

void type_cache_free(struct type_cache *cache)
{
    address_map_free(&cache->known);
}

uint32_t type_cache_lookup(struct type_cache *cache, uint64_t address)
{
    if (!address)
        return TYPE_UNKNOWN;
    if (address == cache->last_address)
        return cache->last_type;
    uint32_t type = address_map_get(&cache->known, address);
    if (type == ADDRESS_MAP_ABSENT) {
        type = table_lookup(cache->table, address);
        if (cache->known.count < PROBES_MAX)
            address_map_put(&cache->known, address, type);
    }
    if (type == TYPE_REJECTED)
        return TYPE_UNKNOWN;
    cache->last_address = address;
    cache->last_type = type;
    return type;
}
