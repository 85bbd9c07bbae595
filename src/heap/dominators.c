#include "heap/dominators.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "heap/dominators_steps.h"
#include "heap/large.h"

/* Every inner node has an edge, every leaf none. */
static uint32_t number_leaves(struct dominator_search *search)
{
    const struct rows *edges = search->edges;
    uint32_t inner = 0;
    for (uint32_t node = 0; node < edges->count; node++) {
        bool leaf = row_begin(edges, node) == row_end(edges, node);
        search->number[node] = leaf ? LEAF_NO_ONES : NODE_NONE;
        inner += !leaf;
    }
    return inner;
}

static bool make_room(struct dominator_search *search)
{
    size_t nodes = (size_t)search->edges->count + 1;
    search->number = large_array(nodes, sizeof *search->number);
    if (!search->number)
        return false;
    uint32_t inner = number_leaves(search);
    size_t numbers = (size_t)inner + 1;
    search->semi = large_array(numbers, sizeof *search->semi);
    search->parent = large_array(numbers, sizeof *search->parent);
    search->link = large_array(numbers, sizeof *search->link);
    if (!search->semi || !search->parent || !search->link || !rows_start(&search->back, inner + 1))
        return false;
    return true;
}

static void free_work(struct dominator_search *search)
{
    rows_free(&search->back);
    free(take_pointer(&search->semi));
    free(take_pointer(&search->link));
}

static bool find(struct dominator_search *search)
{
    if (!make_room(search))
        return false;
    dominators_search(search);
    if (!dominators_turn_back_edges(search))
        return false;
    dominators_semidominators(search);
    rows_free(&search->back);
    dominators_of_inner(search);
    dominators_of_leaves(search);
    return true;
}

static bool is_leaf(uint32_t number)
{
    return number & LEAF_BIT && number != NODE_NONE && number != LEAF_NO_ONES;
}

/* The inner nodes by their numbers, then the leaves. */
static uint32_t put_in_order(const struct dominator_search *search, uint32_t *order)
{
    uint32_t reached = search->reached;
    for (uint32_t node = 0; node < search->edges->count; node++) {
        uint32_t number = search->number[node];
        if (!(number & LEAF_BIT))
            order[number - 1] = node;
        else if (is_leaf(number))
            order[reached++] = node;
    }
    return reached;
}

/* In place, what is known of each node becomes the node that dominates it. */
static void name_parents(const struct dominator_search *search, const uint32_t *order)
{
    uint32_t count = search->edges->count;
    for (uint32_t node = 0; node < count; node++) {
        uint32_t number = search->number[node], parent = NODE_NONE;
        if (!(number & LEAF_BIT))
            parent = search->parent[number];
        else if (is_leaf(number))
            parent = number & ~LEAF_BIT;
        if (parent != NODE_NONE)
            parent = parent ? order[parent - 1] : count;
        search->number[node] = parent;
    }
}

static bool give_result(struct dominator_search *search, struct dominators *result)
{
    uint32_t count = search->edges->count;
    uint32_t *order = large_array((size_t)count + 1, sizeof *order);
    if (!order)
        return false;
    uint32_t reached = put_in_order(search, order);
    name_parents(search, order);
    *result = (struct dominators){count, take_pointer(&search->number), order, reached};
    return true;
}

bool dominators_find(const struct rows *edges, const uint32_t *roots, size_t root_count,
                     struct dominators *result)
{
    struct dominator_search search = {.edges = edges, .roots = roots, .root_count = root_count};
    *result = (struct dominators){0};
    bool found = find(&search);
    free_work(&search); /* before the result grows */
    found = found && give_result(&search, result);
    free(search.number);
    free(search.parent);
    return found;
}

void dominators_free(struct dominators *dominators)
{
    free(dominators->parent);
    free(dominators->order);
    *dominators = (struct dominators){0};
}
