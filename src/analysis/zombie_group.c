/* One group of the report: the zombies of one type, who holds them, what they hold. */
#include <string.h>

#include "analysis/resources.h"
#include "analysis/zombie_family.h"

/* Sizes are read for so many objects of a type and scaled up beyond. */
#define SIZES_MAX 20000
/* Objects of one type whose belongings are looked through. */
#define RESOURCE_OBJECTS_MAX 64
#define RESOURCES_MAX        64

static bool count_holder(struct zombie_group *group, const char *holder)
{
    for (size_t i = 0; i < group->held_by.count; i++)
        if (strcmp(group->held_by.items[i], holder) == 0) {
            group->held_count.items[i]++;
            return true;
        }
    char *copy = strdup(holder);
    if (!copy || !vector_push(&group->held_by, copy)) {
        free(copy);
        return false;
    }
    return vector_push(&group->held_count, 1);
}

static void sort_holders(struct zombie_group *group)
{
    for (size_t i = 1; i < group->held_by.count; i++)
        for (size_t k = i; k > 0 && group->held_count.items[k] > group->held_count.items[k - 1];
             k--) {
            uint64_t count = group->held_count.items[k];
            char *name = group->held_by.items[k];
            group->held_count.items[k] = group->held_count.items[k - 1];
            group->held_by.items[k] = group->held_by.items[k - 1];
            group->held_count.items[k - 1] = count;
            group->held_by.items[k - 1] = name;
        }
}

static bool add_object(const struct family *family, const struct look_options *options,
                       uint64_t address, struct zombie_group *group)
{
    struct holder_path path;
    struct zombie_path entry = {.address = address};
    if (!holders_path(family->graph, address, options->values, &path)) {
        holder_path_free(&path);
        return false;
    }
    entry.exact = path.exact;
    entry.reachable = path.steps.count > 0;
    entry.steps.items = path.steps.items; /* the group owns them now */
    entry.steps.count = path.steps.count;
    entry.steps.capacity = path.steps.capacity;
    return vector_push(&group->objects, entry);
}

static struct error *add_paths(const struct family *family, const struct kin *kin,
                               const struct look_options *options, struct zombie_group *group)
{
    size_t stride = zombie_stride(family->look->census->marked.count, ZOMBIE_PATHS_MAX);
    for (size_t i = 0; i < kin->objects.count; i += stride) {
        uint64_t address = kin->objects.items[i];
        const char *holder = holders_name(family->graph, address);
        bool good = holder ? count_holder(group, holder) : true;
        group->unreachable += !holders_reach(family->graph, address);
        if (good && (!options->paths || group->objects.count < options->paths))
            good = add_object(family, options, address, group);
        if (!good)
            return error_no_memory();
    }
    sort_holders(group);
    return NULL;
}

static uint64_t total_bytes(const struct cpython *cpython, const struct kin *kin)
{
    size_t stride = zombie_stride(kin->objects.count, SIZES_MAX), read = 0;
    uint64_t bytes = 0;
    for (size_t i = 0; i < kin->objects.count; i += stride, read++)
        bytes += object_shallow_bytes(cpython, kin->objects.items[i]);
    return read ? bytes * kin->objects.count / read : 0;
}

static void place_finalizer(const struct cpython *cpython, uint64_t type,
                            struct zombie_group *group)
{
    struct source_place place = {0};
    uint64_t owner, finalizer = type_lookup(cpython, type, "__del__", &owner);
    if (finalizer && function_place(cpython, finalizer, &place)) {
        group->finalizer.file = place.file;
        group->finalizer.function = place.function;
        group->finalizer.line = place.line;
        return;
    }
    source_place_free(&place);
}

struct error *zombie_add_group(const struct family *family, struct kin *kin,
                               const struct look_options *options, struct report *report)
{
    const struct cpython *cpython = family->look->cpython;
    struct zombie_group group = {.type = strdup(kin->name), .count = kin->objects.count};
    if (!group.type || !vector_push(&report->zombies, group)) {
        free(group.type);
        return error_no_memory();
    }
    struct zombie_group *added = &report->zombies.items[report->zombies.count - 1];
    added->bytes = total_bytes(cpython, kin);
    place_finalizer(cpython, type_table_get(family->look->census->types, kin->type)->view.address,
                    added);
    for (size_t i = 0; i < kin->objects.count && i < RESOURCE_OBJECTS_MAX &&
                       added->resources.count < RESOURCES_MAX;
         i++)
        if (!resources_find(cpython, kin->objects.items[i], &added->resources))
            return error_no_memory();
    return add_paths(family, kin, options, added);
}

struct error *zombie_add_exempt(struct kin *kin, struct report *report)
{
    struct exempt_group group = {
        .type = strdup(kin->name),
        .count = kin->exempt_objects.count,
        .reason = strdup(kin->reason),
    };
    if (!group.type || !group.reason || !vector_push(&report->exempt, group)) {
        free(group.type);
        free(group.reason);
        return error_no_memory();
    }
    return NULL;
}
