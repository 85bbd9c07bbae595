#include <inttypes.h>
#include <string.h>

#include "render/json_parts.h"

/* ---- zombies --------------------------------------------------------------------------------- */

static json_t *zombie_path(const struct zombie_path *path)
{
    json_t *steps = json_array();
    for (size_t i = 0; i < path->steps.count; i++) {
        const char *step = path->steps.items[i];
        value_append(&steps, value_text(step + (step[0] == '.')));
    }
    return json_pack("{s:o, s:o, s:b, s:b}", "address", value_address(path->address), "path", steps,
                     "exact", path->exact, "reachable", path->reachable);
}

static json_t *zombie_resource(const struct zombie_resource *resource)
{
    return json_pack("{s:o, s:o, s:o, s:o, s:o}", "kind", value_text(resource->kind), "number",
                     value_known(resource->number), "target", value_text(resource->target), "type",
                     value_text(resource->type), "address", value_address(resource->address));
}

static json_t *zombie_group(const struct zombie_group *group)
{
    json_t *held_count = json_array();
    for (size_t i = 0; i < group->held_count.count; i++)
        value_append(&held_count, value_number(group->held_count.items[i]));
    json_t *resources = json_array();
    for (size_t i = 0; i < group->resources.count; i++)
        value_append(&resources, zombie_resource(&group->resources.items[i]));
    json_t *objects = json_array();
    for (size_t i = 0; i < group->objects.count; i++)
        value_append(&objects, zombie_path(&group->objects.items[i]));
    return json_pack(
        "{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "type", value_text(group->type),
        "count", value_number(group->count), "bytes", value_number(group->bytes), "retained_bytes",
        group->retained_bytes ? value_number(group->retained_bytes) : json_null(), "held_by",
        value_texts(group->held_by.items, group->held_by.count), "held_count", held_count,
        "finalizer",
        value_place(group->finalizer.file, group->finalizer.line, group->finalizer.function),
        "resources", resources, "objects", objects, "unreachable",
        value_number(group->unreachable));
}

json_t *section_zombies(const struct report *report)
{
    json_t *zombies = json_array();
    for (size_t i = 0; i < report->zombies.count; i++)
        value_append(&zombies, zombie_group(&report->zombies.items[i]));
    return zombies;
}

json_t *section_exempt(const struct report *report)
{
    json_t *exempt = json_array();
    for (size_t i = 0; i < report->exempt.count; i++) {
        const struct exempt_group *group = &report->exempt.items[i];
        value_append(&exempt,
                     json_pack("{s:o, s:o, s:o}", "type", value_text(group->type), "count",
                               value_number(group->count), "reason", value_text(group->reason)));
    }
    return exempt;
}

/* ---- gc -------------------------------------------------------------------------------------- */

static json_t *gc_generation(const struct gc_generation *generation)
{
    return json_pack("{s:I, s:I, s:o, s:o, s:o, s:o}", "count", (json_int_t)generation->count,
                     "threshold", (json_int_t)generation->threshold, "objects",
                     value_known(generation->objects), "collections",
                     value_known(generation->collections), "collected",
                     value_known(generation->collected), "uncollectable",
                     value_known(generation->uncollectable));
}

static json_t *gc_interpreter(const struct gc_section *gc)
{
    json_t *generations = json_array();
    for (int i = 0; i < GENERATIONS; i++)
        value_append(&generations, gc_generation(&gc->generations[i]));
    return json_pack("{s:o, s:b, s:b, s:b, s:I, s:o, s:o, s:o, s:o, s:o}", "interpreter",
                     value_number(gc->interpreter), "enabled", gc->enabled, "collecting",
                     gc->collecting, "incremental", gc->incremental, "debug_flags",
                     (json_int_t)gc->debug_flags, "frozen", value_known(gc->frozen), "garbage",
                     value_known(gc->garbage), "long_lived_total",
                     value_known(gc->long_lived_total), "long_lived_pending",
                     value_known(gc->long_lived_pending), "generations", generations);
}

/* The main interpreter's collector; with more than one interpreter also all of them. */
json_t *section_gc(const struct report *report)
{
    if (report->gc.count == 0)
        return json_null();
    json_t *gc = gc_interpreter(&report->gc.items[0]);
    if (!gc || report->gc.count == 1)
        return gc;
    json_t *interpreters = json_array();
    for (size_t i = 0; i < report->gc.count; i++)
        value_append(&interpreters, gc_interpreter(&report->gc.items[i]));
    if (json_object_set_new(gc, "interpreters", interpreters) != 0) {
        json_decref(gc);
        return NULL;
    }
    return gc;
}
