#include "heap/rows.h"

#include <stdlib.h>

#include "heap/halves.h"
#include "heap/large.h"

bool rows_start(struct rows *rows, uint32_t count)
{
    *rows = (struct rows){.count = count};
    if (count <= NODES_MAX)
        rows->first = large_array((size_t)count + 1, sizeof *rows->first);
    return rows->first != NULL;
}

/*
 * Where row n begins is kept in first[n + 1] while the rows are filled: each edge moves it on, and
 * in the end it is where row n + 1 begins.
 */
bool rows_allocate(struct rows *rows)
{
    uint64_t edges = 0;
    for (uint32_t i = 1; i <= rows->count; i++) {
        uint32_t length = rows->first[i];
        rows->first[i] = (uint32_t)edges;
        edges += length;
        if (edges > ROW_EDGES_MAX)
            break;
    }
    if (edges <= ROW_EDGES_MAX)
        rows->to = large_array(edges, sizeof *rows->to);
    if (!rows->to)
        rows_free(rows);
    return rows->to != NULL;
}

struct reversal {
    const struct rows *rows;
    struct rows *reverse;
};

static void expect_between(void *context, uint32_t low, uint32_t high)
{
    const struct reversal *reversal = context;
    const uint32_t *to = reversal->rows->to;
    uint32_t edges = rows_edges(reversal->rows);
    for (uint32_t i = 0; i < edges; i++)
        if (to[i] - low < high - low)
            rows_expect(reversal->reverse, to[i]);
}

static void add_between(void *context, uint32_t low, uint32_t high)
{
    const struct reversal *reversal = context;
    const struct rows *rows = reversal->rows;
    for (uint32_t node = 0; node < rows->count; node++)
        for (uint32_t i = row_begin(rows, node); i < row_end(rows, node); i++)
            if (rows->to[i] - low < high - low)
                rows_add(reversal->reverse, rows->to[i], node);
}

bool rows_reverse(const struct rows *rows, struct rows *reverse)
{
    struct reversal reversal = {rows, reverse};
    if (!rows_start(reverse, rows->count))
        return false;
    halves_run(rows->count, rows_edges(rows), expect_between, &reversal);
    if (!rows_allocate(reverse))
        return false;
    halves_run(rows->count, rows_edges(rows), add_between, &reversal);
    return true;
}

void rows_free(struct rows *rows)
{
    free(rows->first);
    free(rows->to);
    *rows = (struct rows){0};
}
