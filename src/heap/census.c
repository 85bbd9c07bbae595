#include "heap/census.h"

#include <string.h>
#include <time.h>

#include "heap/heads.h"
#include "heap/type_filter.h"

/* A type met lately; most objects are of few types. */
struct near_type {
    uint64_t address;
    uint32_t type;
    bool of_types; /* its instances are types themselves */
};
#define NEAR_TYPES 256

/* How far ahead words that might be types are gathered, to be judged together. */
#define AHEAD_BYTES ((size_t)16 << 10)

/* What one worker gathers; merged when the pass is over. */
struct gatherer {
    struct type_cache types;
    struct near_type near[NEAR_TYPES]; /* by near_slot() */
    struct type_filter filter;
    VECTOR(uint64_t) counts;
    marked_vector marked;
    uint64_t objects;
    VECTOR(uint64_t) addresses;
    VECTOR(uint64_t) nexts;
    VECTOR(uint32_t) type_numbers;
    VECTOR(struct buffer_owner) buffers;
    uint64_t deque_blocks_left;
    size_t slot; /* whose objects the three vectors hold */
    bool failed; /* out of memory */
};

struct pass {
    const struct cpython *cpython;
    const struct census_options *options;
    struct census *census;
    struct head_test test;
    struct gatherer gatherers[STREAM_WORKERS_MAX];
};

/* More references are rare enough to look twice: a low address is a plausible count, too. */
#define REFERENCES_MANY 0x10000
#define LINK_LOOKS      3

/* ---- recognising objects --------------------------------------------------------------------- */

/* What the sieve left open. words: next, prev, refcount, type. */
static inline bool looks_tracked(const struct head_test *test, const uint64_t *words)
{
    if (words[3] - test->types_low >= test->types_span || (words[3] & 7))
        return false;
    /* During a collection the rest of the word holds a count instead of a link. */
    return (words[1] & GC_PREV_COLLECTING) || (words[1] & GC_POINTER_MASK) - test->low < test->span;
}

static size_t near_slot(uint64_t type)
{
    return (type >> 4 ^ type >> 12) % NEAR_TYPES;
}

static bool is_type_known(const struct gatherer *gatherer, uint64_t type)
{
    return gatherer->near[near_slot(type)].address == type ||
           type_filter_rejects(&gatherer->filter, type) ||
           address_map_get(&gatherer->types.known, type) != ADDRESS_MAP_ABSENT;
}

/*
 * In a program linked to low addresses (Debian's), a pointer to static data passes for a count. An
 * object with just as many references has a type that others have, too.
 */
static bool is_count_address(const struct pass *pass, const uint64_t *words)
{
    uint64_t count = words[2] & pass->test.count_mask;
    return count >= REFERENCES_MANY && !(words[1] & GC_PREV_FINALIZED) &&
           target_mapping_at(pass->cpython->target, count);
}

/* Judges the unknown types of the heads from `offset` on: one system call for many. */
static void judge_ahead(const struct pass *pass, struct gatherer *gatherer,
                        const struct stream_chunk *chunk, size_t offset)
{
    uint64_t types[TYPE_FILTER_BATCH];
    size_t count = 0;
    size_t end = chunk->extent < offset + AHEAD_BYTES ? chunk->extent : offset + AHEAD_BYTES;
    for (; offset + 32 <= end && count < TYPE_FILTER_BATCH; offset += 16) {
        const uint64_t *words = (const uint64_t *)(const void *)(chunk->bytes + offset);
        if (heads_sieve_some(&pass->test, words, 1) && looks_tracked(&pass->test, words) &&
            !is_type_known(gatherer, words[3]) && !is_count_address(pass, words))
            types[count++] = words[3];
    }
    type_filter_judge(&gatherer->filter, pass->cpython, types, count);
}

/* The type of the head at `offset`; NULL when it is not one whose instances are tracked. */
static const struct near_type *find_type(const struct pass *pass, struct gatherer *gatherer,
                                         const struct stream_chunk *chunk, size_t offset)
{
    const uint64_t *words = (const uint64_t *)(const void *)(chunk->bytes + offset);
    uint64_t address = words[3];
    struct near_type *near = &gatherer->near[near_slot(address)];
    if (near->address == address)
        return near;
    if (!is_type_known(gatherer, address)) {
        if (is_count_address(pass, words))
            return NULL;
        judge_ahead(pass, gatherer, chunk, offset);
    }
    if (type_filter_rejects(&gatherer->filter, address))
        return NULL;
    uint32_t type = type_cache_lookup(&gatherer->types, address);
    if (type == TYPE_UNKNOWN)
        return NULL;
    const struct type_view *view = &type_table_get(pass->census->types, type)->view;
    *near = (struct near_type){address, type, view->flags & TYPE_TYPE_SUBCLASS};
    return near;
}

/* A word of the object or in front of it, from the chunk where possible. */
static uint64_t word_of(const struct pass *pass, const struct stream_chunk *chunk, uint64_t object,
                        int64_t offset)
{
    uint64_t word = 0, address = object + (uint64_t)offset;
    if (address >= chunk->address && address - chunk->address + sizeof word <= chunk->extent)
        memcpy(&word, chunk->bytes + (address - chunk->address), sizeof word);
    else if (!target_read_word(pass->cpython->target, address, &word))
        return 0;
    return word;
}

/* Static types are no objects of the collector (type_is_gc, Objects/typeobject.c). */
static bool is_static_type(const struct pass *pass, const struct stream_chunk *chunk,
                           uint64_t object, const struct near_type *type)
{
    return type->of_types &&
           !(word_of(pass, chunk, object, pass->cpython->at.type_flags) & TYPE_HEAPTYPE);
}

/*
 * In a program linked to low addresses (Debian's), four words of a dict's table may pass for a
 * head: two pointers, the address of a static string, a type. Its neighbours know better, and
 * they are asked, too, before an object counts as marked.
 */
static bool is_impostor(const struct pass *pass, const uint64_t *words, uint64_t object)
{
    bool doubtful =
        (words[2] & pass->test.count_mask) >= REFERENCES_MANY || (words[1] & GC_PREV_FINALIZED);
    if (!doubtful || (words[1] & GC_PREV_COLLECTING))
        return false;
    for (int i = 0; i < LINK_LOOKS; i++) {
        uint64_t head[2], previous;
        if (!target_read(pass->cpython->target, object - GC_HEAD_BYTES, head, sizeof head) ||
            !target_read_word(pass->cpython->target, (head[0] & GC_POINTER_MASK) + 8, &previous))
            return true;
        if ((previous & GC_POINTER_MASK) == object - GC_HEAD_BYTES ||
            (previous & GC_PREV_COLLECTING))
            return false;
    }
    return true;
}

/* ---- keeping --------------------------------------------------------------------------------- */

static void close_slot(struct pass *pass, struct gatherer *gatherer)
{
    struct heap_index *index = pass->census->index;
    size_t count = gatherer->addresses.count;
    if (!index || !count)
        return;
    struct index_slot *slot = &index->slots[gatherer->slot];
    slot->addresses = malloc(count * sizeof *slot->addresses);
    slot->types = malloc(count * sizeof *slot->types);
    slot->nexts = pass->options->keep_links ? malloc(count * sizeof *slot->nexts) : NULL;
    if (!slot->addresses || !slot->types || (pass->options->keep_links && !slot->nexts)) {
        gatherer->failed = true;
        return;
    }
    memcpy(slot->addresses, gatherer->addresses.items, count * sizeof *slot->addresses);
    memcpy(slot->types, gatherer->type_numbers.items, count * sizeof *slot->types);
    if (slot->nexts)
        memcpy(slot->nexts, gatherer->nexts.items, count * sizeof *slot->nexts);
    slot->count = (uint32_t)count;
    gatherer->addresses.count = gatherer->type_numbers.count = gatherer->nexts.count = 0;
}

static void keep_buffer(struct gatherer *gatherer, uint64_t start, uint64_t owner)
{
    if (!start)
        return;
    if (!vector_push(&gatherer->buffers, ((struct buffer_owner){start, owner})))
        gatherer->failed = true;
}

/* Instances of 3.11 and 3.12 keep attribute values in a block: words in front of the GC head. */
static void keep_managed_values(struct pass *pass, struct gatherer *gatherer,
                                const struct stream_chunk *chunk, uint64_t object)
{
    if (pass->cpython->is.managed_dict == MANAGED_DICT_TWO_WORDS) {
        keep_buffer(gatherer, word_of(pass, chunk, object, -32), object);
        return;
    }
    uint64_t word = word_of(pass, chunk, object, -24);
    if (word & 1)
        keep_buffer(gatherer, word + 1, object);
}

/* A deque is a chain of blocks {left link, 64 items, right link} (Modules/_collectionsmodule.c). */
#define DEQUE_BLOCK_BYTES (66 * sizeof(uint64_t))
#define DEQUE_BLOCKS_MAX  (UINT64_C(1) << 24)

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

static void keep_deque_blocks(struct pass *pass, struct gatherer *gatherer,
                              const struct stream_chunk *chunk, uint64_t object)
{
    const uint64_t right_link = DEQUE_BLOCK_BYTES - sizeof(uint64_t);
    uint64_t block = word_of(pass, chunk, object, pass->cpython->at.deque_left_block);
    uint64_t length = word_of(pass, chunk, object, pass->cpython->at.var_object_size);
    for (uint64_t seen = 0; block && seen / 64 <= length / 64 + 1; seen += 64) {
        uint64_t next;
        if (!gatherer->deque_blocks_left ||
            !target_read_word(pass->cpython->target, block + right_link, &next))
            return;
        gatherer->deque_blocks_left--;
        keep_buffer(gatherer, block, object);
        block = next;
    }
}

static void keep_buffers(struct pass *pass, struct gatherer *gatherer,
                         const struct stream_chunk *chunk, uint64_t object, uint32_t type)
{
    const struct layout_offsets *at = &pass->cpython->at;
    const struct heap_type *facts = type_table_get(pass->census->types, type);
    switch (facts->container) {
    case CONTAINER_LIST:
        keep_buffer(gatherer, word_of(pass, chunk, object, at->list_items), object);
        break;
    case CONTAINER_DICT:
        keep_buffer(gatherer, word_of(pass, chunk, object, at->dict_keys), object);
        keep_buffer(gatherer, word_of(pass, chunk, object, at->dict_values), object);
        break;
    case CONTAINER_SET:
        keep_buffer(gatherer, word_of(pass, chunk, object, at->set_table), object);
        break;
    case CONTAINER_DEQUE:
        keep_deque_blocks(pass, gatherer, chunk, object);
        break;
    case CONTAINER_MODULE:
        keep_buffer(gatherer, word_of(pass, chunk, object, at->module_state), object);
        break;
    case CONTAINER_NONE:
        break;
    }
    if (facts->managed_values)
        keep_managed_values(pass, gatherer, chunk, object);
}

static void keep_object(struct pass *pass, struct gatherer *gatherer,
                        const struct stream_chunk *chunk, uint64_t object, uint64_t next,
                        uint32_t type)
{
    if (gatherer->slot != chunk->slot)
        close_slot(pass, gatherer);
    gatherer->slot = chunk->slot;
    if (!vector_push(&gatherer->addresses, object) || !vector_push(&gatherer->type_numbers, type))
        gatherer->failed = true;
    if (pass->options->keep_links && !vector_push(&gatherer->nexts, next))
        gatherer->failed = true;
    if (pass->options->keep_buffers)
        keep_buffers(pass, gatherer, chunk, object, type);
}

static void count_object(struct gatherer *gatherer, uint32_t type)
{
    while (gatherer->counts.count <= type)
        if (!vector_push(&gatherer->counts, 0)) {
            gatherer->failed = true;
            return;
        }
    gatherer->counts.items[type]++;
    gatherer->objects++;
}

static inline void visit_head(struct pass *pass, struct gatherer *gatherer,
                              const struct stream_chunk *chunk, size_t offset)
{
    const uint64_t *words = (const uint64_t *)(const void *)(chunk->bytes + offset);
    if (!looks_tracked(&pass->test, words))
        return;
    const struct near_type *type = find_type(pass, gatherer, chunk, offset);
    uint64_t object = chunk->address + offset + GC_HEAD_BYTES;
    if (!type || is_static_type(pass, chunk, object, type) || is_impostor(pass, words, object))
        return;
    bool marked = words[1] & GC_PREV_FINALIZED;
    count_object(gatherer, type->type);
    if (marked && !vector_push(&gatherer->marked, ((struct marked_object){object, type->type})))
        gatherer->failed = true;
    if (pass->options->keep_index)
        keep_object(pass, gatherer, chunk, object, (words[0] & GC_POINTER_MASK) | (marked ? 1 : 0),
                    type->type);
}

static void visit_chunk(void *context, const struct stream_chunk *chunk)
{
    struct pass *pass = context;
    struct gatherer *gatherer = &pass->gatherers[chunk->worker];
    /* The four words that are looked at may reach into the overlap. */
    size_t end = chunk->extent < 32 ? 0 : chunk->extent - 16;
    size_t slots = (end < chunk->size ? end : chunk->size) / 16;
    for (size_t first = 0; first < slots; first += HEADS_BLOCK) {
        const uint64_t *words = (const uint64_t *)(const void *)(chunk->bytes + 16 * first);
        uint64_t heads = slots - first >= HEADS_BLOCK
                             ? heads_sieve(&pass->test, words)
                             : heads_sieve_some(&pass->test, words, (unsigned)(slots - first));
        for (; heads; heads &= heads - 1)
            visit_head(pass, gatherer, chunk, 16 * (first + (size_t)__builtin_ctzll(heads)));
    }
}

/* ---- the pass -------------------------------------------------------------------------------- */

static int compare_marked(const void *left, const void *right)
{
    const struct marked_object *a = left, *b = right;
    return (a->address > b->address) - (a->address < b->address);
}

static bool merge_one(struct census *census, struct gatherer *gatherer)
{
    census->objects += gatherer->objects;
    for (size_t i = 0; i < gatherer->counts.count; i++)
        census->counts[i] += gatherer->counts.items[i];
    for (size_t i = 0; i < gatherer->marked.count; i++)
        if (!vector_push(&census->marked, gatherer->marked.items[i]))
            return false;
    if (!census->index)
        return true;
    if (!vector_reserve(&census->index->buffers,
                        census->index->buffers.count + gatherer->buffers.count))
        return false;
    for (size_t i = 0; i < gatherer->buffers.count; i++)
        (void)vector_push(&census->index->buffers, gatherer->buffers.items[i]);
    vector_free(&gatherer->buffers);
    return true;
}

static bool merge(struct pass *pass)
{
    struct census *census = pass->census;
    census->count_size = type_table_count(census->types);
    census->counts = calloc(census->count_size + 1, sizeof *census->counts);
    if (!census->counts)
        return false;
    for (size_t i = 0; i < STREAM_WORKERS_MAX; i++) {
        close_slot(pass, &pass->gatherers[i]);
        if (pass->gatherers[i].failed || !merge_one(census, &pass->gatherers[i]))
            return false;
    }
    if (census->marked.count)
        qsort(census->marked.items, census->marked.count, sizeof *census->marked.items,
              compare_marked);
    if (census->index)
        heap_index_seal(census->index);
    return true;
}

static void gatherer_free(struct gatherer *gatherer)
{
    type_cache_free(&gatherer->types);
    type_filter_free(&gatherer->filter);
    vector_free(&gatherer->counts);
    vector_free(&gatherer->marked);
    vector_free(&gatherer->addresses);
    vector_free(&gatherer->nexts);
    vector_free(&gatherer->type_numbers);
    vector_free(&gatherer->buffers);
}

static struct error *run_pass(struct pass *pass)
{
    struct stream_plan *plan;
    struct error *error = stream_plan_new(pass->cpython->target, &plan);
    if (error)
        return error;
    heads_prepare(pass->cpython, &pass->test);
    if (pass->options->keep_index) {
        pass->census->index = heap_index_new(stream_plan_slots(plan));
        error = pass->census->index ? NULL : error_no_memory();
    }
    if (!error)
        error = stream_run(pass->cpython->target, plan, pass->options->pace, visit_chunk, pass,
                           &pass->census->cost);
    if (!error && !merge(pass))
        error = error_no_memory();
    stream_plan_free(plan);
    return error;
}

static double now_milliseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

struct error *census_take(const struct cpython *cpython, const struct census_options *options,
                          struct census **out)
{
    struct census *census = calloc(1, sizeof *census);
    struct pass *pass = calloc(1, sizeof *pass);
    if (census)
        census->types = type_table_new(cpython);
    if (!pass || !census || !census->types) {
        free(pass);
        census_free(census);
        return error_no_memory();
    }
    double begin = now_milliseconds();
    pass->cpython = cpython;
    pass->options = options;
    pass->census = census;
    for (size_t i = 0; i < STREAM_WORKERS_MAX; i++) {
        pass->gatherers[i].types.table = census->types;
        pass->gatherers[i].deque_blocks_left = deque_blocks(cpython->target);
    }
    struct error *error = run_pass(pass);
    for (size_t i = 0; i < STREAM_WORKERS_MAX; i++)
        gatherer_free(&pass->gatherers[i]);
    free(pass);
    census->milliseconds = now_milliseconds() - begin;
    if (error) {
        census_free(census);
        return error;
    }
    *out = census;
    return NULL;
}

void census_free(struct census *census)
{
    if (!census)
        return;
    type_table_free(census->types);
    heap_index_free(census->index);
    free(census->counts);
    vector_free(&census->marked);
    free(census);
}
