/* Semidominators of the inner nodes, and from them the dominators. */
#include "heap/dominators_steps.h"
#include "heap/halves.h"

#define AHEAD 16

/* An edge to what a root holds tells nothing: its dominator is 0 whatever else holds it. */
static void add_back_edges(void *context, uint32_t low, uint32_t high)
{
    struct dominator_search *search = context;
    const struct rows *edges = search->edges;
    for (uint32_t node = 0; node < edges->count; node++) {
        uint32_t from = search->number[node];
        if (from & LEAF_BIT)
            continue;
        for (uint32_t i = row_begin(edges, node); i < row_end(edges, node); i++) {
            uint32_t to = edges->to[i];
            prefetch_number(search, i, low, high);
            if (to - low >= high - low)
                continue;
            to = search->number[to];
            if (to < from && search->semi[to])
                rows_add(&search->back, to, from);
        }
    }
}

bool dominators_turn_back_edges(struct dominator_search *search)
{
    search->back.count = search->reached + 1;
    for (uint32_t number = 0; number <= search->reached; number++)
        if (!search->semi[number])
            search->back.first[number + 1] = 0;
    if (!rows_allocate(&search->back))
        return false;
    halves_run(search->edges->count, rows_edges(search->edges), add_back_edges, search);
    return true;
}

/*
 * The least semidominator from `number` up to the last ancestor above `bound`; what was passed
 * then points there. The way back down is kept in the pointers that were followed.
 */
static uint32_t least_above(union dominator_link *link, uint32_t number, uint32_t bound)
{
    uint32_t below = 0, up;
    if (link[number].forest.ancestor <= bound)
        return link[number].forest.least;
    while ((up = link[number].forest.ancestor) > bound) {
        link[number].forest.ancestor = below;
        below = number;
        number = up;
    }
    uint32_t least = link[number].forest.least;
    while (below) {
        uint32_t next = link[below].forest.ancestor;
        link[below].forest.ancestor = up;
        if (link[below].forest.least > least)
            link[below].forest.least = least;
        least = link[below].forest.least;
        below = next;
    }
    return least;
}

void dominators_semidominators(struct dominator_search *search)
{
    const struct rows *back = &search->back;
    for (uint32_t number = search->reached; number; number--) {
        uint32_t semi = search->semi[number], begin = row_begin(back, number);
        for (uint32_t i = row_end(back, number); i > begin && semi; i--) {
            __builtin_prefetch(&search->link[back->to[i > AHEAD ? i - 1 - AHEAD : 0]]);
            uint32_t least = least_above(search->link, back->to[i - 1], number);
            semi = least < semi ? least : semi;
        }
        search->semi[number] = semi;
        search->link[number].forest.least = semi;
    }
}

/*
 * Jump pointers as in Myers' random-access stacks: the first ancestor with a small enough number is
 * found in O(log depth) steps.
 */
static void hang_below(struct dominator_search *search, uint32_t number, uint32_t parent)
{
    const union dominator_link *link = search->link;
    uint32_t jump = search->jump[parent], far = search->jump[jump];
    uint32_t depth = link[parent].depth;
    bool same = depth - link[jump].depth == link[jump].depth - link[far].depth;
    search->parent[number] = parent;
    search->jump[number] = same ? far : parent;
    search->link[number].depth = depth + 1;
}

/*
 * The nearest common ancestor, among dominators, of the parent in the search and of the
 * semidominator. The latter is an ancestor of the former in the search: so it is the first one up
 * the tree of dominators whose number is not greater than the semidominator's.
 */
void dominators_of_inner(struct dominator_search *search)
{
    search->jump[0] = search->link[0].depth = 0;
    for (uint32_t number = 1; number <= search->reached; number++) {
        uint32_t semi = search->semi[number], up = search->parent[number];
        while (up > semi)
            up = search->jump[up] > semi ? search->jump[up] : search->parent[up];
        hang_below(search, number, up);
    }
}
