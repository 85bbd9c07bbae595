/* Depth first from the roots: numbers, parents, and the edges that need no further look. */
#include "heap/dominators_steps.h"

#define AHEAD 8 /* successors whose rows are asked for before they are needed */

static void prefetch_row(const struct dominator_search *search, uint32_t node)
{
    const struct rows *edges = search->edges;
    uint32_t begin = row_begin(edges, node), end = row_end(edges, node);
    for (uint32_t i = begin; i < end && i - begin < AHEAD; i++) {
        __builtin_prefetch(&search->number[edges->to[i]]);
        __builtin_prefetch(&edges->first[edges->to[i]]);
    }
}

static void enter(struct dominator_search *search, uint32_t node, uint32_t parent)
{
    uint32_t number = ++search->reached;
    prefetch_row(search, node);
    search->number[node] = number;
    search->parent[number] = parent;
    search->semi[number] = parent;
    search->link[number].search.node = node;
    search->link[number].search.cursor = row_begin(search->edges, node);
}

/*
 * An edge to a greater number: no path to it leads over greater numbers still, so that it makes its
 * own begin a candidate. One to a smaller number is counted, for dominators_turn_back_edges().
 */
static void note_edge(struct dominator_search *search, uint32_t from, uint32_t to)
{
    if (to < from)
        rows_expect(&search->back, to);
    else if (to > from && from < search->semi[to])
        search->semi[to] = from;
}

/* Follows edges of inner node `number` up to one that leads to something new. */
static bool advance(struct dominator_search *search, uint32_t number)
{
    const struct rows *edges = search->edges;
    uint32_t *cursor = &search->link[number].search.cursor;
    uint32_t end = row_end(edges, search->link[number].search.node);
    for (uint32_t i = *cursor; i < end; i++) {
        uint32_t node = edges->to[i], to = search->number[node];
        if (to == NODE_NONE) {
            *cursor = i + 1;
            enter(search, node, number);
            return true;
        }
        if (!(to & LEAF_BIT))
            note_edge(search, number, to);
    }
    return false;
}

static void search_below(struct dominator_search *search, uint32_t root)
{
    enter(search, root, 0);
    uint32_t number = search->reached;
    while (number)
        number = advance(search, number) ? search->reached : search->parent[number];
}

void dominators_search(struct dominator_search *search)
{
    for (size_t i = 0; i < search->root_count; i++) {
        uint32_t *number = &search->number[search->roots[i]];
        if (*number == NODE_NONE)
            search_below(search, search->roots[i]);
        else if (*number & LEAF_BIT)
            *number = LEAF_BIT; /* dominated by 0 */
        else
            search->semi[*number] = 0;
    }
    for (uint32_t number = 1; number <= search->reached; number++)
        search->link[number].forest.ancestor = search->parent[number];
}
