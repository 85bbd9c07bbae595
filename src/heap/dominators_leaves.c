/* Dominators of nodes without edges: the nearest common ancestors of their holders. */
#include "heap/dominators_steps.h"
#include "heap/halves.h"

#define PLAIN_STEPS 8 /* most common ancestors are near */
#define AHEAD       24

static uint32_t rise(const struct dominator_search *search, uint32_t number, uint32_t depth)
{
    const union dominator_link *link = search->link;
    while (link[number].tree.depth > depth) {
        uint32_t jump = link[number].tree.jump;
        number = link[jump].tree.depth >= depth ? jump : search->parent[number];
    }
    return number;
}

/* At equal depths jumps are of equal length. */
static uint32_t common_far(const struct dominator_search *search, uint32_t one, uint32_t other)
{
    const union dominator_link *link = search->link;
    one = rise(search, one, link[other].tree.depth);
    other = rise(search, other, link[one].tree.depth);
    while (one != other) {
        bool jump = link[one].tree.jump != link[other].tree.jump;
        one = jump ? link[one].tree.jump : search->parent[one];
        other = jump ? link[other].tree.jump : search->parent[other];
    }
    return one;
}

static uint32_t common(const struct dominator_search *search, uint32_t one, uint32_t other)
{
    for (int i = 0; i < PLAIN_STEPS; i++) {
        if (one == other)
            return one;
        if (one > other)
            one = search->parent[one];
        else
            other = search->parent[other];
    }
    return common_far(search, one, other);
}

static void hold_leaves(void *context, uint32_t low, uint32_t high)
{
    struct dominator_search *search = context;
    const struct rows *edges = search->edges;
    uint32_t last = rows_edges(edges) - 1;
    for (uint32_t node = 0; node < edges->count; node++) {
        if (row_begin(edges, node) == row_end(edges, node))
            continue; /* not even its number is looked at: it may be in the other half */
        uint32_t from = search->number[node];
        if (from == NODE_NONE)
            continue;
        for (uint32_t i = row_begin(edges, node); i < row_end(edges, node); i++) {
            uint32_t leaf = edges->to[i];
            __builtin_prefetch(&search->number[edges->to[i + AHEAD < last ? i + AHEAD : last]], 1);
            if (leaf - low >= high - low)
                continue;
            uint32_t was = search->number[leaf];
            if (was == LEAF_NO_ONES)
                search->number[leaf] = LEAF_BIT | from;
            else if (was > LEAF_BIT && was != NODE_NONE)
                search->number[leaf] = LEAF_BIT | common(search, was & ~LEAF_BIT, from);
        }
    }
}

void dominators_of_leaves(struct dominator_search *search)
{
    halves_run(search->edges->count, rows_edges(search->edges), hold_leaves, search);
}
