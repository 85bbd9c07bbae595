#include "analysis/zombie_retained.h"

#include <stdlib.h>
#include <string.h>

#include "analysis/heap_view.h"
#include "heap/bits.h"

/* What a look that did not ask for retained sizes may take for them. */
#define MODEST_BYTES (UINT64_C(64) << 20)
/* How far up the tree of dominators another zombie is looked for. */
#define DOMINATORS_UP 4096

/* Whether a node of the set dominates `node`. */
static bool is_dominated(const struct heap_view *view, const uint64_t *set, uint32_t node)
{
    const struct dominators *dominators = &view->dominators;
    for (int i = 0; i < DOMINATORS_UP; i++) {
        node = dominators->parent[node];
        if (node >= dominators->count)
            return false;
        if (bit_is_set(set, node))
            return true;
    }
    return false;
}

static void mark(const struct heap_view *view, const struct kin *kin, uint64_t *set)
{
    for (size_t i = 0; i < kin->objects.count; i++) {
        uint32_t node = node_set_number(view->graph->nodes, kin->objects.items[i]);
        if (node != NODE_NONE)
            bit_set(set, node);
    }
}

/* Of each zombie that no other one of its type dominates. */
static bool sum_retained(const struct heap_view *view, const struct kin *kin, uint64_t *sum)
{
    uint64_t *set = bits_new(view->dominators.count);
    if (!set)
        return false;
    mark(view, kin, set);
    *sum = 0;
    for (size_t i = 0; i < kin->objects.count; i++) {
        uint32_t node = node_set_number(view->graph->nodes, kin->objects.items[i]);
        if (node != NODE_NONE && !is_dominated(view, set, node))
            *sum += view->retained[node];
    }
    free(set);
    return true;
}

static void drop_shared(const struct heap_view *view, const uint64_t *zombies,
                        resource_vector *resources)
{
    size_t kept = 0;
    for (size_t i = 0; i < resources->count; i++) {
        struct zombie_resource *resource = &resources->items[i];
        uint32_t node = node_set_number(view->graph->nodes, resource->address);
        /* What is not known to be held otherwise stays. */
        bool own = node == NODE_NONE || view->dominators.parent[node] == NODE_NONE ||
                   bit_is_set(zombies, node) || is_dominated(view, zombies, node);
        if (own) {
            resources->items[kept++] = *resource;
        } else {
            free(resource->target);
            free(resource->type);
        }
    }
    resources->count = kept;
}

static const struct kin *kin_of_group(const struct family *family, const struct zombie_group *group)
{
    for (size_t i = 0; i < family->kin.count; i++)
        if (family->kin.items[i].objects.count && !strcmp(family->kin.items[i].name, group->type))
            return &family->kin.items[i];
    return NULL;
}

static struct error *fill(const struct family *family, const struct heap_view *view,
                          struct report *report)
{
    uint64_t *zombies = bits_new(view->dominators.count);
    bool good = zombies != NULL;
    for (size_t i = 0; i < family->kin.count && good; i++)
        mark(view, &family->kin.items[i], zombies);
    for (size_t i = 0; i < report->zombies.count && good; i++) {
        struct zombie_group *group = &report->zombies.items[i];
        const struct kin *kin = kin_of_group(family, group);
        good = !kin || sum_retained(view, kin, &group->retained_bytes);
        if (good)
            drop_shared(view, zombies, &group->resources);
    }
    free(zombies);
    return good ? NULL : error_no_memory();
}

struct error *zombie_add_retained(const struct family *family, const struct look_options *options,
                                  struct report *report)
{
    struct look *look = family->look;
    struct heap_view *view;
    uint64_t needed;
    if (!heap_view_fits(look, &needed) || (needed > MODEST_BYTES && !options->retained)) {
        report_add_not_checked(report, NULL,
                               "what the zombies retain: takes about %llu MiB of memory, and "
                               "seconds; --retained tells it where there is so much",
                               (unsigned long long)(needed >> 20));
        return NULL;
    }
    struct error *error = heap_view_of(look, &view);
    if (!error)
        return fill(family, view, report);
    /* What is known of the zombies is worth telling all the same. */
    report_add_not_checked(report, NULL, "what the zombies retain: %s", error->message);
    error_free(error);
    return NULL;
}
