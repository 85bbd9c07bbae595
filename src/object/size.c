/* How many bytes an object occupies. */
#include "object/internal.h"

#define GC_HEAD_BYTES  16
#define MANAGED_BYTES  16
#define BODY_BYTES_MAX (UINT64_C(1) << 40)

bool object_item_bytes(const struct cpython *cpython, uint64_t object,
                       const struct type_view *type, uint64_t *bytes)
{
    uint64_t count;
    *bytes = 0;
    if (!type->itemsize)
        return true;
    if (type->flags & TYPE_LONG_SUBCLASS && cpython->is.tagged_ints) {
        if (!field_word(cpython, object, cpython->at.int_tag, &count))
            return false;
        count >>= 3;
    } else {
        if (!field_word(cpython, object, cpython->at.var_object_size, &count))
            return false;
        count = (int64_t)count < 0 ? -count : count;
    }
    if (count > BODY_BYTES_MAX / (uint64_t)type->itemsize)
        return false;
    *bytes = count * (uint64_t)type->itemsize;
    return true;
}

/* Frames and generators (3.11+) have items but no ob_size: the code object says how many. */
static uint64_t framed_bytes(const struct cpython *cpython, uint64_t object,
                             const struct shape *shape)
{
    struct frame_slots slots;
    uint64_t frame = shape->kind == SHAPE_GENERATOR
                         ? object + (uint64_t)cpython->at.generator_frame
                         : field_pointer(cpython, object, cpython->at.frame_object_frame);
    if (!frame_slots_read(cpython, frame, &slots))
        return (uint64_t)shape->type.basicsize;
    if (shape->kind == SHAPE_GENERATOR)
        return slots.first + slots.bytes - object;
    return (uint64_t)shape->type.basicsize + slots.bytes;
}

static uint64_t inline_values_bytes(const struct cpython *cpython, uint64_t object,
                                    const struct type_view *type)
{
    uint8_t capacity;
    if (cpython->is.managed_dict != MANAGED_DICT_INLINE || !(type->flags & TYPE_INLINE_VALUES) ||
        !field_byte(cpython, object + (uint64_t)type->basicsize, cpython->at.dict_values_capacity,
                    &capacity))
        return 0;
    /* Header, values, and one byte of insertion order each (pycore_dict.h, 3.13 to 3.15). */
    return (uint64_t)cpython->at.dict_values_items + capacity * sizeof(uint64_t) +
           ((capacity + 7U) & ~7U);
}

static uint64_t plain_bytes(const struct cpython *cpython, uint64_t object,
                            const struct type_view *type)
{
    const struct layout_offsets *at = &cpython->at;
    uint64_t items;
    if (type->flags & TYPE_UNICODE_SUBCLASS)
        return str_bytes(cpython, object, type);
    if (type->flags & TYPE_TYPE_SUBCLASS &&
        !(field_pointer(cpython, object, at->type_flags) & TYPE_HEAPTYPE))
        return (uint64_t)at->size_of_type;
    if (!object_item_bytes(cpython, object, type, &items))
        return 0;
    return (uint64_t)type->basicsize + items + inline_values_bytes(cpython, object, type);
}

static uint64_t body_bytes(const struct cpython *cpython, uint64_t object,
                           const struct shape *shape)
{
    bool framed = shape->kind == SHAPE_FRAME || shape->kind == SHAPE_GENERATOR;
    uint64_t bytes = framed && cpython->at.frame_locals >= 0
                         ? framed_bytes(cpython, object, shape)
                         : plain_bytes(cpython, object, &shape->type);
    uint8_t last;
    if (!bytes || bytes > BODY_BYTES_MAX ||
        !target_read(cpython->target, object + bytes - 1, &last, 1))
        return 0;
    return bytes;
}

static uint64_t bytes_before(const struct cpython *cpython, const struct type_view *type)
{
    uint64_t managed = cpython->is.managed_dict == MANAGED_DICT_NONE ? 0
                       : cpython->is.managed_dict == MANAGED_DICT_TWO_WORDS
                           ? TYPE_MANAGED_DICT
                           : TYPE_MANAGED_DICT | TYPE_MANAGED_WEAKREF;
    return (type->flags & TYPE_HAVE_GC ? GC_HEAD_BYTES : 0) +
           (type->flags & managed ? MANAGED_BYTES : 0);
}

uint64_t object_body_bytes(const struct cpython *cpython, uint64_t object,
                           const struct type_view *type, uint64_t *before)
{
    struct shape shape;
    if (before)
        *before = bytes_before(cpython, type);
    return shape_read(cpython, type->address, &shape) ? body_bytes(cpython, object, &shape) : 0;
}

/* ---- what an object owns outside its body ------------------------------------------------------ */

/* The table of a dict, unless it is shared with other dicts. */
static uint64_t dict_table_bytes(const struct cpython *cpython, uint64_t dict)
{
    const struct layout_offsets *at = &cpython->at;
    uint64_t keys = field_pointer(cpython, dict, at->dict_keys);
    uint64_t values = field_pointer(cpython, dict, at->dict_values);
    struct dict_keys view;
    if (!keys || !dict_keys_read(cpython, keys, &view))
        return 0;
    if (values)
        return view.count * sizeof(uint64_t);
    uint64_t references = field_pointer(cpython, keys, at->dict_keys_refcount);
    return references == 1 ? dict_keys_bytes(cpython, keys) : 0;
}

static uint64_t list_table_bytes(const struct cpython *cpython, uint64_t list)
{
    uint64_t allocated = field_pointer(cpython, list, cpython->at.list_allocated);
    bool sane = sequence_length(cpython, list) >= 0;
    return sane ? allocated * sizeof(uint64_t) : 0;
}

static uint64_t set_table_bytes(const struct cpython *cpython, uint64_t set)
{
    const struct layout_offsets *at = &cpython->at;
    uint64_t table = field_pointer(cpython, set, at->set_table);
    uint64_t mask = field_pointer(cpython, set, at->set_mask);
    if (table == set + (uint64_t)at->set_smalltable || mask >= BODY_BYTES_MAX / 16)
        return 0;
    return (mask + 1) * 2 * sizeof(uint64_t);
}

static uint64_t table_bytes(const struct cpython *cpython, uint64_t object, enum shape_kind kind)
{
    switch (kind) {
    case SHAPE_DICT:
        return dict_table_bytes(cpython, object);
    case SHAPE_LIST:
        return list_table_bytes(cpython, object);
    case SHAPE_SET:
        return set_table_bytes(cpython, object);
    default:
        return 0;
    }
}

/* The dict of an instance belongs to it; those of types, modules and functions are objects apart. */
static uint64_t attribute_bytes(const struct cpython *cpython, uint64_t object,
                                const struct shape *shape)
{
    uint64_t keys, values;
    struct dict_keys view;
    if (shape->kind == SHAPE_TYPE || shape->kind == SHAPE_MODULE)
        return 0;
    uint64_t dict = instance_dict(cpython, object, &shape->type);
    if (dict)
        return dict_length(cpython, dict) < 0 ? 0
                                              : GC_HEAD_BYTES + (uint64_t)cpython->at.size_of_dict +
                                                    dict_table_bytes(cpython, dict);
    if (cpython->is.managed_dict == MANAGED_DICT_INLINE ||
        !instance_values(cpython, object, &shape->type, &keys, &values) ||
        !dict_keys_read(cpython, keys, &view))
        return 0;
    return view.count * sizeof(uint64_t);
}

uint64_t object_shallow_bytes(const struct cpython *cpython, uint64_t object)
{
    struct shape shape;
    if (!shape_read(cpython, object_type(cpython, object), &shape))
        return 0;
    uint64_t body = body_bytes(cpython, object, &shape);
    if (!body)
        return 0;
    return bytes_before(cpython, &shape.type) + body + table_bytes(cpython, object, shape.kind) +
           attribute_bytes(cpython, object, &shape);
}
