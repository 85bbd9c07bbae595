#include "render/json_parts.h"

/* ---- paths ----------------------------------------------------------------------------------- */

/* Steps as keys and names: the dot of an attribute belongs to the text. */
static json_t *steps_value(const name_list *steps)
{
    json_t *array = json_array();
    for (size_t i = 0; i < steps->count; i++)
        value_append(&array, value_text(steps->items[i] + (steps->items[i][0] == '.')));
    return array;
}

static json_t *path_value(const struct heap_path *path)
{
    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:b, s:b, s:o, s:o}", "address",
                     value_address(path->address), "type", value_text(path->type), "bytes",
                     value_number(path->bytes), "retained_bytes",
                     value_number(path->retained_bytes), "path", steps_value(&path->steps), "types",
                     value_texts(path->types.items, path->types.count), "exact", path->exact,
                     "reachable", path->group != NULL, "root", value_text(path->group), "alike",
                     value_number(path->alike));
}

/* ---- dominators ------------------------------------------------------------------------------ */

static json_t *dominator_value(const struct heap_dominator *one)
{
    json_t *value = path_value(&one->path), *gathered = path_value(&one->gathered);
    json_t *holds =
        json_pack("{s:o, s:o, s:o, s:o}", "objects", value_number(one->gathered_objects), "of_type",
                  value_text(one->gathered_type), "of_count", value_number(one->gathered_count),
                  "of_bytes", value_number(one->gathered_bytes));
    json_t *rest =
        json_pack("{s:o, s:o}", "objects", value_number(one->objects), "gathered", gathered);
    bool whole = value && rest && holds && json_object_update(gathered, holds) == 0 &&
                 json_object_update(value, rest) == 0;
    json_decref(holds);
    json_decref(rest);
    if (whole)
        return value;
    json_decref(value);
    return NULL;
}

/* ---- cycles ---------------------------------------------------------------------------------- */

static json_t *cut_value(const struct heap_cut *cut)
{
    return json_pack("{s:o, s:o, s:o, s:b, s:b}", "from", value_text(cut->from), "to",
                     value_text(cut->to), "step", value_text(cut->step), "breaks_all",
                     cut->breaks_all, "needs_slot", cut->needs_slot);
}

static json_t *cycle_value(const struct heap_cycle *cycle)
{
    json_t *cuts = json_array();
    for (size_t i = 0; i < cycle->cuts.count; i++)
        value_append(&cuts, cut_value(&cycle->cuts.items[i]));
    return json_pack(
        "{s:o, s:o, s:o, s:o, s:o, s:b, s:o, s:o, s:o, s:o}", "count", value_number(cycle->count),
        "objects", value_number(cycle->objects), "bytes", value_number(cycle->bytes),
        "retained_bytes", value_number(cycle->retained_bytes), "types",
        value_texts(cycle->types.items, cycle->types.count), "garbage", cycle->garbage,
        "finalizers", value_texts(cycle->finalizers.items, cycle->finalizers.count), "cuts", cuts,
        "ring", value_text(cycle->ring), "path", path_value(&cycle->path));
}

/* ---- the section ----------------------------------------------------------------------------- */

static json_t *types_value(const struct heap_section *heap)
{
    json_t *types = json_array();
    for (size_t i = 0; i < heap->types.count; i++) {
        const struct heap_type_row *row = &heap->types.items[i];
        value_append(&types,
                     json_pack("{s:o, s:o, s:o, s:o}", "type", value_text(row->type), "count",
                               value_number(row->count), "bytes", value_number(row->bytes),
                               "retained_bytes", value_number(row->retained_bytes)));
    }
    return types;
}

static json_t *regions_value(const struct heap_section *heap)
{
    json_t *regions = json_array();
    for (size_t i = 0; i < heap->regions.count; i++) {
        const struct heap_region *region = &heap->regions.items[i];
        value_append(&regions,
                     json_pack("{s:s, s:o, s:o}", "name", region->name, "bytes",
                               value_number(region->bytes), "note", value_text(region->note)));
    }
    return regions;
}

static json_t *paths_value(const struct heap_section *heap)
{
    json_t *paths = json_array();
    for (size_t i = 0; i < heap->paths.count; i++)
        value_append(&paths, path_value(&heap->paths.items[i]));
    return paths;
}

static json_t *dominators_value(const struct heap_section *heap)
{
    if (!heap->has_dominators)
        return json_null();
    json_t *dominators = json_array();
    for (size_t i = 0; i < heap->dominators.count; i++)
        value_append(&dominators, dominator_value(&heap->dominators.items[i]));
    return dominators;
}

static json_t *cycles_value(const struct heap_section *heap)
{
    if (!heap->has_cycles)
        return json_null();
    json_t *cycles = json_array();
    for (size_t i = 0; i < heap->cycles.count; i++)
        value_append(&cycles, cycle_value(&heap->cycles.items[i]));
    return cycles;
}

json_t *section_heap(const struct report *report)
{
    const struct heap_section *heap = &report->heap;
    return json_pack(
        "{s:o, s:o, s:o, s:{s:o, s:o}, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
        "objects", value_number(heap->objects), "bytes", value_number(heap->bytes),
        "static_objects", value_number(heap->static_objects), "unreachable", "objects",
        value_number(heap->unreachable_objects), "bytes", value_number(heap->unreachable_bytes),
        "edges", value_number(heap->edges), "conservative_edges",
        value_number(heap->conservative_edges), "unread", value_number(heap->unread),
        "copied_bytes", value_number(heap->copied_bytes), "regions", regions_value(heap), "types",
        types_value(heap), "paths", paths_value(heap), "dominators", dominators_value(heap),
        "cycles", cycles_value(heap), "cycles_left_out", value_number(heap->cycles_left_out));
}
