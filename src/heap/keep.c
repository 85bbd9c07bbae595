/* What a pass keeps of the objects: counts by type, the index, whose buffer lies where. */
#include <string.h>

#include "heap/gather.h"

/* A deque is a chain of blocks {left link, 64 items, right link} (Modules/_collectionsmodule.c). */
#define DEQUE_BLOCK_BYTES (66 * sizeof(uint64_t))
#define DEQUE_BLOCKS_MAX  (UINT64_C(1) << 24)

/* A head may begin at every 16th byte, as far as the sieve knows. */
#define SLOT_OBJECTS_MAX (STREAM_SLOT_BYTES / 16)

/* How many blocks the memory has room for: a corrupt chain may run in a ring. */
static uint64_t deque_blocks(const struct target *target)
{
    uint64_t bytes = 0;
    size_t count;
    const struct mapping *mappings = target_mappings(target, &count);
    for (size_t i = 0; i < count; i++)
        bytes += mappings[i].writable ? mappings[i].end - mappings[i].start : 0;
    uint64_t blocks = bytes / DEQUE_BLOCK_BYTES;
    return blocks < DEQUE_BLOCKS_MAX ? blocks : DEQUE_BLOCKS_MAX;
}

bool keep_prepare(const struct pass *pass, struct gatherer *gatherer)
{
    const struct census_options *options = pass->options;
    cpython_remember(pass->cpython, &gatherer->remembered);
    gatherer->deque_blocks_left = options->keep_buffers ? deque_blocks(pass->cpython->target) : 0;
    if (!options->keep_index)
        return true;
    /* Only what is used of it becomes memory. */
    gatherer->addresses = malloc(SLOT_OBJECTS_MAX * sizeof *gatherer->addresses);
    gatherer->type_numbers = malloc(SLOT_OBJECTS_MAX * sizeof *gatherer->type_numbers);
    if (options->keep_links)
        gatherer->nexts = malloc(SLOT_OBJECTS_MAX * sizeof *gatherer->nexts);
    return gatherer->addresses && gatherer->type_numbers &&
           (gatherer->nexts || !options->keep_links);
}

void gatherer_free(const struct pass *pass, struct gatherer *gatherer)
{
    if (gatherer->remembered.target)
        cpython_forget(pass->cpython, &gatherer->remembered);
    type_cache_free(&gatherer->types);
    type_filter_free(&gatherer->filter);
    vector_free(&gatherer->counts);
    vector_free(&gatherer->marked);
    vector_free(&gatherer->buffers);
    free(gatherer->addresses);
    free(gatherer->nexts);
    free(gatherer->type_numbers);
}

void keep_count(struct gatherer *gatherer, uint32_t type, uint64_t objects)
{
    while (gatherer->counts.count <= type)
        if (!vector_push(&gatherer->counts, 0)) {
            gatherer->failed = true;
            return;
        }
    gatherer->counts.items[type] += objects;
}

/* ---- the index ------------------------------------------------------------------------------- */

static void *copy_of(const void *items, size_t count, size_t size)
{
    void *copy = malloc(count * size);
    return copy ? memcpy(copy, items, count * size) : NULL;
}

void keep_close_slot(const struct pass *pass, struct gatherer *gatherer)
{
    size_t count = gatherer->kept;
    if (!count)
        return;
    struct index_slot *slot = &pass->census->index->slots[gatherer->slot];
    slot->addresses = copy_of(gatherer->addresses, count, sizeof *slot->addresses);
    slot->types = copy_of(gatherer->type_numbers, count, sizeof *slot->types);
    if (gatherer->nexts)
        slot->nexts = copy_of(gatherer->nexts, count, sizeof *slot->nexts);
    gatherer->kept = 0;
    if (slot->addresses && slot->types && (slot->nexts || !gatherer->nexts))
        slot->count = (uint32_t)count;
    else
        gatherer->failed = true;
}

static void keep_buffer(struct gatherer *gatherer, uint64_t start, uint64_t owner)
{
    if (!start)
        return;
    if (!vector_push(&gatherer->buffers, ((struct buffer_owner){start, owner})))
        gatherer->failed = true;
}

/* Instances of 3.11 and 3.12 keep attribute values in a block: words in front of the GC head. */
static void keep_managed_values(const struct sight *sight, uint64_t object)
{
    if (sight->pass->cpython->is.managed_dict == MANAGED_DICT_TWO_WORDS) {
        keep_buffer(sight->gatherer, sight_word(sight, object, -32), object);
        return;
    }
    uint64_t word = sight_word(sight, object, -24);
    if (word & 1)
        keep_buffer(sight->gatherer, word + 1, object);
}

static void keep_deque_blocks(const struct sight *sight, uint64_t object)
{
    const struct cpython *cpython = sight->pass->cpython;
    const uint64_t right_link = DEQUE_BLOCK_BYTES - sizeof(uint64_t);
    uint64_t block = sight_word(sight, object, cpython->at.deque_left_block);
    uint64_t length = sight_word(sight, object, cpython->at.var_object_size);
    for (uint64_t seen = 0; block && seen / 64 <= length / 64 + 1; seen += 64) {
        uint64_t next;
        if (!sight->gatherer->deque_blocks_left ||
            !target_read_word(cpython->target, block + right_link, &next))
            return;
        sight->gatherer->deque_blocks_left--;
        keep_buffer(sight->gatherer, block, object);
        block = next;
    }
}

static void keep_buffers(const struct sight *sight, uint64_t object, uint32_t type)
{
    const struct layout_offsets *at = &sight->pass->cpython->at;
    const struct heap_type *facts = type_table_get(sight->pass->census->types, type);
    struct gatherer *gatherer = sight->gatherer;
    switch (facts->container) {
    case CONTAINER_LIST:
        keep_buffer(gatherer, sight_word(sight, object, at->list_items), object);
        break;
    case CONTAINER_DICT:
        keep_buffer(gatherer, sight_word(sight, object, at->dict_keys), object);
        keep_buffer(gatherer, sight_word(sight, object, at->dict_values), object);
        break;
    case CONTAINER_SET:
        keep_buffer(gatherer, sight_word(sight, object, at->set_table), object);
        break;
    case CONTAINER_DEQUE:
        keep_deque_blocks(sight, object);
        break;
    case CONTAINER_QUEUE:
        keep_buffer(gatherer, sight_word(sight, object, at->simple_queue_ring_items), object);
        break;
    case CONTAINER_MODULE:
        keep_buffer(gatherer, sight_word(sight, object, at->module_state), object);
        break;
    case CONTAINER_NONE:
        break;
    }
    if (facts->managed_values)
        keep_managed_values(sight, object);
}

void keep_object(const struct sight *sight, size_t offset, uint32_t type)
{
    struct gatherer *gatherer = sight->gatherer;
    uint64_t object = sight_object(sight, offset);
    if (gatherer->slot != sight->chunk->slot)
        keep_close_slot(sight->pass, gatherer);
    gatherer->slot = sight->chunk->slot;
    if (gatherer->kept >= SLOT_OBJECTS_MAX)
        return;
    size_t i = gatherer->kept++;
    gatherer->addresses[i] = object;
    gatherer->type_numbers[i] = type;
    if (gatherer->nexts) {
        const uint64_t *words = sight_head(sight, offset);
        gatherer->nexts[i] = (words[0] & GC_POINTER_MASK) | (words[1] & GC_PREV_FINALIZED);
    }
    if (sight->pass->options->keep_buffers)
        keep_buffers(sight, object, type);
}
