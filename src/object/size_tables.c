/* What an object owns outside its body: tables, blocks, values, its instance dict. */
#include "object/internal.h"

#define DEQUE_BLOCK_ITEMS UINT64_C(64)
#define SMALL_TABLE       (UINT64_C(1) << 16)
#define DEQUE_BLOCK_BYTES ((DEQUE_BLOCK_ITEMS + 2) * sizeof(uint64_t))

static uint64_t rounded(uint64_t bytes)
{
    return (bytes + 7) & ~UINT64_C(7);
}

uint64_t dict_values_bytes(const struct cpython *cpython, uint64_t capacity)
{
    uint64_t values = capacity * sizeof(uint64_t);
    switch (cpython->is.managed_dict) {
    case MANAGED_DICT_NONE:
        return values;
    case MANAGED_DICT_TWO_WORDS: /* the insertion order stands before the values */
    case MANAGED_DICT_TAGGED:
        return rounded(capacity + 2) + values;
    case MANAGED_DICT_INLINE:
        return (uint64_t)cpython->at.dict_values_items + values + rounded(capacity);
    }
    return values;
}

/* Of the values array of a split table, unless it is part of an instance's body. */
static uint64_t split_bytes(const struct cpython *cpython, uint64_t values,
                            const struct dict_keys *keys)
{
    const struct layout_offsets *at = &cpython->at;
    uint8_t embedded, capacity;
    if (cpython->is.managed_dict != MANAGED_DICT_INLINE)
        return dict_values_bytes(cpython, keys->count + keys->usable);
    if (!field_byte(cpython, values, at->dict_values_embedded, &embedded) || embedded ||
        !field_byte(cpython, values, at->dict_values_capacity, &capacity))
        return 0;
    return dict_values_bytes(cpython, capacity);
}

/* As far as no other dict shares it. */
uint64_t dict_table_bytes(const struct cpython *cpython, uint64_t keys, uint64_t values)
{
    struct dict_keys view;
    if (!dict_keys_read(cpython, keys, &view))
        return 0;
    uint64_t references = field_pointer(cpython, keys, cpython->at.dict_keys_refcount);
    return (values ? split_bytes(cpython, values, &view) : 0) +
           (references == 1 ? dict_keys_size(keys, &view) : 0);
}

static uint64_t dict_bytes(const struct cpython *cpython, uint64_t dict)
{
    const struct layout_offsets *at = &cpython->at;
    return dict_table_bytes(cpython, field_pointer(cpython, dict, at->dict_keys),
                            field_pointer(cpython, dict, at->dict_values));
}

/* What a dead object says of itself may be anything: a large table must end where memory is. */
static uint64_t table_bytes(const struct cpython *cpython, uint64_t table, uint64_t bytes)
{
    uint64_t last;
    if (bytes > BODY_BYTES_MAX || bytes < sizeof last || !table)
        return 0;
    bool there = bytes <= SMALL_TABLE ||
                 target_read_word(cpython->target, table + bytes - sizeof last, &last);
    return there ? bytes : 0;
}

uint64_t list_table_bytes(const struct cpython *cpython, uint64_t items, uint64_t length,
                          uint64_t allocated)
{
    if (length > allocated || allocated > BODY_BYTES_MAX / sizeof items)
        return 0;
    return table_bytes(cpython, items, allocated * sizeof items);
}

static uint64_t list_bytes(const struct cpython *cpython, uint64_t list)
{
    int64_t length = sequence_length(cpython, list);
    return length < 0
               ? 0
               : list_table_bytes(cpython, field_pointer(cpython, list, cpython->at.list_items),
                                  (uint64_t)length,
                                  field_pointer(cpython, list, cpython->at.list_allocated));
}

static uint64_t set_bytes(const struct cpython *cpython, uint64_t set)
{
    const struct layout_offsets *at = &cpython->at;
    uint64_t table = field_pointer(cpython, set, at->set_table);
    uint64_t mask = field_pointer(cpython, set, at->set_mask);
    if (table == set + (uint64_t)at->set_smalltable || mask >= BODY_BYTES_MAX / 16)
        return 0;
    return table_bytes(cpython, table, (mask + 1) * 2 * sizeof(uint64_t));
}

static uint64_t deque_bytes(const struct cpython *cpython, uint64_t deque)
{
    uint64_t length = field_pointer(cpython, deque, cpython->at.var_object_size);
    uint64_t first = field_pointer(cpython, deque, cpython->at.deque_left_index);
    if (length > BODY_BYTES_MAX / 16 || first > DEQUE_BLOCK_ITEMS)
        return 0;
    uint64_t blocks = (first + length + DEQUE_BLOCK_ITEMS - 1) / DEQUE_BLOCK_ITEMS;
    return (blocks ? blocks : 1) * DEQUE_BLOCK_BYTES;
}

/* The buffer, unless it is an object of its own (3.15). */
static uint64_t bytearray_bytes(const struct cpython *cpython, uint64_t object)
{
    const struct layout_offsets *at = &cpython->at;
    uint64_t bytes = field_pointer(cpython, object, at->bytearray_allocated);
    return at->bytearray_bytes >= 0 || bytes > BODY_BYTES_MAX ? 0 : bytes;
}

static uint64_t array_bytes(const struct cpython *cpython, uint64_t object)
{
    const struct layout_offsets *at = &cpython->at;
    uint64_t items = field_pointer(cpython, object, at->array_allocated);
    int32_t size;
    return items <= BODY_BYTES_MAX / 16 &&
                   field_int(cpython, field_pointer(cpython, object, at->array_descriptor),
                             at->array_item_bytes, &size) &&
                   size > 0 && size <= 16
               ? items * (uint64_t)size
               : 0;
}

/* The keys that the instances of a class share belong to the class. */
static uint64_t shared_keys_bytes(const struct cpython *cpython, uint64_t type)
{
    if (!(field_pointer(cpython, type, cpython->at.type_flags) & TYPE_HEAPTYPE))
        return 0;
    uint64_t keys = field_pointer(cpython, type, cpython->at.heap_type_cached_keys);
    return keys ? dict_keys_bytes(cpython, keys) : 0;
}

uint64_t object_table_bytes(const struct cpython *cpython, uint64_t object,
                            const struct shape *shape)
{
    switch (shape->kind) {
    case SHAPE_DICT:
        return dict_bytes(cpython, object);
    case SHAPE_LIST:
        return list_bytes(cpython, object);
    case SHAPE_SET:
        return set_bytes(cpython, object);
    case SHAPE_DEQUE:
        return deque_bytes(cpython, object);
    case SHAPE_BYTEARRAY:
        return bytearray_bytes(cpython, object);
    case SHAPE_ARRAY:
        return array_bytes(cpython, object);
    case SHAPE_TYPE:
        return shared_keys_bytes(cpython, object);
    default:
        return 0;
    }
}

/* The dict of an instance belongs to it; those of types and modules are objects apart. */
uint64_t object_attribute_bytes(const struct cpython *cpython, uint64_t object,
                                const struct shape *shape)
{
    uint64_t keys, values;
    struct dict_keys view;
    if (shape->kind == SHAPE_TYPE || shape->kind == SHAPE_MODULE)
        return 0;
    uint64_t dict = instance_dict(cpython, object, &shape->type);
    if (dict)
        return dict_length(cpython, dict) < 0
                   ? 0
                   : GC_HEAD_BYTES + (uint64_t)cpython->at.size_of_dict + dict_bytes(cpython, dict);
    if (cpython->is.managed_dict == MANAGED_DICT_INLINE ||
        !instance_values(cpython, object, &shape->type, &keys, &values) ||
        !dict_keys_read(cpython, keys, &view))
        return 0;
    return dict_values_bytes(cpython, view.count + view.usable);
}
