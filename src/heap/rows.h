/*
 * rows.h: a graph of many nodes in little memory. The edges of all nodes lie in one array, those of
 * node n from to[first[n]] up to to[first[n + 1]]. 4 bytes a node and 4 an edge; nodes are fewer
 * than 2^31, edges than 2^32.
 *
 * Whoever fills a graph owns it, and releases it with rows_free(). The algorithms over it
 * (dominators.h, components.h, weak_edge.h, paths.h) only read it, and know nothing of objects.
 * They trust that edges lead to nodes: whoever fills the graph sees to that.
 */
#ifndef STETH_HEAP_ROWS_H
#define STETH_HEAP_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NODE_NONE     UINT32_MAX
#define NODES_MAX     (UINT32_MAX / 2 - 1)
#define ROW_EDGES_MAX (UINT32_MAX - 1)

struct rows {
    uint32_t count;  /* of nodes */
    uint32_t *first; /* count + 1 */
    uint32_t *to;
};

/* for (uint32_t i = row_begin(rows, n); i < row_end(rows, n); i++) … rows->to[i] … */
static inline uint32_t row_begin(const struct rows *rows, uint32_t node)
{
    return rows->first[node];
}

static inline uint32_t row_end(const struct rows *rows, uint32_t node)
{
    return rows->first[node + 1];
}

static inline uint32_t rows_edges(const struct rows *rows)
{
    return rows->first[rows->count];
}

/*
 * To fill a graph whose edges come in any order: rows_start(), rows_expect() for each edge,
 * rows_allocate(), rows_add() for each of the same edges. (Where they come node by node, `first`
 * and `to` are as easily written at once.) Both fallible ones return false, and leave nothing
 * behind, when there is no memory or the graph is too large.
 */
bool rows_start(struct rows *rows, uint32_t count);

static inline void rows_expect(struct rows *rows, uint32_t from)
{
    rows->first[from + 1]++;
}

bool rows_allocate(struct rows *rows);

static inline void rows_add(struct rows *rows, uint32_t from, uint32_t to)
{
    rows->to[rows->first[from + 1]++] = to;
}

/*
 * The same edges from their ends: row n of `reverse` lists the nodes with an edge to n, in
 * ascending order. O(nodes + edges), two threads when there is enough to do. False when there is
 * no memory.
 */
bool rows_reverse(const struct rows *rows, struct rows *reverse);

void rows_free(struct rows *rows);

#endif
