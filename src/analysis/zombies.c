#include "analysis/zombies.h"

#include <string.h>

#include "analysis/zombie_family.h"
#include "analysis/zombie_findings.h"
#include "analysis/zombie_retained.h"

#define UNREACHABLE_REASON                                                                         \
    "finalized garbage: CPython 3.8 keeps it for one more collection when another object of the "  \
    "same collection was resurrected (bpo-38379)"

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

typedef VECTOR(uint64_t) target_vector;

static struct error *choose_targets(const struct family *family, target_vector *targets)
{
    size_t stride = zombie_stride(family->look->census->marked.count, ZOMBIE_PATHS_MAX);
    for (size_t i = 0; i < family->kin.count; i++)
        for (size_t k = 0; k < family->kin.items[i].objects.count; k += stride)
            if (!vector_push(targets, family->kin.items[i].objects.items[k]))
                return error_no_memory();
    return NULL;
}

/* What is not held near a module takes passes over the memory, and an index. */
static struct error *search(struct family *family, const target_vector *targets)
{
    struct look *look = family->look;
    struct error *error = look_roots(look);
    if (!error)
        error = holders_begin(look->cpython, &look->roots, targets->items, targets->count,
                              &family->graph);
    if (error || holders_reach_all(family->graph))
        return error;
    error = look_index(look);
    if (error)
        return error;
    return holders_search(family->graph, look->index->index, look->index->types,
                          &holder_limits_default);
}

static struct error *explore(struct family *family)
{
    target_vector targets = {0};
    struct error *error = choose_targets(family, &targets);
    if (!error)
        error = search(family, &targets);
    bool may_keep = family->look->cpython->is.garbage_outlives_resurrection;
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
    bool resources = false;
    for (size_t i = 0; i < report->zombies.count; i++) {
        const struct zombie_group *group = &report->zombies.items[i];
        resources = resources || group->resources.count;
        if (look_wants(options, "RES001"))
            zombie_report_resurrected(look, group, report);
        if (look_wants(options, "RES004"))
            zombie_report_resources(look, group, report);
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
            error = zombie_add_group(family, kin, options, report);
        if (!error && kin->exempt_objects.count)
            error = zombie_add_exempt(kin, report);
    }
    return error;
}

struct error *zombies_report(struct look *look, const struct look_options *options,
                             struct report *report)
{
    struct family family = {.look = look};
    struct error *error = fill_report(&family, options, report);
    if (!error && report->zombies.count)
        error = zombie_add_retained(&family, options, report);
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
