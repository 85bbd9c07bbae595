/* Just enough of str, int and dict to read one number from sys: the room above does the rest. */
#include "layout/internal.h"

#include <string.h>

#include "base/cleanup.h"

#define ENTRIES_MAX      65536
#define LOG2_INDEX_MAX   32
#define KEY_MAX          64
#define KEYS_EXPECTED    32
#define ENTRY_WORDS      3 /* hash, key, value */
#define ENTRY_WORDS_STR  2 /* key, value: a dict whose keys are all str (3.11+) */
#define SINGLE_DIGIT_TAG 1 /* lv_tag >> 3 is the number of digits */

/* The entries of a dict: where they begin, how many, how many words each. */
struct entries {
    uint64_t address;
    uint64_t count;
    size_t words;
};

static bool read_byte(const struct cpython *cpython, uint64_t address, uint8_t *byte)
{
    return target_read(cpython->target, address, byte, sizeof *byte);
}

/* dk_indices has one, two, four or eight bytes a slot (Objects/dict-common.h, up to 3.10). */
static uint64_t index_bytes_of(uint64_t slots)
{
    return slots <= 0xFF ? slots : slots <= 0xFFFF ? slots * 2 : slots * 4;
}

static bool index_size(const struct cpython *cpython, uint64_t keys, uint64_t *size,
                       size_t *entry_words)
{
    *entry_words = ENTRY_WORDS;
    if (cpython->is.dict_keys == DICT_KEYS_SIZE_WORD) {
        uint64_t slots;
        if (!target_read_word(cpython->target, keys + cpython->at.dict_keys_size, &slots) ||
            slots > UINT32_MAX)
            return false;
        *size = index_bytes_of(slots);
        return true;
    }
    uint8_t log2_bytes, kind;
    if (!read_byte(cpython, keys + cpython->at.dict_keys_log2_index_bytes, &log2_bytes) ||
        !read_byte(cpython, keys + cpython->at.dict_keys_kind, &kind) ||
        log2_bytes > LOG2_INDEX_MAX)
        return false;
    *size = UINT64_C(1) << log2_bytes;
    if (kind)
        *entry_words = ENTRY_WORDS_STR;
    return true;
}

static bool find_entries(const struct cpython *cpython, uint64_t dict, struct entries *entries)
{
    const struct layout_offsets *at = &cpython->at;
    uint64_t keys, index_bytes;
    if (!target_read_word(cpython->target, dict + at->dict_keys, &keys) ||
        !index_size(cpython, keys, &index_bytes, &entries->words) ||
        !target_read_word(cpython->target, keys + at->dict_keys_entries_used, &entries->count))
        return false;
    entries->address = keys + at->size_of_dict_keys + index_bytes;
    return entries->count <= ENTRIES_MAX;
}

static bool is_key(const struct cpython *cpython, uint64_t object, const char *text)
{
    char bytes[KEY_MAX];
    uint64_t length = 0, wanted = strlen(text);
    return wanted < sizeof bytes &&
           target_read_word(cpython->target, object + cpython->at.str_length, &length) &&
           length == wanted &&
           target_read(cpython->target, object + cpython->at.str_ascii_data, bytes, wanted) &&
           memcmp(bytes, text, wanted) == 0;
}

/* What is asked for stands near the beginning, if it is not the first (sys in sys.modules). Of sys,
 * hexversion is the 21st. */
static void expect_keys(const struct cpython *cpython, const uint64_t *table, size_t words,
                        size_t entry_words)
{
    uint64_t keys[KEYS_EXPECTED];
    size_t count = 0;
    for (size_t end = entry_words; end <= words && count < KEYS_EXPECTED; end += entry_words)
        keys[count++] = table[end - 2];
    target_expect(cpython->target, keys, count, (size_t)cpython->at.str_ascii_data + KEY_MAX);
}

uint64_t peek_dict(const struct cpython *cpython, uint64_t dict, const char *key)
{
    struct entries entries;
    if (!find_entries(cpython, dict, &entries))
        return 0;
    size_t words = entries.count * entries.words;
    _cleanup_free_ uint64_t *table = calloc(words ? words : 1, sizeof *table);
    if (!table || !target_read(cpython->target, entries.address, table, words * sizeof *table))
        return 0;
    for (size_t end = entries.words; end <= words; end += entries.words) {
        uint64_t name = table[end - 2], value = table[end - 1];
        if (end == 2 * entries.words)
            expect_keys(cpython, table, words, entries.words);
        if (name && value && is_key(cpython, name, key))
            return value;
    }
    return 0;
}

size_t peek_keys(const struct cpython *cpython, uint64_t dict, uint64_t *keys, size_t limit)
{
    struct entries entries;
    size_t count = 0;
    if (!find_entries(cpython, dict, &entries))
        return 0;
    for (uint64_t i = 0; i < entries.count && count < limit; i++) {
        uint64_t key = entries.address + ((i + 1) * entries.words - 2) * sizeof key;
        if (target_read_word(cpython->target, key, &keys[count]) && keys[count])
            count++;
    }
    return count;
}

bool peek_int(const struct cpython *cpython, uint64_t object, uint32_t *value)
{
    bool tagged = cpython->is.tagged_ints;
    int32_t place = tagged ? cpython->at.int_tag : cpython->at.var_object_size;
    uint64_t size;
    if (!object || !target_read_word(cpython->target, object + place, &size))
        return false;
    if ((tagged ? size >> 3 : size) != SINGLE_DIGIT_TAG || (tagged && size & 3))
        return false;
    return target_read(cpython->target, object + cpython->at.int_digits, value, sizeof *value);
}
