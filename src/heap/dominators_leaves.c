/*
 * Dominators of nodes without edges: the nearest common ancestors, in the tree of dominators, of
 * their holders.
 */
#include "heap/dominators_steps.h"
#include "heap/halves.h"

/*
 * The tree in preorder, without children lists: how many are in each subtree, from the last number
 * to the first; then each takes its part from where its parent's begins to be free.
 */
static void find_spans(struct dominator_search *search)
{
    union dominator_link *link = search->link;
    for (uint32_t number = 0; number <= search->reached; number++)
        link[number].span.end = 1;
    for (uint32_t number = search->reached; number; number--)
        link[search->parent[number]].span.end += link[number].span.end;
    link[0].span.begin = 0;
    link[0].span.end = 1;
    for (uint32_t number = 1; number <= search->reached; number++) {
        uint32_t *free = &link[search->parent[number]].span.end;
        link[number].span.begin = *free;
        *free += link[number].span.end;
        link[number].span.end = link[number].span.begin + 1;
    }
}

static bool dominates(const struct dominator_search *search, uint32_t one, uint32_t other)
{
    const union dominator_link *link = search->link;
    return link[other].span.begin - link[one].span.begin <
           link[one].span.end - link[one].span.begin;
}

/* The first ancestor of `one`, from itself on, that dominates `other`. */
static uint32_t common(const struct dominator_search *search, uint32_t one, uint32_t other)
{
    while (!dominates(search, one, other)) {
        uint32_t jump = search->jump[one];
        one = dominates(search, jump, other) ? search->parent[one] : jump;
    }
    return one;
}

static void hold_leaves(void *context, uint32_t low, uint32_t high)
{
    struct dominator_search *search = context;
    const struct rows *edges = search->edges;
    for (uint32_t node = 0; node < edges->count; node++) {
        if (row_begin(edges, node) == row_end(edges, node))
            continue; /* not even its number is looked at: it may be in the other half */
        uint32_t from = search->number[node];
        if (from == NODE_NONE)
            continue;
        for (uint32_t i = row_begin(edges, node); i < row_end(edges, node); i++) {
            uint32_t leaf = edges->to[i];
            prefetch_number(search, i, low, high);
            if (leaf - low >= high - low)
                continue;
            uint32_t was = search->number[leaf];
            if (was == LEAF_NO_ONES)
                search->number[leaf] = LEAF_BIT | from;
            else if (was > LEAF_BIT)
                search->number[leaf] = LEAF_BIT | common(search, was & ~LEAF_BIT, from);
        }
    }
}

void dominators_of_leaves(struct dominator_search *search)
{
    find_spans(search);
    halves_run(search->edges->count, rows_edges(search->edges), hold_leaves, search);
}
