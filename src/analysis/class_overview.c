/*
 * class_overview.c: what stands out among the classes of a process: metaclasses that combine those
 * of others, and base classes of different packages that one class could not derive from.
 */
#include <string.h>

#include "analysis/class_usage.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "mro/merge.h"

#define COLLISIONS_MAX  200
#define METACLASSES_MAX 500 /* whose pairs are looked at */

static const struct live_module *module_of(const struct live_classes *live, class_number number)
{
    uint32_t module = live->classes.items[number].module;
    return module == NO_MODULE ? NULL : &live->modules.items[module];
}

static const char *package_of(const struct live_classes *live, class_number number)
{
    const struct live_module *module = module_of(live, number);
    return module ? module->package : "builtins";
}

bool live_class_is_library(const struct live_classes *live, class_number number)
{
    const struct live_module *module = module_of(live, number);
    return !module || module->is_library;
}

static bool same_package(const struct live_classes *live, class_number one, class_number other)
{
    return strcmp(package_of(live, one), package_of(live, other)) == 0;
}

/* ---- combined by hand ------------------------------------------------------------------------ */

/* Bases that are metaclasses with something of their own, and whether their packages differ. */
static bool combines(const struct live_classes *live, class_number number)
{
    const struct class_facts *facts = class_facts(live->hierarchy, number);
    const struct live_module *module = module_of(live, number);
    size_t count = 0, foreign = 0;
    if (!live->classes.items[number].is_python)
        return false;
    for (size_t i = 0; i < facts->base_count; i++) {
        class_number base = facts->bases[i].number;
        if (base == CLASS_UNKNOWN || base == CLASS_TYPE ||
            !class_is_metaclass(live->hierarchy, base))
            continue;
        count++;
        foreign += !same_package(live, base, number);
    }
    if (count < 2)
        return false;
    /* What a package makes of its own metaclass and another one is its own affair; what the
     * program makes is by hand in any case. */
    bool by_program = module && !module->is_library && !module->is_installed;
    return by_program || foreign == count;
}

static bool add_combined(const struct live_classes *live, const class_usages *usages,
                         class_number number, struct report *report)
{
    const struct class_facts *facts = class_facts(live->hierarchy, number);
    struct combined_metaclass combined = {
        .name = strdup(class_name(live->hierarchy, number)),
        .file = facts->file ? strdup(facts->file) : NULL,
        .line = facts->line,
        .instances = class_usage_of(usages, number),
    };
    for (size_t i = 0; i < facts->base_count; i++)
        if (facts->bases[i].number != CLASS_UNKNOWN)
            (void)name_list_add(&combined.bases,
                                class_name(live->hierarchy, facts->bases[i].number));
    if (combined.name && vector_push(&report->classes.combined, combined))
        return true;
    free(combined.name);
    free(combined.file);
    name_list_free(&combined.bases);
    return false;
}

/* ---- collisions ------------------------------------------------------------------------------ */

static bool independent(const struct hierarchy *hierarchy, class_number one, class_number other)
{
    return !class_derives(hierarchy, one, other) && !class_derives(hierarchy, other, one);
}

/* Whether a metaclass above this one, of the same package and in use, collides as well: then that
 * one is told. */
static bool told_by_parent(const struct live_classes *live, const class_usages *usages,
                           const struct class_usage *usage, class_number other)
{
    for (size_t i = 0; i < usages->count; i++) {
        const struct class_usage *parent = &usages->items[i];
        if (parent->metaclass != usage->metaclass && parent->root != CLASS_UNKNOWN &&
            same_package(live, parent->root, usage->root) &&
            class_derives(live->hierarchy, usage->metaclass, parent->metaclass) &&
            independent(live->hierarchy, parent->metaclass, other))
            return true;
    }
    return false;
}

/* A metaclass that is there and serves both. */
static class_number find_ready(const struct hierarchy *hierarchy, class_number one,
                               class_number other)
{
    for (class_number i = 0; i < hierarchy_count(hierarchy); i++)
        if (class_is_metaclass(hierarchy, i) && class_derives(hierarchy, i, one) &&
            class_derives(hierarchy, i, other))
            return i;
    return CLASS_UNKNOWN;
}

static void add_fix(const struct hierarchy *hierarchy, class_number one, class_number other,
                    struct class_collision *collision)
{
    class_number orders[2][2] = {{one, other}, {other, one}};
    for (int i = 0; i < 2 && !collision->fix.count; i++) {
        class_numbers order = {0};
        error_free(merge_bases(hierarchy, orders[i], 2, &order));
        for (int j = 0; j < 2 && order.count; j++)
            (void)name_list_add(&collision->fix, class_name(hierarchy, orders[i][j]));
        vector_free(&order);
    }
}

static bool add_collision(const struct live_classes *live, const struct class_usage *one,
                          const struct class_usage *other, struct report *report)
{
    const struct hierarchy *hierarchy = live->hierarchy;
    class_number ready = find_ready(hierarchy, one->metaclass, other->metaclass);
    struct class_collision collision = {
        .first_package = strdup(package_of(live, one->root)),
        .second_package = strdup(package_of(live, other->root)),
        .first = strdup(class_name(hierarchy, one->root)),
        .second = strdup(class_name(hierarchy, other->root)),
        .first_metaclass = strdup(class_name(hierarchy, one->metaclass)),
        .second_metaclass = strdup(class_name(hierarchy, other->metaclass)),
        .first_count = one->count,
        .second_count = other->count,
        .with_library = live_class_is_library(live, other->root),
        .ready = ready == CLASS_UNKNOWN ? NULL : strdup(class_name(hierarchy, ready)),
    };
    add_fix(hierarchy, one->metaclass, other->metaclass, &collision);
    return vector_push(&report->classes.collisions, collision);
}

/* Nobody derives from another package's private classes. */
static bool is_meant_as_base(const struct live_classes *live, class_number number)
{
    return number != CLASS_UNKNOWN && class_short_name(live->hierarchy, number)[0] != '_';
}

static bool collides(const struct live_classes *live, const class_usages *usages,
                     const struct class_usage *one, const struct class_usage *other)
{
    return is_meant_as_base(live, one->root) && is_meant_as_base(live, other->root) &&
           !same_package(live, one->root, other->root) &&
           !(live_class_is_library(live, one->root) && live_class_is_library(live, other->root)) &&
           independent(live->hierarchy, one->metaclass, other->metaclass) &&
           !told_by_parent(live, usages, one, other->metaclass) &&
           !told_by_parent(live, usages, other, one->metaclass);
}

/* Two frameworks before a framework and the standard library: `rank` 0, then 1. */
static bool add_collisions(const struct live_classes *live, const class_usages *usages, int rank,
                           struct report *report)
{
    size_t count = usages->count < METACLASSES_MAX ? usages->count : METACLASSES_MAX;
    for (size_t i = 0; i < count; i++) {
        for (size_t j = i + 1; j < count; j++) {
            const struct class_usage *one = &usages->items[i], *other = &usages->items[j];
            if (!collides(live, usages, one, other) ||
                (live_class_is_library(live, one->root) ||
                 live_class_is_library(live, other->root)) != rank)
                continue;
            if (report->classes.collisions.count >= COLLISIONS_MAX)
                report->classes.collisions_left_out++;
            else if (!(live_class_is_library(live, one->root)
                           ? add_collision(live, other, one, report)
                           : add_collision(live, one, other, report)))
                return false;
        }
    }
    return true;
}

/* ---- */

/* How much a collision matters: how many classes the less used side has. */
static uint64_t weight(const struct class_collision *collision)
{
    return collision->first_count < collision->second_count ? collision->first_count
                                                            : collision->second_count;
}

static int by_weight(const void *left, const void *right)
{
    const struct class_collision *a = left, *b = right;
    int order = a->with_library - b->with_library;
    if (!order && !a->with_library)
        order = (weight(a) < weight(b)) - (weight(a) > weight(b));
    order = order ? order : strcmp(a->first, b->first);
    return order ? order : strcmp(a->second_metaclass, b->second_metaclass);
}

static int by_name(const void *left, const void *right, void *context)
{
    const struct class_usage *a = left, *b = right;
    const struct hierarchy *hierarchy = context;
    return strcmp(class_name(hierarchy, a->metaclass), class_name(hierarchy, b->metaclass));
}

struct error *class_overview(const struct live_classes *live, struct report *report)
{
    struct class_section *section = &report->classes;
    class_usages usages = {0};
    bool whole = class_usages_count(live, &usages);
    section->live = true;
    for (class_number i = 0; whole && i < hierarchy_count(live->hierarchy); i++) {
        section->python_classes += live->classes.items[i].is_python;
        section->c_classes += !live->classes.items[i].is_python;
        section->metaclasses += class_is_metaclass(live->hierarchy, i);
        if (class_is_metaclass(live->hierarchy, i) && combines(live, i))
            whole = add_combined(live, &usages, i, report);
    }
    if (usages.count)
        qsort_r(usages.items, usages.count, sizeof *usages.items, by_name, live->hierarchy);
    whole = whole && add_collisions(live, &usages, 0, report) &&
            add_collisions(live, &usages, 1, report);
    if (whole && section->collisions.count)
        qsort(section->collisions.items, section->collisions.count,
              sizeof *section->collisions.items, by_weight);
    vector_free(&usages);
    return whole ? NULL : error_no_memory();
}
