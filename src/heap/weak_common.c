/*
 * Which edges are common to all cycles.
 *
 * An edge that is on every cycle is on any given one. Without that cycle's own edges the rest must
 * have no cycle. A path of the rest from place a of the cycle to place b (a jump) makes, with the
 * way along the cycle from b to a, a cycle that avoids the edges from a to b. And whatever cycle
 * avoids an edge has a jump across it: without one it only ever moves on along the cycle, never
 * across that edge, and does not come back. So the edges looked for are those that no jump is
 * across; and of the jumps from a place, or to one, only the farthest matter.
 */
#include "heap/weak_graph.h"

#include <stdlib.h>

#include "base/cleanup.h"

struct jumps {
    uint32_t place;     /* on the cycle, NODE_NONE: not on it */
    uint32_t degree;    /* edges to it that are still to be counted */
    uint32_t last;      /* last place that is reached from here, + 1 */
    uint32_t first;     /* first place that is reached from here, or NODE_NONE */
    uint32_t last_from; /* last place from which this is reached, + 1 */
};

struct jump_search {
    const struct rows *rows;
    const node_list *cycle;
    struct jumps *jumps; /* by node */
    uint32_t *order;     /* each node before those it has edges to, other than the cycle's */
};

static bool is_cycle_edge(const struct jump_search *search, uint32_t from, uint32_t to)
{
    uint32_t place = search->jumps[from].place;
    return place != NODE_NONE && search->cycle->items[(place + 1) % search->cycle->count] == to;
}

static void place_nodes(struct jump_search *search)
{
    for (uint32_t node = 0; node < search->rows->count; node++)
        search->jumps[node] = (struct jumps){.place = NODE_NONE, .first = NODE_NONE};
    for (size_t i = 0; i < search->cycle->count; i++)
        search->jumps[search->cycle->items[i]].place = (uint32_t)i;
}

/* False when there is a cycle in what is left without the cycle's edges. */
static bool put_in_order(struct jump_search *search)
{
    const struct rows *rows = search->rows;
    uint32_t tail = 0;
    for (uint32_t node = 0; node < rows->count; node++)
        for (uint32_t i = row_begin(rows, node); i < row_end(rows, node); i++)
            search->jumps[rows->to[i]].degree += !is_cycle_edge(search, node, rows->to[i]);
    for (uint32_t node = 0; node < rows->count; node++)
        if (!search->jumps[node].degree)
            search->order[tail++] = node;
    for (uint32_t head = 0; head < tail; head++) {
        uint32_t node = search->order[head];
        for (uint32_t i = row_begin(rows, node); i < row_end(rows, node); i++)
            if (!is_cycle_edge(search, node, rows->to[i]) &&
                --search->jumps[rows->to[i]].degree == 0)
                search->order[tail++] = rows->to[i];
    }
    return tail == rows->count;
}

static uint32_t greater(uint32_t one, uint32_t other)
{
    return one > other ? one : other;
}

static uint32_t lesser(uint32_t one, uint32_t other)
{
    return one < other ? one : other;
}

/* NODE_NONE + 1 is 0: on no place, before all that are one greater. */
static void find_jumps(struct jump_search *search)
{
    const struct rows *rows = search->rows;
    for (uint32_t at = rows->count; at-- > 0;) {
        uint32_t node = search->order[at];
        struct jumps *from = &search->jumps[node];
        for (uint32_t i = row_begin(rows, node); i < row_end(rows, node); i++) {
            const struct jumps *to = &search->jumps[rows->to[i]];
            if (is_cycle_edge(search, node, rows->to[i]))
                continue;
            from->last = greater(from->last, greater(to->last, to->place + 1));
            from->first = lesser(from->first, lesser(to->first, to->place));
        }
    }
    for (uint32_t at = 0; at < rows->count; at++) {
        uint32_t node = search->order[at];
        const struct jumps *from = &search->jumps[node];
        uint32_t last = greater(from->last_from, from->place + 1);
        for (uint32_t i = row_begin(rows, node); i < row_end(rows, node); i++)
            if (!is_cycle_edge(search, node, rows->to[i]))
                search->jumps[rows->to[i]].last_from =
                    greater(search->jumps[rows->to[i]].last_from, last);
    }
}

/* across[i] becomes the difference of how many jumps are across edge i and edge i - 1. */
static void count_across(const struct jump_search *search, int64_t *across)
{
    size_t count = search->cycle->count;
    for (uint32_t place = 0; place < count; place++) {
        const struct jumps *jumps = &search->jumps[search->cycle->items[place]];
        if (jumps->last > place + 1) {
            across[place]++;
            across[jumps->last - 1]--;
        }
        if (jumps->first < place)
            across[place]++; /* on to the end of the cycle; from its beginning, by `last_from`: */
        if (jumps->last_from > place + 1) {
            across[0]++;
            across[place]--;
        }
    }
}

bool weak_common_to_all(const struct weak_graph *graph, const node_list *cycle, bool *common)
{
    size_t count = graph->rows.count, length = cycle->count;
    _cleanup_free_ struct jumps *jumps = malloc((count + 1) * sizeof *jumps);
    _cleanup_free_ uint32_t *order = malloc((count + 1) * sizeof *order);
    _cleanup_free_ int64_t *across = calloc(length + 1, sizeof *across);
    if (!jumps || !order || !across)
        return false;
    struct jump_search search = {&graph->rows, cycle, jumps, order};
    place_nodes(&search);
    bool ordered = put_in_order(&search);
    if (ordered) {
        find_jumps(&search);
        count_across(&search, across);
    }
    int64_t sum = 0;
    for (size_t i = 0; i < length; i++) {
        sum += across[i];
        common[i] = ordered && sum == 0;
    }
    return true;
}

bool weak_all_through(const struct weak_graph *graph, uint32_t node, bool *all)
{
    const struct rows *rows = &graph->rows;
    _cleanup_free_ uint32_t *degree = calloc((size_t)rows->count + 1, sizeof *degree);
    _cleanup_free_ uint32_t *queue = malloc(((size_t)rows->count + 1) * sizeof *queue);
    uint32_t tail = 0;
    if (!degree || !queue)
        return false;
    for (uint32_t i = 0; i < rows_edges(rows); i++)
        degree[rows->to[i]] += rows->to[i] != node;
    for (uint32_t i = 0; i < rows->count; i++)
        if (!degree[i])
            queue[tail++] = i;
    for (uint32_t head = 0; head < tail; head++)
        for (uint32_t i = row_begin(rows, queue[head]); i < row_end(rows, queue[head]); i++)
            if (rows->to[i] != node && --degree[rows->to[i]] == 0)
                queue[tail++] = rows->to[i];
    *all = tail == rows->count;
    return true;
}
