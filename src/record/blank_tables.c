/*
 * Tables of dicts, which no object claims: numbers of entries and hashes look like text now and
 * then. They stay where all else is what a table has: a text is no table.
 */
#include "record/blank_internal.h"

#include "object/object.h"

#define INDEX_LEAST (-2) /* a deleted entry (Objects/dictobject.c, 3.8 to 3.15: DKIX_DUMMY) */

static bool indices_are_sane(const uint8_t *indices, const struct dict_keys *keys)
{
    unsigned shift = 64 - 8 * keys->index_bytes;
    for (uint64_t slot = 0; slot < keys->slots; slot++) {
        uint64_t word = 0;
        memcpy(&word, indices + slot * keys->index_bytes, keys->index_bytes);
        int64_t index = (int64_t)(word << shift) >> shift;
        if (index < INDEX_LEAST || index >= (int64_t)keys->count)
            return false;
    }
    return true;
}

/* An entry: its hash, if it has one, its key, its value. */
static bool entries_are_sane(const struct blanking *blanking, const uint8_t *entries,
                             const struct dict_keys *keys)
{
    for (uint64_t i = 0; i < keys->count * keys->entry_words; i++) {
        uint64_t word = word_at(entries + i * sizeof word);
        if (i % keys->entry_words >= keys->key_word && word && !blank_is_address(blanking, word))
            return false;
    }
    return true;
}

size_t blank_table_end(const struct blanking *blanking, const struct run_bytes *run, size_t at)
{
    uint64_t address = run->address + at;
    struct dict_keys keys;
    if (!is_in(&blanking->tables, address) || !dict_keys_read(blanking->cpython, address, &keys) ||
        !keys.index_bytes || keys.index_bytes > sizeof(uint64_t))
        return 0;
    uint64_t before = keys.entries - address, room = run->size - at;
    if (before > room || keys.count > (room - before) / (keys.entry_words * sizeof(uint64_t)))
        return 0;
    const uint8_t *table = run->bytes + at;
    return indices_are_sane(table + (keys.indices - address), &keys) &&
                   entries_are_sane(blanking, table + before, &keys)
               ? at + before + keys.count * keys.entry_words * sizeof(uint64_t)
               : 0;
}
