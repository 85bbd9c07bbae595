#include "heap/weak_graph.h"

#include <stdlib.h>

#include "base/cleanup.h"

static bool is_inside(const struct weak_question *question, uint32_t node)
{
    return question->components->of[node] == question->component;
}

static uint32_t size_of(const struct weak_question *question)
{
    return question->components->sizes.items[question->component];
}

uint64_t weak_graph_size(const struct weak_question *question)
{
    const struct rows *edges = question->edges;
    uint64_t inside = 0;
    for (uint32_t i = 0; i < size_of(question); i++) {
        uint32_t node = question->members[i];
        for (uint32_t edge = row_begin(edges, node); edge < row_end(edges, node); edge++)
            inside += is_inside(question, edges->to[edge]);
    }
    return inside;
}

static int compare_numbers(const void *one, const void *other)
{
    uint32_t left = *(const uint32_t *)one, right = *(const uint32_t *)other;
    return (left > right) - (left < right);
}

static uint32_t number_of(const struct weak_question *question, uint32_t node)
{
    const uint32_t *found =
        bsearch(&node, question->members, size_of(question), sizeof node, compare_numbers);
    return (uint32_t)(found - question->members);
}

/* Appends the row of a member, each edge once; returns the number of edges then. */
static uint32_t add_row(const struct weak_question *question, uint32_t node,
                        struct weak_graph *graph, uint32_t begin)
{
    const struct rows *edges = question->edges;
    uint32_t *to = graph->rows.to, end = begin, kept = begin;
    for (uint32_t edge = row_begin(edges, node); edge < row_end(edges, node); edge++)
        if (is_inside(question, edges->to[edge]))
            to[end++] = number_of(question, edges->to[edge]);
    qsort(to + begin, end - begin, sizeof *to, compare_numbers);
    for (uint32_t i = begin; i < end; i++) {
        if (kept > begin && to[kept - 1] == to[i]) {
            graph->times[kept - 1]++;
        } else {
            graph->times[kept] = 1;
            to[kept++] = to[i];
        }
    }
    return kept;
}

bool weak_graph_make(const struct weak_question *question, struct weak_graph *graph)
{
    uint64_t edges = weak_graph_size(question);
    uint32_t count = size_of(question), kept = 0;
    *graph = (struct weak_graph){0};
    if (!rows_start(&graph->rows, count))
        return false;
    graph->rows.to = malloc((edges + 1) * sizeof *graph->rows.to);
    graph->times = malloc((edges + 1) * sizeof *graph->times);
    if (!graph->rows.to || !graph->times) {
        weak_graph_free(graph);
        return false;
    }
    for (uint32_t i = 0; i < count; i++) {
        kept = add_row(question, question->members[i], graph, kept);
        graph->rows.first[i + 1] = kept;
    }
    return true;
}

void weak_graph_free(struct weak_graph *graph)
{
    rows_free(&graph->rows);
    free(graph->times);
    graph->times = NULL;
}

uint32_t weak_graph_edge(const struct weak_graph *graph, uint32_t from, uint32_t to)
{
    const struct rows *rows = &graph->rows;
    const uint32_t *row = rows->to + row_begin(rows, from);
    const uint32_t *found =
        bsearch(&to, row, row_end(rows, from) - row_begin(rows, from), sizeof to, compare_numbers);
    return found ? (uint32_t)(found - rows->to) : rows_edges(rows);
}

/* The cycle lies in `before`, from `last` back to `start`. */
static bool take_cycle(const uint32_t *before, uint32_t start, uint32_t last, node_list *cycle)
{
    for (uint32_t node = last;; node = before[node]) {
        if (!vector_push(cycle, node))
            return false;
        if (node == start)
            break;
    }
    for (size_t i = 0, j = cycle->count - 1; i < j; i++, j--) {
        uint32_t node = cycle->items[i];
        cycle->items[i] = cycle->items[j];
        cycle->items[j] = node;
    }
    return true;
}

bool weak_cycle_through(const struct weak_graph *graph, uint32_t start, node_list *cycle)
{
    const struct rows *rows = &graph->rows;
    _cleanup_free_ uint32_t *before = malloc(((size_t)rows->count + 1) * sizeof *before);
    _cleanup_free_ uint32_t *queue = malloc(((size_t)rows->count + 1) * sizeof *queue);
    uint32_t tail = 0;
    cycle->count = 0;
    if (!before || !queue)
        return false;
    for (uint32_t node = 0; node < rows->count; node++)
        before[node] = NODE_NONE;
    queue[tail++] = start;
    for (uint32_t head = 0; head < tail; head++) {
        uint32_t node = queue[head];
        for (uint32_t i = row_begin(rows, node); i < row_end(rows, node); i++) {
            uint32_t to = rows->to[i];
            if (to == start)
                return take_cycle(before, start, node, cycle);
            if (before[to] == NODE_NONE) {
                before[to] = node;
                queue[tail++] = to;
            }
        }
    }
    return true;
}
