/*
 * Where the references of an object lie: for most types that is the same for all instances, and
 * found out once. referents_take.c goes by it.
 */
#include "object/referents_internal.h"

#define SHARED_KEYS_MAX 64 /* instances share at most 30 (Objects/dictobject.c, 3.11 to 3.15) */

/* Whether everything that a visit would look at is part of a plan. */
static bool is_plain(const struct cpython *cpython, const struct shape *shape)
{
    const struct layout_offsets *at = &cpython->at;
    const struct type_view *type = &shape->type;
    if (type->basicsize > HEAD_BYTES_MAX || shape->hidden_items)
        return false;
    if (!type_has_managed_dict(cpython, type) && type->dictoffset &&
        !type_covers(type, type->dictoffset))
        return false;
    switch (shape->kind) {
    case SHAPE_OTHER:
        return !type->itemsize;
    case SHAPE_TUPLE:
        return type_covers(type, at->var_object_size) && at->tuple_items >= 0;
    case SHAPE_LIST:
        return type_covers(type, at->var_object_size) && type_covers(type, at->list_items) &&
               type_covers(type, at->list_allocated);
    case SHAPE_DICT:
        return type_covers(type, at->dict_keys) && type_covers(type, at->dict_values);
    default:
        return false;
    }
}

/* How many values instances have that share their keys; false when the keys have gaps. */
static bool count_values(const struct cpython *cpython, const struct type_view *type,
                         uint64_t *count)
{
    struct dict_keys keys;
    uint64_t table = field_pointer(cpython, type->address, cpython->at.heap_type_cached_keys);
    *count = 0;
    if (!table || !(type->flags & TYPE_HEAPTYPE))
        return true;
    if (!dict_keys_read(cpython, table, &keys) || keys.count > SHARED_KEYS_MAX)
        return false;
    for (; *count < keys.count; ++*count) {
        uint64_t entry = keys.entries + *count * keys.entry_words * sizeof(uint64_t);
        if (!field_pointer(cpython, entry, (int32_t)(keys.key_word * sizeof(uint64_t))))
            return false;
    }
    return true;
}

struct planning {
    struct referents_plan *plan;
    uint64_t told[HEAD_BYTES_MAX / sizeof(uint64_t) / 64 + 1]; /* words of the body */
};

/* Each word is told once, as the first that knows of it has it. */
static bool claim(struct planning *planning, uint64_t offset)
{
    uint64_t word = offset / sizeof(uint64_t), bit = UINT64_C(1) << word % 64;
    bool free = !(planning->told[word / 64] & bit);
    planning->told[word / 64] |= bit;
    return free;
}

static bool plan_word(struct planning *planning, uint64_t offset)
{
    return !claim(planning, offset) || vector_push(&planning->plan->at, offset);
}

static bool plan_references(struct planning *planning, const struct referents_type *type)
{
    int64_t dict = type->shape.type.dictoffset;
    if (dict && !planning->plan->managed && !plan_word(planning, (uint64_t)dict))
        return false;
    for (size_t i = 0; i < type->members.count; i++)
        if (!plan_word(planning, type->members.items[i]))
            return false;
    planning->plan->references = planning->plan->at.count;
    return true;
}

/* As referents_scan_body would, and what comes before it. */
static bool plan_unknown(struct planning *planning, const struct cpython *cpython,
                         const struct shape *shape)
{
    uint64_t end = (uint64_t)shape->type.basicsize;
    uint64_t start = (uint64_t)cpython->at.object_type + sizeof start;
    if (shape->known_bytes >= end)
        return true;
    if (shape->known_bytes > start)
        start = shape->known_bytes;
    if (type_covers(&shape->type, shape->type.weaklistoffset))
        (void)claim(planning, (uint64_t)shape->type.weaklistoffset);
    for (start = (start + 7) & ~UINT64_C(7); start + sizeof start <= end; start += sizeof start)
        if (!plan_word(planning, start))
            return false;
    return true;
}

static bool covers_members(const struct referents_type *type)
{
    for (size_t i = 0; i < type->members.count; i++)
        if (type->members.items[i] > INT32_MAX ||
            !type_covers(&type->shape.type, (int64_t)type->members.items[i]))
            return false;
    return true;
}

bool referents_plan_make(const struct cpython *cpython, struct referents_type *type)
{
    struct planning planning = {.plan = &type->plan};
    type->plan.managed = type_has_managed_dict(cpython, &type->shape.type);
    if (!is_plain(cpython, &type->shape) || !covers_members(type) ||
        (type->plan.managed && !count_values(cpython, &type->shape.type, &type->plan.values)))
        return true;
    type->plan.made =
        plan_references(&planning, type) && plan_unknown(&planning, cpython, &type->shape);
    return type->plan.made;
}
