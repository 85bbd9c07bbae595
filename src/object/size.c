/* How many bytes an object occupies. */
#include "object/internal.h"

#define MANAGED_BYTES 16

static bool has_tag(const struct cpython *cpython, const struct type_view *type)
{
    return type->flags & TYPE_LONG_SUBCLASS && cpython->is.tagged_ints;
}

int32_t object_items_at(const struct cpython *cpython, const struct type_view *type)
{
    return has_tag(cpython, type) ? cpython->at.int_tag : cpython->at.var_object_size;
}

bool object_items_from(const struct cpython *cpython, const struct type_view *type, uint64_t word,
                       uint64_t *bytes)
{
    uint64_t count = has_tag(cpython, type) ? word >> 3 : (int64_t)word < 0 ? -word : word;
    if (count > BODY_BYTES_MAX / (uint64_t)type->itemsize)
        return false;
    *bytes = count * (uint64_t)type->itemsize;
    return true;
}

bool object_item_bytes(const struct cpython *cpython, uint64_t object, const struct type_view *type,
                       uint64_t *bytes)
{
    uint64_t word;
    *bytes = 0;
    return !type->itemsize || (field_word(cpython, object, object_items_at(cpython, type), &word) &&
                               object_items_from(cpython, type, word, bytes));
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
    uint64_t bytes = (slots.locals + slots.stack_size) * sizeof(uint64_t);
    return bytes + (shape->kind == SHAPE_GENERATOR ? slots.first - object
                                                   : (uint64_t)shape->type.basicsize);
}

static uint64_t inline_values_bytes(const struct cpython *cpython, uint64_t object,
                                    const struct type_view *type)
{
    uint8_t capacity;
    if (cpython->is.managed_dict != MANAGED_DICT_INLINE || !(type->flags & TYPE_INLINE_VALUES) ||
        !field_byte(cpython, object + (uint64_t)type->basicsize, cpython->at.dict_values_capacity,
                    &capacity))
        return 0;
    return dict_values_bytes(cpython, capacity);
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

uint64_t object_body_size(const struct cpython *cpython, uint64_t object, const struct shape *shape)
{
    bool framed = shape->kind == SHAPE_FRAME || shape->kind == SHAPE_GENERATOR;
    uint64_t bytes = framed && cpython->at.frame_locals >= 0
                         ? framed_bytes(cpython, object, shape)
                         : plain_bytes(cpython, object, &shape->type);
    bytes += shape->hidden_items * sizeof(uint64_t);
    uint8_t last;
    if (!bytes || bytes > BODY_BYTES_MAX ||
        !target_read(cpython->target, object + bytes - 1, &last, 1))
        return 0;
    return bytes;
}

uint64_t object_bytes_before(const struct cpython *cpython, const struct type_view *type)
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
        *before = object_bytes_before(cpython, type);
    return shape_read(cpython, type->address, &shape) ? object_body_size(cpython, object, &shape)
                                                      : 0;
}

uint64_t object_shallow_bytes(const struct cpython *cpython, uint64_t object)
{
    struct shape shape;
    if (!shape_read(cpython, object_type(cpython, object), &shape))
        return 0;
    uint64_t body = object_body_size(cpython, object, &shape);
    if (!body)
        return 0;
    return object_bytes_before(cpython, &shape.type) + body +
           object_table_bytes(cpython, object, &shape) +
           object_attribute_bytes(cpython, object, &shape);
}
