#include "analysis/heap_cuts.h"

#include <stdlib.h>
#include <string.h>

#include "analysis/heap_links.h"

#define TOGETHER_MOST 4 /* cuts that are proposed together */

/* ---- what stays on cycles -------------------------------------------------------------------- */

struct trial {
    uint32_t *first, *to; /* references that stay, by member */
    uint32_t *incoming, *queue;
};

static void trial_free(struct trial *trial)
{
    free(trial->first);
    free(trial->to);
    free(trial->incoming);
    free(trial->queue);
}

static bool trial_new(const struct links *links, struct trial *trial)
{
    size_t count = (size_t)links->count + 2;
    trial->first = calloc(count, sizeof *trial->first);
    trial->to = calloc(links->edges.count + 1, sizeof *trial->to);
    trial->incoming = calloc(count, sizeof *trial->incoming);
    trial->queue = calloc(count, sizeof *trial->queue);
    return trial->first && trial->to && trial->incoming && trial->queue;
}

/*
 * How many members are left when those to which nothing leads are taken away, again and again: none
 * when there is no cycle. `without` says which links are cut.
 */
static uint32_t left_on_cycles(const struct links *links, const bool *without, struct trial *trial)
{
    uint32_t count = links->count, filled = 0;
    memset(trial->first, 0, (count + 2) * sizeof *trial->first);
    memset(trial->incoming, 0, (count + 2) * sizeof *trial->incoming);
    for (size_t i = 0; i < links->edges.count; i++) {
        const struct ring_edge *edge = &links->edges.items[i];
        trial->first[edge->from + 2] += !without[edge->link];
        trial->incoming[edge->to] += !without[edge->link];
    }
    for (uint32_t i = 2; i < count + 2; i++)
        trial->first[i] += trial->first[i - 1];
    for (size_t i = 0; i < links->edges.count; i++) {
        const struct ring_edge *edge = &links->edges.items[i];
        if (!without[edge->link])
            trial->to[trial->first[edge->from + 1]++] = edge->to;
    }
    for (uint32_t i = 0; i < count; i++)
        if (!trial->incoming[i])
            trial->queue[filled++] = i;
    for (uint32_t i = 0; i < filled; i++)
        for (uint32_t k = trial->first[trial->queue[i]]; k < trial->first[trial->queue[i] + 1]; k++)
            if (!--trial->incoming[trial->to[k]])
                trial->queue[filled++] = trial->to[k];
    return count - filled;
}

/* ---- the choice ------------------------------------------------------------------------------ */

/* What the program wrote itself before what is built in, an attribute before an item of a list,
 * what leads back to an owner before what leads on. */
static int compare_links(const void *left, const void *right)
{
    const struct link *a = left, *b = right;
    if (a->left != b->left)
        return a->left < b->left ? -1 : 1;
    if (a->shown.needs_slot != b->shown.needs_slot)
        return a->shown.needs_slot ? 1 : -1;
    if (a->item != b->item)
        return a->item ? 1 : -1;
    if (a->built_in != b->built_in)
        return a->built_in ? 1 : -1;
    uint64_t a_back = a->back * b->edges, b_back = b->back * a->edges;
    if (a_back != b_back)
        return a_back > b_back ? -1 : 1;
    return (a->edges > b->edges) - (a->edges < b->edges);
}

/* Cuts one link after the other, each time the one that leaves least, until no cycle is left. */
static bool choose_together(struct links *links, struct trial *trial, link_cuts *cuts)
{
    bool without[LINKS_MOST] = {false};
    uint32_t left = links->count;
    while (left && cuts->count < TOGETHER_MOST) {
        size_t best = links->links.count;
        uint32_t best_left = left;
        for (size_t i = 0; i < links->links.count; i++) {
            if (without[i] || !links->links.items[i].cuttable)
                continue;
            without[i] = true;
            uint32_t now = left_on_cycles(links, without, trial);
            without[i] = false;
            if (now < best_left) {
                best = i;
                best_left = now;
            }
        }
        if (best == links->links.count)
            break;
        without[best] = true;
        left = best_left;
        if (!vector_push(cuts, links->links.items[best].shown))
            return false;
    }
    if (left)
        cuts->count = 0;
    return true;
}

/* Positions are what edges know links by: they are sorted in a copy. */
static bool choose_single(struct links *links, struct trial *trial, link_cuts *cuts)
{
    VECTOR(struct link) ranked = {0};
    bool without[LINKS_MOST] = {false}, good = true;
    for (size_t i = 0; i < links->links.count && good; i++) {
        struct link *link = &links->links.items[i];
        if (!link->cuttable)
            continue;
        without[i] = true;
        link->left = left_on_cycles(links, without, trial);
        without[i] = false;
        if (!link->left)
            good = vector_push(&ranked, *link);
    }
    if (ranked.count)
        qsort(ranked.items, ranked.count, sizeof *ranked.items, compare_links);
    for (size_t i = 0; i < ranked.count && good; i++) {
        ranked.items[i].shown.breaks_all = true;
        good = vector_push(cuts, ranked.items[i].shown);
    }
    vector_free(&ranked);
    return good;
}

bool link_cuts_find(const struct cycle_search *search, uint32_t component, link_cuts *cuts)
{
    uint32_t first = row_begin(&search->members, component);
    struct links links = {
        .search = search,
        .members = search->members.to + first,
        .count = row_end(&search->members, component) - first,
        .component = component,
    };
    struct trial trial = {0};
    bool good = links_collect(&links);
    if (good && !links.too_large)
        good = trial_new(&links, &trial) && choose_single(&links, &trial, cuts) &&
               (cuts->count || choose_together(&links, &trial, cuts));
    trial_free(&trial);
    free(links.owner_of);
    vector_free(&links.edges);
    vector_free(&links.links);
    return good;
}
