/*
 * Which edges are common to all cycles through one node: those of a shortest one that nothing leads
 * around. From the node everything is reached that can be without the edge from the last place
 * that was reached along the cycle to the next; if that is not beyond it, all cycles need the edge.
 */
#include "heap/weak_graph.h"

#include <stdlib.h>

#include "base/cleanup.h"

struct node_search {
    const struct rows *rows;
    const node_list *cycle;
    uint32_t *place; /* by node, on the cycle; NODE_NONE */
    bool *reached;
    uint32_t *queue;
    uint32_t head, tail;
    uint32_t farthest; /* all places up to here are reached; cycle->count: the node again */
};

static void reach(struct node_search *search, uint32_t node)
{
    if (!search->reached[node])
        search->queue[search->tail++] = node;
    search->reached[node] = true;
}

/* What lies before is reached along the cycle. */
static void reach_place(struct node_search *search, uint32_t place)
{
    while (search->farthest < place)
        if (++search->farthest < search->cycle->count)
            reach(search, search->cycle->items[search->farthest]);
}

static void spread(struct node_search *search)
{
    const struct rows *rows = search->rows;
    uint32_t count = (uint32_t)search->cycle->count;
    while (search->head < search->tail) {
        uint32_t node = search->queue[search->head++], place = search->place[node];
        for (uint32_t i = row_begin(rows, node); i < row_end(rows, node); i++) {
            uint32_t to = rows->to[i];
            if (place != NODE_NONE && search->cycle->items[(place + 1) % count] == to)
                continue;
            reach(search, to);
            if (search->place[to] != NODE_NONE)
                reach_place(search, search->place[to] ? search->place[to] : count);
        }
    }
}

bool weak_common_to_node(const struct weak_graph *graph, const node_list *cycle, bool *common)
{
    size_t count = graph->rows.count;
    _cleanup_free_ uint32_t *place = malloc((count + 1) * sizeof *place);
    _cleanup_free_ uint32_t *queue = malloc((count + 1) * sizeof *queue);
    _cleanup_free_ bool *reached = calloc(count + 1, sizeof *reached);
    if (!place || !queue || !reached)
        return false;
    for (size_t i = 0; i < count; i++)
        place[i] = NODE_NONE;
    for (size_t i = 0; i < cycle->count; i++) {
        place[cycle->items[i]] = (uint32_t)i;
        common[i] = false;
    }
    struct node_search search = {&graph->rows, cycle, place, reached, queue, 0, 0, 0};
    reach(&search, cycle->items[0]);
    for (;;) {
        spread(&search);
        if (search.farthest == cycle->count)
            return true;
        common[search.farthest] = true;
        reach_place(&search, search.farthest + 1);
    }
}
