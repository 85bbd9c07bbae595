#include "analysis/zombies.h"

#include <string.h>

#include "analysis/exempt.h"
#include "analysis/resources.h"
#include "analysis/zombie_findings.h"
#include "heap/holders.h"

/* Paths are searched for so many objects; more are represented by an even sample. */
#define PATHS_MAX 20000
/* Sizes are read for so many objects of a type and scaled up beyond. */
#define SIZES_MAX 20000
/* Objects of one type whose belongings are looked through. */
#define RESOURCE_OBJECTS_MAX 64
#define RESOURCES_MAX        64

#define UNREACHABLE_REASON                                                                         \
    "finalized garbage: CPython 3.8 keeps it for one more collection when another object of the "  \
    "same collection was resurrected (bpo-38379)"

/* All marked objects of one type. */
struct kin {
    uint32_t type; /* of the census */
    char *name;
    const struct exemption *exemption; /* that may cover them */
    VECTOR(uint64_t) objects;
    VECTOR(uint64_t) exempt_objects;
    const char *reason; /* of exempt_objects */
};

struct family {
    struct look *look;
    VECTOR(struct kin) kin;
    struct holder_graph *graph;
    bool some_resurrected; /* so that others may be garbage it kept (3.8, bpo-38379) */
};

/* ---- by type --------------------------------------------------------------------------------- */

static const struct exemption *find_exemption(const struct cpython *cpython, uint64_t type)
{
    uint64_t provider = 0;
    if (!type_lookup(cpython, type, "__del__", &provider))
        return NULL;
    char *name = type_qualified_name(cpython, provider);
    const struct exemption *exemption = name ? exemption_of(name) : NULL;
    free(name);
    return exemption;
}

static struct kin *kin_of(struct family *family, uint32_t type)
{
    for (size_t i = 0; i < family->kin.count; i++)
        if (family->kin.items[i].type == type)
            return &family->kin.items[i];
    const struct cpython *cpython = family->look->cpython;
    uint64_t address = type_table_get(family->look->census->types, type)->view.address;
    struct kin kin = {
        .type = type,
        .name = type_qualified_name(cpython, address),
        .exemption = find_exemption(cpython, address),
    };
    if (!kin.name || !vector_push(&family->kin, kin)) {
        free(kin.name);
        return NULL;
    }
    return &family->kin.items[family->kin.count - 1];
}

static struct error *group_by_type(struct family *family)
{
    const marked_vector *marked = &family->look->census->marked;
    for (size_t i = 0; i < marked->count; i++) {
        struct kin *kin = kin_of(family, marked->items[i].type);
        if (!kin || !vector_push(&kin->objects, marked->items[i].address))
            return error_no_memory();
    }
    return NULL;
}

/* ---- who holds them -------------------------------------------------------------------------- */

static size_t stride_of(size_t count, size_t most)
{
    return count <= most ? 1 : (count + most - 1) / most;
}

static struct error *explore(struct family *family)
{
    VECTOR(uint64_t) targets = {0};
    size_t total = family->look->census->marked.count;
    size_t stride = stride_of(total, PATHS_MAX);
    struct error *error = look_index(family->look);
    for (size_t i = 0; !error && i < family->kin.count; i++)
        for (size_t k = 0; !error && k < family->kin.items[i].objects.count; k += stride)
            if (!vector_push(&targets, family->kin.items[i].objects.items[k]))
                error = error_no_memory();
    struct look *look = family->look;
    if (!error)
        error =
            holders_explore(look->cpython, look->index->index, look->index->types, &look->roots,
                            targets.items, targets.count, &holder_limits_default, &family->graph);
    bool may_keep = look->cpython->is.garbage_outlives_resurrection;
    for (size_t i = 0; !error && may_keep && i < targets.count; i++)
        if (holders_reach(family->graph, targets.items[i]))
            family->some_resurrected = true;
    vector_free(&targets);
    return error;
}

/* The exemption of the type, where it depends on the path. */
static bool is_covered(const struct family *family, const struct exemption *exemption,
                       uint64_t address)
{
    if (exemption->through && !holders_passes(family->graph, address, exemption->through))
        return false;
    if (!exemption->holder)
        return true;
    const char *holder = holders_name(family->graph, address);
    return holder && strcmp(holder, exemption->holder) == 0;
}

/* Whether the object at `address` is exempt; sets `reason`. */
static bool is_exempt(const struct family *family, const struct kin *kin, uint64_t address,
                      const char **reason)
{
    if (kin->exemption && is_covered(family, kin->exemption, address)) {
        *reason = kin->exemption->reason;
        return true;
    }
    if (!family->some_resurrected || !holders_prove_garbage(family->graph, address))
        return false;
    *reason = UNREACHABLE_REASON;
    return true;
}

static struct error *set_exempt_apart(const struct family *family, struct kin *kin)
{
    size_t kept = 0;
    for (size_t i = 0; i < kin->objects.count; i++) {
        uint64_t address = kin->objects.items[i];
        if (!is_exempt(family, kin, address, &kin->reason))
            kin->objects.items[kept++] = address;
        else if (!vector_push(&kin->exempt_objects, address))
            return error_no_memory();
    }
    kin->objects.count = kept;
    return NULL;
}

/* ---- one group of the report ----------------------------------------------------------------- */

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
    size_t stride = stride_of(family->look->census->marked.count, PATHS_MAX);
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
    size_t stride = stride_of(kin->objects.count, SIZES_MAX), read = 0;
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

static struct error *fill_group(const struct family *family, struct kin *kin,
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

static struct error *add_exempt(struct kin *kin, struct report *report)
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

/* ---- the whole ------------------------------------------------------------------------------- */

static int compare_groups(const void *left, const void *right)
{
    const struct zombie_group *a = left, *b = right;
    if (a->count != b->count)
        return a->count < b->count ? 1 : -1;
    return strcmp(a->type, b->type);
}

static void add_findings(const struct look *look, const struct look_options *options,
                         struct report *report)
{
    pid_t pid = target_pid(look->cpython->target);
    bool resources = false;
    for (size_t i = 0; i < report->zombies.count; i++) {
        const struct zombie_group *group = &report->zombies.items[i];
        resources = resources || group->resources.count;
        if (look_wants(options, "RES001"))
            zombie_report_resurrected(pid, group, report);
        if (look_wants(options, "RES004"))
            zombie_report_resources(pid, group, report);
    }
    if (!report->zombies.count && look_wants(options, "RES001"))
        report_add_ok(report, "RES001");
    if (!resources && look_wants(options, "RES004"))
        report_add_ok(report, "RES004");
}

static void add_limits(const struct family *family, const struct look_options *options,
                       struct report *report)
{
    const struct look *look = family->look;
    if (!look_wants(options, "RES001"))
        return;
    report_add_not_checked(report, "RES001",
                           "instances of C types without GC support carry no finalized mark");
    if (look->confirmation.undecided)
        report_add_not_checked(report, "RES001",
                               "%llu marked objects are being freed or younger than a collection: "
                               "the collector never rests; look again or try --pause",
                               (unsigned long long)look->confirmation.undecided);
    if (look->during_collection)
        report_add_not_checked(report, "RES001",
                               "the pause fell into a collection: objects that it holds apart are "
                               "missing");
    if (family->graph && holders_cut(family->graph))
        report_add_not_checked(report, "RES001",
                               "the search for holders met its limit: some paths are missing");
}

static struct error *fill_report(struct family *family, const struct look_options *options,
                                 struct report *report)
{
    struct error *error = group_by_type(family);
    if (!error && family->kin.count)
        error = explore(family);
    for (size_t i = 0; !error && i < family->kin.count; i++)
        error = set_exempt_apart(family, &family->kin.items[i]);
    for (size_t i = 0; !error && i < family->kin.count; i++) {
        struct kin *kin = &family->kin.items[i];
        if (kin->objects.count)
            error = fill_group(family, kin, options, report);
        if (!error && kin->exempt_objects.count)
            error = add_exempt(kin, report);
    }
    return error;
}

struct error *zombies_report(struct look *look, const struct look_options *options,
                             struct report *report)
{
    struct family family = {.look = look};
    struct error *error = fill_report(&family, options, report);
    if (!error) {
        report->has_zombies = true;
        if (report->zombies.count)
            qsort(report->zombies.items, report->zombies.count, sizeof *report->zombies.items,
                  compare_groups);
        add_findings(look, options, report);
        add_limits(&family, options, report);
    }
    for (size_t i = 0; i < family.kin.count; i++) {
        free(family.kin.items[i].name);
        vector_free(&family.kin.items[i].objects);
        vector_free(&family.kin.items[i].exempt_objects);
    }
    vector_free(&family.kin);
    holders_free(family.graph);
    return error;
}
