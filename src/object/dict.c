/* Dicts: the compact table of entries, combined or split. */
#include "object/internal.h"

#define KEYS_HEADER_MAX 64
#define LOG2_SIZE_MAX   40 /* a table of 2^40 slots does not fit any machine steth runs on */

/* The widths of a table's index (Objects/dictobject.c: DK_IXSIZE, 3.8 to 3.10). */
static uint64_t index_bytes(uint64_t slots)
{
    return slots <= 0xff         ? slots
           : slots <= 0xffff     ? slots * 2
           : slots <= 0xffffffff ? slots * 4
                                 : slots * 8;
}

bool dict_keys_read(const struct cpython *cpython, uint64_t address, struct dict_keys *keys)
{
    const struct layout_offsets *at = &cpython->at;
    uint8_t bytes[KEYS_HEADER_MAX];
    size_t size = (size_t)at->size_of_dict_keys;
    if (!address || at->size_of_dict_keys <= 0 || size > sizeof bytes ||
        !target_read(cpython->target, address, bytes, size))
        return false;
    uint64_t index;
    if (cpython->is.dict_keys == DICT_KEYS_LOG2) {
        unsigned log2_size = bytes[at->dict_keys_size];
        unsigned log2_index = bytes[at->dict_keys_log2_index_bytes];
        if (log2_size > LOG2_SIZE_MAX || log2_index > LOG2_SIZE_MAX + 3)
            return false;
        keys->slots = UINT64_C(1) << log2_size;
        if (log2_index < log2_size)
            return false;
        index = UINT64_C(1) << log2_index;
        keys->key_word = bytes[at->dict_keys_kind] == 0 ? 1 : 0;
    } else {
        keys->slots = load_word(bytes, at->dict_keys_size);
        if (!keys->slots || keys->slots & (keys->slots - 1) || keys->slots >> LOG2_SIZE_MAX)
            return false;
        index = index_bytes(keys->slots);
        keys->key_word = 1;
    }
    keys->entry_words = keys->key_word + 2;
    keys->indices = address + size;
    keys->entries = keys->indices + index;
    keys->index_bytes = (unsigned)(index / keys->slots);
    keys->count = load_word(bytes, at->dict_keys_entries_used);
    keys->usable = load_word(bytes, at->dict_keys_usable);
    return keys->count <= keys->slots && keys->usable <= keys->slots;
}

bool dict_table_visit(const struct cpython *cpython, uint64_t keys_address, uint64_t values,
                      visit_entry visit, void *context)
{
    struct dict_keys keys;
    if (!dict_keys_read(cpython, keys_address, &keys))
        return false;
    struct words entries, split;
    words_begin(&entries, cpython, keys.entries, keys.count * keys.entry_words);
    words_begin(&split, cpython, values, values ? keys.count : 0);
    for (uint64_t i = 0; i < keys.count; i++) {
        uint64_t key, value;
        if ((keys.key_word && !words_next(&entries, &key)) || !words_next(&entries, &key) ||
            !words_next(&entries, &value) || (values && !words_next(&split, &value)))
            return false;
        if (key && value && !visit(context, key, value))
            break;
    }
    return true;
}

uint64_t dict_keys_size(uint64_t address, const struct dict_keys *keys)
{
    uint64_t usable = (keys->slots << 1) / 3; /* USABLE_FRACTION, 3.8 to 3.15 */
    return keys->entries - address + usable * keys->entry_words * sizeof(uint64_t);
}

uint64_t dict_keys_bytes(const struct cpython *cpython, uint64_t address)
{
    struct dict_keys keys;
    return dict_keys_read(cpython, address, &keys) ? dict_keys_size(address, &keys) : 0;
}

/* ---- dict objects ---------------------------------------------------------------------------- */

#define DICT_BYTES_MAX 128

struct dict_view {
    int64_t used;
    uint64_t keys, values;
};

/* frozendict (3.15) has the struct of a dict without being one. */
static bool is_dict_type(const struct cpython *cpython, uint64_t type)
{
    if (type == cpython->dict_type)
        return type != 0;
    struct shape shape;
    return shape_read(cpython, type, &shape) && shape.kind == SHAPE_DICT;
}

static bool dict_read(const struct cpython *cpython, uint64_t dict, struct dict_view *view)
{
    const struct layout_offsets *at = &cpython->at;
    uint8_t bytes[DICT_BYTES_MAX];
    size_t size = (size_t)at->size_of_dict;
    if (!dict || at->size_of_dict <= 0 || size > sizeof bytes ||
        !target_read(cpython->target, dict, bytes, size) ||
        !is_dict_type(cpython, load_word(bytes, at->object_type)))
        return false;
    view->used = (int64_t)load_word(bytes, at->dict_used);
    view->keys = load_word(bytes, at->dict_keys);
    view->values = load_word(bytes, at->dict_values);
    if (view->values)
        view->values += (uint64_t)at->dict_values_items;
    return view->used >= 0;
}

bool dict_visit(const struct cpython *cpython, uint64_t dict, visit_entry visit, void *context)
{
    struct dict_view view;
    return dict_read(cpython, dict, &view) &&
           dict_table_visit(cpython, view.keys, view.values, visit, context);
}

uint64_t dict_get(const struct cpython *cpython, uint64_t dict, const char *key)
{
    struct dict_view view;
    return dict_read(cpython, dict, &view) ? dict_table_get(cpython, view.keys, view.values, key)
                                           : 0;
}

int64_t dict_length(const struct cpython *cpython, uint64_t dict)
{
    struct dict_view view;
    return dict_read(cpython, dict, &view) ? view.used : -1;
}
