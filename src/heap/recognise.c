/* Which of the heads that the sieve lets through are objects of the collector. */
#include <string.h>

#include "heap/gather.h"

/* How far ahead words that might be types are gathered, to be judged together. */
#define AHEAD_BYTES ((size_t)64 << 10)
#define LINK_LOOKS  3

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
static void judge_ahead(const struct sight *sight, size_t offset)
{
    const struct pass *pass = sight->pass;
    uint64_t types[TYPE_FILTER_BATCH];
    size_t count = 0, end = sight_slots(sight) * 16;
    end = end < offset + AHEAD_BYTES ? end : offset + AHEAD_BYTES;
    for (; offset < end; offset += 16 * HEADS_BLOCK) {
        uint64_t heads = sight_sieve(sight, offset);
        for (; heads && count < TYPE_FILTER_BATCH; heads &= heads - 1) {
            const uint64_t *words = sight_head(sight, offset + 16 * (size_t)__builtin_ctzll(heads));
            if (!(words[3] & 7) && !is_type_known(sight->gatherer, words[3]) &&
                !is_count_address(pass, words) &&
                type_filter_suspect(&sight->gatherer->filter, words[3]))
                types[count++] = words[3];
        }
    }
    type_filter_judge(&sight->gatherer->filter, pass->cpython, &sight->gatherer->remembered, types,
                      count);
}

static uint32_t find_type(const struct sight *sight, size_t offset)
{
    struct gatherer *gatherer = sight->gatherer;
    const uint64_t *words = sight_head(sight, offset);
    const struct near_type *near = &gatherer->near[near_slot(words[3])];
    if (near->address == words[3])
        return near->type;
    if (words[3] & 7)
        return TYPE_UNKNOWN;
    if (!is_type_known(gatherer, words[3])) {
        if (is_count_address(sight->pass, words))
            return TYPE_UNKNOWN;
        judge_ahead(sight, offset);
    }
    if (type_filter_rejects(&gatherer->filter, words[3]))
        return TYPE_UNKNOWN;
    return type_cache_lookup(&gatherer->types, words[3]);
}

uint64_t sight_word(const struct sight *sight, uint64_t object, int64_t offset)
{
    const struct stream_chunk *chunk = sight->chunk;
    uint64_t word = 0, address = object + (uint64_t)offset;
    if (address >= chunk->address && address - chunk->address + sizeof word <= chunk->extent)
        memcpy(&word, chunk->bytes + (address - chunk->address), sizeof word);
    else if (!target_read_word(sight->pass->cpython->target, address, &word))
        return 0;
    return word;
}

/*
 * In a program linked to low addresses (Debian's), four words of a dict's table may pass for a
 * head: two pointers, the address of a static string, a type. Its neighbours know better, and
 * they are asked, too, before an object counts as marked.
 */
static bool is_impostor(const struct pass *pass, const uint64_t *words, uint64_t object)
{
    if (!is_doubtful(&pass->test, words) || (words[1] & GC_PREV_COLLECTING))
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

/*
 * An immortal tuple of two or three types, the order of resolution of a static type, looks like a
 * head with links and a small count: what passes for links is a count and a type.
 */
static bool is_inside_tuple(const struct sight *sight, const uint64_t *words)
{
    const struct cpython *cpython = sight->pass->cpython;
    return may_be_immortal(words) && refcount_plausible(cpython, words[0]) &&
           refcount_decode(cpython, words[0]) == UINT32_MAX &&
           type_cache_lookup(&sight->gatherer->types, words[1]) != TYPE_UNKNOWN;
}

/* Static types are no objects of the collector (type_is_gc, Objects/typeobject.c). */
static bool is_static_type(const struct sight *sight, uint64_t object)
{
    return !(sight_word(sight, object, sight->pass->cpython->at.type_flags) & TYPE_HEAPTYPE);
}

uint32_t recognise(const struct sight *sight, size_t offset)
{
    struct gatherer *gatherer = sight->gatherer;
    const uint64_t *words = sight_head(sight, offset);
    uint64_t object = sight_object(sight, offset);
    uint32_t type = find_type(sight, offset);
    if (type == TYPE_UNKNOWN)
        return TYPE_UNKNOWN;
    bool of_types =
        type_table_get(sight->pass->census->types, type)->view.flags & TYPE_TYPE_SUBCLASS;
    struct near_type *near = &gatherer->near[near_slot(words[3])];
    if (!of_types && near->address != words[3]) {
        keep_count(gatherer, near->type, near->count);
        *near = (struct near_type){.address = words[3], .type = type};
    }
    if ((of_types && is_static_type(sight, object)) || is_inside_tuple(sight, words) ||
        is_impostor(sight->pass, words, object))
        return TYPE_UNKNOWN;
    return type;
}
