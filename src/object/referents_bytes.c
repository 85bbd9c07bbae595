/*
 * What an object alone owns. Of most types it is told from the object's own bytes, where these are
 * lent, and what is the same for all instances was found out once.
 */
#include "object/referents_internal.h"

static bool has_values_apart(const struct cpython *cpython, const struct type_view *type)
{
    return type->flags & TYPE_MANAGED_DICT && cpython->is.managed_dict != MANAGED_DICT_INLINE;
}

/* ---- what there is to be looked at ----------------------------------------------------------- */

static enum own_bytes own_of_kind(const struct cpython *cpython, const struct shape *shape)
{
    const struct layout_offsets *at = &cpython->at;
    const struct type_view *type = &shape->type;
    switch (shape->kind) {
    case SHAPE_LIST:
        return !type->itemsize && type_covers(type, at->list_items) &&
                       type_covers(type, at->var_object_size) &&
                       type_covers(type, at->list_allocated)
                   ? OWN_LIST
                   : OWN_UNPLANNED;
    case SHAPE_DICT:
        return !type->itemsize && type_covers(type, at->dict_keys) &&
                       type_covers(type, at->dict_values)
                   ? OWN_DICT
                   : OWN_UNPLANNED;
    case SHAPE_SET:
    case SHAPE_DEQUE:
    case SHAPE_BYTEARRAY:
    case SHAPE_ARRAY:
    case SHAPE_TYPE:
    case SHAPE_FRAME:
    case SHAPE_GENERATOR:
        return OWN_UNPLANNED;
    default:
        return type->flags & TYPE_UNICODE_SUBCLASS ? OWN_CHARACTERS
               : type->itemsize                    ? OWN_ITEMS
                                                   : OWN_FIXED;
    }
}

void referents_plan_bytes(const struct cpython *cpython, struct referents_type *type)
{
    const struct type_view *view = &type->shape.type;
    struct dict_keys keys;
    type->own = own_of_kind(cpython, &type->shape);
    type->bytes_before = object_bytes_before(cpython, view);
    if (has_values_apart(cpython, view))
        type->own = type->own == OWN_FIXED ? OWN_VALUES : OWN_UNPLANNED;
    else if (view->flags & TYPE_INLINE_VALUES && cpython->is.managed_dict == MANAGED_DICT_INLINE)
        type->own = type->own == OWN_FIXED ? OWN_INLINE_VALUES : OWN_UNPLANNED;
    if (dict_keys_read(cpython,
                       field_pointer(cpython, view->address, cpython->at.heap_type_cached_keys),
                       &keys))
        type->values_bytes = dict_values_bytes(cpython, keys.count + keys.usable);
}

/* ---- an instance ----------------------------------------------------------------------------- */

static uint64_t unplanned_bytes(const struct cpython *cpython, uint64_t object,
                                const struct referents_type *type)
{
    const struct shape *shape = &type->shape;
    uint64_t keys, values;
    uint64_t bytes = object_body_size(cpython, object, shape);
    if (!bytes)
        return 0;
    bytes += type->bytes_before + object_table_bytes(cpython, object, shape);
    if (has_values_apart(cpython, &shape->type) && !instance_dict(cpython, object, &shape->type) &&
        instance_values(cpython, object, &shape->type, &keys, &values))
        bytes += type->values_bytes;
    return bytes;
}

/* As object_body_size(); also 0 when the bytes that are lent do not tell. */
static uint64_t body_bytes(const struct cpython *cpython, const struct lent_object *object,
                           const struct referents_type *type)
{
    const struct type_view *view = &type->shape.type;
    uint64_t bytes = (uint64_t)view->basicsize + type->shape.hidden_items * sizeof bytes, more = 0;
    int32_t at;
    switch (type->own) {
    case OWN_UNPLANNED:
        return 0;
    case OWN_CHARACTERS:
        bytes = str_lent_bytes(cpython, object, view);
        break;
    case OWN_ITEMS:
        at = object_items_at(cpython, view);
        if (at < 0 || (uint64_t)at + sizeof more > object->size ||
            !object_items_from(cpython, view, load_word(object->bytes, at), &more))
            return 0;
        break;
    case OWN_INLINE_VALUES:
        at = cpython->at.dict_values_capacity;
        if (at < 0 || (uint64_t)at + bytes >= object->size)
            return 0;
        more = dict_values_bytes(cpython, object->bytes[bytes + (uint64_t)at]);
        break;
    default:
        break;
    }
    bytes += more;
    return bytes <= object->size && bytes <= BODY_BYTES_MAX ? bytes : 0;
}

uint64_t referents_own_bytes(const struct cpython *cpython, const struct lent_object *object,
                             const struct referents_type *type)
{
    const struct layout_offsets *at = &cpython->at;
    uint64_t keys, values, bytes = object->size ? body_bytes(cpython, object, type) : 0;
    if (!bytes)
        return unplanned_bytes(cpython, object->address, type);
    bytes += type->bytes_before;
    switch (type->own) {
    case OWN_LIST:
        return bytes + list_table_bytes(cpython, load_word(object->bytes, at->list_items),
                                        load_word(object->bytes, at->var_object_size),
                                        load_word(object->bytes, at->list_allocated));
    case OWN_DICT:
        return bytes + dict_table_bytes(cpython, load_word(object->bytes, at->dict_keys),
                                        load_word(object->bytes, at->dict_values));
    case OWN_VALUES:
        return !instance_dict(cpython, object->address, &type->shape.type) &&
                       instance_values(cpython, object->address, &type->shape.type, &keys, &values)
                   ? bytes + type->values_bytes
                   : bytes;
    default:
        return bytes;
    }
}
