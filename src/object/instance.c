/* The attributes of an instance, wherever its version of CPython keeps them. */
#include "object/internal.h"

/* Words in front of the object: see enum managed_dict_kind. */
#define MANAGED_DICT   24
#define MANAGED_VALUES 32

#define VAR_SIZE_MAX (UINT64_C(1) << 40)

static uint64_t managed_dict(const struct cpython *cpython, uint64_t object)
{
    uint64_t word = field_pointer(cpython, object - MANAGED_DICT, 0);
    return cpython->is.managed_dict == MANAGED_DICT_TAGGED && word & 1 ? 0 : word;
}

/* A negative tp_dictoffset counts from the end of a variable-sized object. */
static uint64_t dict_slot(const struct cpython *cpython, uint64_t object,
                          const struct type_view *type)
{
    if (type->dictoffset > 0)
        return type->dictoffset <= type->basicsize ? object + (uint64_t)type->dictoffset : 0;
    uint64_t word;
    if (!field_word(cpython, object, cpython->at.var_object_size, &word))
        return 0;
    uint64_t items = (int64_t)word < 0 ? -word : word;
    if (items > VAR_SIZE_MAX)
        return 0;
    uint64_t size = (uint64_t)type->basicsize + items * (uint64_t)type->itemsize;
    size = (size + 7) & ~UINT64_C(7);
    uint64_t from_end = -(uint64_t)type->dictoffset;
    return from_end <= size ? object + size - from_end : 0;
}

uint64_t instance_dict(const struct cpython *cpython, uint64_t object, const struct type_view *type)
{
    if (type_has_managed_dict(cpython, type))
        return managed_dict(cpython, object);
    if (!type->dictoffset)
        return 0;
    return field_pointer(cpython, dict_slot(cpython, object, type), 0);
}

/* The address of the values, 0 when there are none. */
static uint64_t find_values(const struct cpython *cpython, uint64_t object,
                            const struct type_view *type)
{
    switch (cpython->is.managed_dict) {
    case MANAGED_DICT_NONE:
        return 0;
    case MANAGED_DICT_TWO_WORDS:
        return field_pointer(cpython, object - MANAGED_VALUES, 0);
    case MANAGED_DICT_TAGGED: {
        uint64_t word = field_pointer(cpython, object - MANAGED_DICT, 0);
        return word & 1 ? word + 1 : 0;
    }
    case MANAGED_DICT_INLINE: {
        uint64_t values = object + (uint64_t)type->basicsize;
        uint8_t valid;
        return type->flags & TYPE_INLINE_VALUES &&
                       field_byte(cpython, values, cpython->at.dict_values_valid, &valid) && valid
                   ? values
                   : 0;
    }
    }
    return 0;
}

bool instance_values(const struct cpython *cpython, uint64_t object, const struct type_view *type,
                     uint64_t *keys, uint64_t *values)
{
    if (!type_has_managed_dict(cpython, type) || !(type->flags & TYPE_HEAPTYPE) ||
        cpython->at.dict_values_items < 0)
        return false;
    *keys = field_pointer(cpython, type->address, cpython->at.heap_type_cached_keys);
    *values = find_values(cpython, object, type);
    if (!*keys || !*values)
        return false;
    *values += (uint64_t)cpython->at.dict_values_items;
    return true;
}

bool instance_visit(const struct cpython *cpython, uint64_t object, visit_entry visit,
                    void *context)
{
    struct type_view type;
    if (!type_read(cpython, object_type(cpython, object), &type))
        return false;
    uint64_t keys, values, dict = instance_dict(cpython, object, &type);
    if (dict)
        return dict_visit(cpython, dict, visit, context);
    if (instance_values(cpython, object, &type, &keys, &values))
        return dict_table_visit(cpython, keys, values, visit, context);
    return true;
}

uint64_t instance_get(const struct cpython *cpython, uint64_t object, const char *name)
{
    struct type_view type;
    if (!type_read(cpython, object_type(cpython, object), &type))
        return 0;
    uint64_t keys, values, dict = instance_dict(cpython, object, &type);
    if (dict)
        return dict_get(cpython, dict, name);
    if (instance_values(cpython, object, &type, &keys, &values))
        return dict_table_get(cpython, keys, values, name);
    return 0;
}
