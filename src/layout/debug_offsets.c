/* _Py_DebugOffsets (Include/internal/pycore_debug_offsets.h, 3.13 and later): the build's own
 * statement of where some fields are. Which statement stands where differs between versions and
 * is part of each layout table. */
#include "layout/internal.h"

#include <string.h>

#define OFFSET_MAX (1 << 24) /* no struct of CPython is larger */

struct debug_offsets_start {
    char cookie[8];
    uint64_t version;
    uint64_t free_threaded;
};

void debug_offsets_read(struct target *target, uint64_t runtime, struct debug_offsets *offsets)
{
    struct debug_offsets_start start;
    *offsets = (struct debug_offsets){0};
    offsets->size = target_read_some(target, runtime, offsets->bytes, sizeof offsets->bytes);
    if (offsets->size < sizeof start)
        return;
    memcpy(&start, offsets->bytes, sizeof start);
    offsets->present =
        memcmp(start.cookie, "xdebugpy", sizeof start.cookie) == 0 && start.version <= UINT32_MAX;
    offsets->version = (uint32_t)start.version;
    offsets->free_threaded = offsets->present && start.free_threaded;
}

/* What the target says of the field with this index; false when it says nothing. */
static bool reported_value(const struct debug_offsets *offsets, const struct layout_table *table,
                           size_t field, uint64_t *value)
{
    int32_t places[LAYOUT_FIELDS];
    memcpy(places, &table->reported, sizeof places);
    int32_t place = places[field];
    if (!offsets->present || place < 0 || (size_t)place + sizeof *value > offsets->size)
        return false;
    memcpy(value, offsets->bytes + place, sizeof *value);
    return true;
}

unsigned debug_offsets_disagreement(const struct debug_offsets *offsets,
                                    const struct layout_table *table)
{
    int32_t expected[LAYOUT_FIELDS];
    memcpy(expected, &table->at, sizeof expected);
    unsigned count = 0;
    for (size_t i = 0; i < LAYOUT_FIELDS; i++) {
        uint64_t value;
        if (reported_value(offsets, table, i, &value) && value != (uint64_t)expected[i])
            count++;
    }
    return count;
}

static bool holds(int32_t size, int32_t field)
{
    return field == LAYOUT_ABSENT || (size_t)field + sizeof(uint64_t) <= (size_t)size;
}

/* Readers copy a whole struct and take fields from the copy: they must lie inside. */
static bool fields_lie_inside(const struct layout_offsets *at)
{
    const int32_t of_type[] = {
        at->type_name, at->type_basicsize,      at->type_itemsize,   at->type_flags,
        at->type_base, at->type_weaklistoffset, at->type_dictoffset, at->type_dict,
        at->type_mro,  at->type_finalize,       at->object_type,
    };
    const int32_t of_dict[] = {at->dict_used, at->dict_keys, at->dict_values, at->object_type};
    for (size_t i = 0; i < sizeof of_type / sizeof *of_type; i++)
        if (!holds(at->size_of_type, of_type[i]))
            return false;
    for (size_t i = 0; i < sizeof of_dict / sizeof *of_dict; i++)
        if (!holds(at->size_of_dict, of_dict[i]))
            return false;
    return holds(at->var_object_size, at->object_type) &&
           holds(at->list_allocated, at->list_items) && holds(at->str_state, at->str_length) &&
           holds(at->str_state, at->object_type) &&
           (size_t)at->str_state + sizeof(uint32_t) <= (size_t)at->str_ascii_data;
}

const char *debug_offsets_apply(const struct debug_offsets *offsets,
                                const struct layout_table *table, struct layout_offsets *at)
{
    int32_t values[LAYOUT_FIELDS];
    memcpy(values, at, sizeof values);
    for (size_t i = 0; i < LAYOUT_FIELDS; i++) {
        uint64_t value;
        if (!reported_value(offsets, table, i, &value))
            continue;
        if (value >= OFFSET_MAX)
            return "its debug offsets are corrupt";
        values[i] = (int32_t)value;
    }
    memcpy(at, values, sizeof values);
    return fields_lie_inside(at) ? NULL : "its debug offsets are corrupt";
}
