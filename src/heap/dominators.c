#include "heap/dominators.h"

#include <stdlib.h>
#include <string.h>

#include "heap/dominators_steps.h"

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
    search->number = malloc(nodes * sizeof *search->number);
    search->order = malloc(nodes * sizeof *search->order);
    if (!search->number || !search->order)
        return false;
    uint32_t inner = number_leaves(search);
    size_t numbers = (size_t)inner + 1;
    search->semi = malloc(numbers * sizeof *search->semi);
    search->parent = malloc(numbers * sizeof *search->parent);
    search->link = malloc(numbers * sizeof *search->link);
    if (!search->semi || !search->parent || !search->link || !rows_start(&search->back, inner + 1))
        return false;
    search->semi[0] = search->parent[0] = 0;
    return true;
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

/* From numbers to nodes, in place; the leaves follow the inner nodes in the order. */
static void give_result(struct dominator_search *search, struct dominators *result)
{
    uint32_t reached = search->reached, count = search->edges->count;
    for (uint32_t node = 0; node < count; node++) {
        uint32_t number = search->number[node], dominator;
        if (number == NODE_NONE || number == LEAF_NO_ONES) {
            search->number[node] = NODE_NONE;
            continue;
        }
        if (number & LEAF_BIT) {
            dominator = number & ~LEAF_BIT;
            search->order[reached++] = node;
        } else {
            dominator = search->parent[number];
        }
        search->number[node] = dominator ? search->order[dominator - 1] : count;
    }
    *result = (struct dominators){count, search->number, search->order, reached};
}

bool dominators_find(const struct rows *edges, const uint32_t *roots, size_t root_count,
                     struct dominators *result)
{
    struct dominator_search search = {.edges = edges, .roots = roots, .root_count = root_count};
    bool found = find(&search);
    *result = (struct dominators){0};
    if (found) {
        give_result(&search, result);
    } else {
        free(search.number);
        free(search.order);
    }
    rows_free(&search.back);
    free(search.semi);
    free(search.parent);
    free(search.link);
    return found;
}

void dominators_free(struct dominators *dominators)
{
    free(dominators->parent);
    free(dominators->order);
    *dominators = (struct dominators){0};
}
