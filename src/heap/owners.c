#include "heap/owners.h"

#define BEFORE_BODY 32 /* GC head and managed words in front of an object */
#define SMALL_OBJECT                                                                               \
    512 /* how far back an object without GC head is looked for: pymalloc's limit */
/* No buffer of ours to name is larger; a word further away belongs to something else. */
#define BUFFER_MAX ((uint64_t)1 << 34)

static bool body_covers(const struct cpython *cpython, const struct heap_index *index,
                        const struct type_table *types, uint32_t number, uint64_t location)
{
    struct index_entry entry = heap_index_at(index, number);
    if (location < entry.address)
        return entry.address - location <= BEFORE_BODY;
    const struct heap_type *type = type_table_get(types, entry.type);
    uint64_t bytes = object_body_bytes(cpython, entry.address, &type->view, NULL);
    return location - entry.address < bytes;
}

static void add_bodies(const struct cpython *cpython, const struct heap_index *index,
                       const struct type_table *types, uint64_t location, struct owner *owners,
                       size_t *count)
{
    uint32_t numbers[2] = {heap_index_before(index, location),
                           heap_index_before(index, location + BEFORE_BODY)};
    for (int i = 0; i < 2; i++) {
        if (numbers[i] == INDEX_NONE || (i == 1 && numbers[1] == numbers[0]))
            continue;
        if (body_covers(cpython, index, types, numbers[i], location))
            owners[(*count)++] = (struct owner){.object = heap_index_at(index, numbers[i]).address};
    }
}

static void add_buffer(const struct heap_index *index, const struct type_table *types,
                       uint64_t location, struct owner *owners, size_t *count)
{
    const struct buffer_owner *buffer = heap_index_buffer(index, location);
    if (!buffer || location - buffer->start > BUFFER_MAX)
        return;
    uint32_t number = heap_index_find(index, buffer->owner, INDEX_NONE);
    if (number == INDEX_NONE)
        return;
    uint32_t type = heap_index_at(index, number).type;
    owners[(*count)++] = (struct owner){
        .object = buffer->owner,
        .module_state = type_table_get(types, type)->container == CONTAINER_MODULE,
    };
}

/* Objects without a GC head are in no index: look for a plausible PyObject in front of the word. */
static uint64_t small_object_around(const struct cpython *cpython, uint64_t location)
{
    uint64_t words[SMALL_OBJECT / 8];
    uint64_t start = (location & ~UINT64_C(15)) - SMALL_OBJECT + 16;
    if (location < SMALL_OBJECT || !target_read(cpython->target, start, words, sizeof words))
        return 0;
    for (int i = SMALL_OBJECT / 8 - 2; i >= 0; i -= 2) {
        uint64_t object = start + (uint64_t)i * 8;
        struct type_view type;
        if (object + 16 > location || !refcount_decode(cpython, words[i]) ||
            refcount_decode(cpython, words[i]) > UINT32_MAX || (words[i + 1] & 7) ||
            !target_mapping_at(cpython->target, words[i + 1]))
            continue;
        if (!type_read(cpython, words[i + 1], &type) || (type.flags & TYPE_HAVE_GC))
            continue;
        return location - object < object_body_bytes(cpython, object, &type, NULL) ? object : 0;
    }
    return 0;
}

size_t owners_propose(const struct cpython *cpython, const struct heap_index *index,
                      const struct type_table *types, struct roots *roots, uint64_t location,
                      struct owner owners[OWNERS_MAX])
{
    size_t count = 0;
    uint32_t root = roots_at(roots, location);
    if (root != ROOT_NONE) {
        owners[0] = (struct owner){.root = root};
        return 1;
    }
    add_bodies(cpython, index, types, location, owners, &count);
    if (count && owners[0].object <= location)
        return count;
    add_buffer(index, types, location, owners, &count);
    root = roots_native(roots, location);
    if (root != ROOT_NONE) {
        owners[count++] = (struct owner){.root = root};
        return count;
    }
    uint64_t small = small_object_around(cpython, location);
    if (small)
        owners[count++] = (struct owner){.object = small};
    return count;
}
