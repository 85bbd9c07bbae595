/* A value of a dict by the name of its key. */
#include "object/internal.h"

#include <assert.h>
#include <stdlib.h>

#define SEARCH_BATCH    32
#define SEARCH_KEY_MAX  192
#define SEARCH_HEAD_MAX 128
#define PROBES_MAX      256
/* What stands in the hash table for no entry (Objects/dictobject.c: DKIX_EMPTY, DKIX_DUMMY). */
#define INDEX_EMPTY   (-1)
#define INDEX_DELETED (-2)

/* Keys are compared many at a time, so that a namespace costs a few system calls. */
struct search {
    const struct cpython *cpython;
    const char *wanted;
    size_t length;
    bool plain; /* short ASCII: compared in place */
    uint64_t found;
    size_t count;
    uint64_t keys[SEARCH_BATCH], values[SEARCH_BATCH];
};

static bool key_equals(const struct search *search, uint64_t key, const uint8_t *head)
{
    const struct layout_offsets *at = &search->cpython->at;
    if (load_word(head, at->object_type) != search->cpython->str_type)
        return false;
    if (search->plain)
        return load_word(head, at->str_length) == search->length &&
               str_state_is_ascii(load_half(head, at->str_state)) &&
               !memcmp(head + at->str_ascii_data, search->wanted, search->length);
    char *text = str_value(search->cpython, key, search->length + 1);
    bool equal = text && !strcmp(text, search->wanted);
    free(text);
    return equal;
}

static void search_flush(struct search *search)
{
    static_assert(SEARCH_KEY_MAX + SEARCH_HEAD_MAX < 512, "the batch lives on the stack");
    uint8_t heads[SEARCH_BATCH][SEARCH_HEAD_MAX + SEARCH_KEY_MAX];
    struct read_request requests[SEARCH_BATCH];
    size_t size = (size_t)search->cpython->at.str_ascii_data + (search->plain ? search->length : 0);
    for (size_t i = 0; i < search->count; i++)
        requests[i] = (struct read_request){search->keys[i], heads[i], size, false};
    target_read_batch(search->cpython->target, requests, search->count);
    for (size_t i = 0; i < search->count && !search->found; i++)
        if (requests[i].ok && key_equals(search, search->keys[i], heads[i]))
            search->found = search->values[i];
    search->count = 0;
}

static bool search_entry(void *context, uint64_t key, uint64_t value)
{
    struct search *search = context;
    search->keys[search->count] = key;
    search->values[search->count++] = value;
    if (search->count == SEARCH_BATCH)
        search_flush(search);
    return !search->found;
}

static bool is_ascii(const char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text >= 0x80)
            return false;
    return true;
}

/* ---- by the hash ----------------------------------------------------------------------------- */

static bool index_at(const struct cpython *cpython, const struct dict_keys *keys, uint64_t slot,
                     int64_t *index)
{
    uint64_t word = 0;
    unsigned size = keys->index_bytes;
    if (!size || size > sizeof word ||
        !target_read(cpython->target, keys->indices + slot * size, &word, size))
        return false;
    unsigned shift = 64 - 8 * size;
    *index = (int64_t)(word << shift) >> shift;
    return true;
}

/* Whether entry `index` has the wanted key, and its value; false: it cannot be read. */
static bool try_entry(struct search *search, const struct dict_keys *keys, uint64_t values,
                      uint64_t hash, uint64_t index)
{
    struct target *target = search->cpython->target;
    uint64_t entry[3], value;
    uint8_t head[SEARCH_HEAD_MAX + SEARCH_KEY_MAX];
    size_t words = keys->entry_words, key = keys->key_word;
    if (index >= keys->count || words > sizeof entry / sizeof *entry ||
        !target_read(target, keys->entries + index * words * sizeof *entry, entry,
                     words * sizeof *entry))
        return false;
    if (!entry[key] || (key && entry[0] != hash))
        return true;
    size_t size = (size_t)search->cpython->at.str_ascii_data + search->length;
    if (target_read_some(target, entry[key], head, size) != size) /* a shorter key at an end */
        return true;
    value = entry[key + 1];
    if (key_equals(search, entry[key], head) &&
        (!values || target_read_word(target, values + index * sizeof value, &value)))
        search->found = value;
    return true;
}

/*
 * As CPython looks a key up (Objects/dictobject.c: lookdict and its successors, 3.8 to 3.15). False
 * when that leads nowhere: the table changes, or is no table.
 */
static bool probe(struct search *search, uint64_t address, uint64_t values)
{
    const struct cpython *cpython = search->cpython;
    struct dict_keys keys;
    if (!cpython->string_hash.rounds || !search->plain || !dict_keys_read(cpython, address, &keys))
        return false;
    uint64_t hash = string_hash(&cpython->string_hash, search->wanted, search->length);
    uint64_t mask = keys.slots - 1, perturb = hash, slot = hash & mask;
    for (unsigned i = 0; i < PROBES_MAX && !search->found; i++) {
        int64_t index;
        if (!index_at(cpython, &keys, slot, &index))
            return false;
        if (index == INDEX_EMPTY)
            return true;
        if (index != INDEX_DELETED && !try_entry(search, &keys, values, hash, (uint64_t)index))
            return false;
        perturb >>= 5;
        slot = (slot * 5 + perturb + 1) & mask;
    }
    return search->found;
}

/* ---- */

uint64_t dict_table_get(const struct cpython *cpython, uint64_t keys, uint64_t values,
                        const char *key)
{
    int32_t head = cpython->at.str_ascii_data;
    if (head <= 0 || head > SEARCH_HEAD_MAX || cpython->at.str_state + 4 > head)
        return 0;
    struct search search = {.cpython = cpython, .wanted = key, .length = strlen(key)};
    search.plain = search.length <= SEARCH_KEY_MAX && is_ascii(key);
    if (probe(&search, keys, values))
        return search.found;
    dict_table_visit(cpython, keys, values, search_entry, &search);
    if (search.count && !search.found)
        search_flush(&search);
    return search.found;
}
