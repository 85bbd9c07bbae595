#include "heap/owners.h"

#define BEFORE_BODY 32 /* GC head and managed words in front of an object */
#define SMALL_OBJECT                                                                               \
    512 /* how far back an object without GC head is looked for: pymalloc's limit */
/* No buffer of ours to name is larger; a word further away belongs to something else. */
#define BUFFER_MAX ((uint64_t)1 << 34)

/* Apparent objects inside of a generator that are seen through. */
#define GENERATOR_BACK 4

/* What is known of a word that stands where a small object's type would. */
enum small_type { SMALL_TYPE, NOT_A_SMALL_TYPE };

void owner_search_free(struct owner_search *search)
{
    address_map_free(&search->small_types);
}

static bool body_covers(const struct owner_search *search, uint32_t number, uint64_t location)
{
    struct index_entry entry = heap_index_at(search->index, number);
    if (location < entry.address)
        return entry.address - location <= BEFORE_BODY;
    const struct heap_type *type = type_table_get(search->types, entry.type);
    uint64_t bytes = object_body_bytes(search->cpython, entry.address, &type->view, NULL);
    return location - entry.address < bytes;
}

/*
 * A class and an instance of it, neighbours among the variables of a suspended frame, look like an
 * object of that class. What lies in the body of a generator belongs to that.
 */
static uint32_t generator_around(const struct owner_search *search, uint32_t number,
                                 uint64_t location)
{
    const struct cpython *cpython = search->cpython;
    for (uint32_t back = 0; back < GENERATOR_BACK && back <= number; back++) {
        struct index_entry entry = heap_index_at(search->index, number - back);
        uint64_t type = type_table_get(search->types, entry.type)->view.address;
        if ((type == cpython->generator_type || type == cpython->coroutine_type ||
             type == cpython->async_generator_type) &&
            body_covers(search, number - back, location))
            return number - back;
    }
    return number;
}

static void add_bodies(const struct owner_search *search, uint64_t location, struct owner *owners,
                       size_t *count)
{
    uint32_t numbers[2] = {heap_index_before(search->index, location),
                           heap_index_before(search->index, location + BEFORE_BODY)};
    if (numbers[1] == numbers[0])
        numbers[1] = INDEX_NONE;
    if (numbers[0] != INDEX_NONE)
        numbers[0] = generator_around(search, numbers[0], location);
    for (int i = 0; i < 2; i++) {
        if (numbers[i] == INDEX_NONE)
            continue;
        if (body_covers(search, numbers[i], location))
            owners[(*count)++] =
                (struct owner){.object = heap_index_at(search->index, numbers[i]).address};
    }
}

static void add_buffer(const struct owner_search *search, uint64_t location, struct owner *owners,
                       size_t *count)
{
    const struct buffer_owner *buffer = heap_index_buffer(search->index, location);
    if (!buffer || location - buffer->start > BUFFER_MAX)
        return;
    owners[(*count)++] = (struct owner){.object = buffer->owner};
}

/*
 * What was freed, or never was an object, may look like one, too: a count of live ones is no
 * address, and nothing without GC support that refers to others is itself referred to that often.
 */
#define COUNT_MAX (UINT64_C(1) << 24)

static bool is_small_count(const struct owner_search *search, uint64_t word)
{
    uint64_t count = refcount_decode(search->cpython, word);
    return refcount_plausible(search->cpython, word) &&
           (count == UINT32_MAX ||
            (count < COUNT_MAX && !target_mapping_at(search->cpython->target, count)));
}

/* Text and numbers hold bytes that may look like anything, but no references. */
#define HOLDS_NOTHING                                                                              \
    (TYPE_LONG_SUBCLASS | TYPE_BYTES_SUBCLASS | TYPE_UNICODE_SUBCLASS | TYPE_HAVE_GC)

static bool is_small_type(struct owner_search *search, uint64_t address)
{
    uint32_t known = address_map_get(&search->small_types, address);
    if (known == ADDRESS_MAP_ABSENT) {
        struct type_view type;
        bool small = !(address & 7) && target_mapping_at(search->cpython->target, address) &&
                     type_read(search->cpython, address, &type) && !(type.flags & HOLDS_NOTHING);
        known = small ? SMALL_TYPE : NOT_A_SMALL_TYPE;
        (void)address_map_put(&search->small_types, address, known);
    }
    return known == SMALL_TYPE;
}

/* Objects without a GC head are in no index: look for a plausible PyObject in front of the word. */
static uint64_t small_object_around(struct owner_search *search, uint64_t location)
{
    uint64_t words[SMALL_OBJECT / 8];
    uint64_t start = (location & ~UINT64_C(15)) - SMALL_OBJECT + 16;
    if (location < SMALL_OBJECT ||
        !target_read(search->cpython->target, start, words, sizeof words))
        return 0;
    for (int i = SMALL_OBJECT / 8 - 2; i >= 0; i -= 2) {
        uint64_t object = start + (uint64_t)i * 8;
        struct type_view type;
        if (object + 16 > location || !is_small_count(search, words[i]) ||
            !is_small_type(search, words[i + 1]) ||
            !type_read(search->cpython, words[i + 1], &type))
            continue;
        uint64_t bytes = object_body_bytes(search->cpython, object, &type, NULL);
        if (bytes > SMALL_OBJECT) /* what lies there is not what the words in front say */
            continue;
        return location - object < bytes ? object : 0;
    }
    return 0;
}

size_t owners_propose(struct owner_search *search, uint64_t location,
                      struct owner owners[OWNERS_MAX])
{
    size_t count = 0;
    uint32_t root = roots_at(search->roots, location);
    if (root != ROOT_NONE) {
        owners[0] = (struct owner){.root = root};
        return 1;
    }
    add_bodies(search, location, owners, &count);
    if (count && owners[0].object <= location)
        return count;
    add_buffer(search, location, owners, &count);
    root = roots_native(search->roots, location, NULL);
    if (root != ROOT_NONE) {
        owners[count++] = (struct owner){.root = root};
        return count;
    }
    uint64_t small = small_object_around(search, location);
    if (small)
        owners[count++] = (struct owner){.object = small};
    return count;
}
