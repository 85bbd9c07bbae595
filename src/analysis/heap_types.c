/* The types of the heap by their bytes, and its totals. */
#include <stdlib.h>
#include <string.h>

#include "analysis/heap_parts.h"
#include "heap/retained_kinds.h"

struct kind_sum {
    uint64_t count, bytes;
};

static int compare_names(const void *left, const void *right)
{
    const struct heap_type_row *a = left, *b = right;
    return strcmp(a->type, b->type);
}

static int compare_bytes(const void *left, const void *right)
{
    const struct heap_type_row *a = left, *b = right;
    if (a->bytes != b->bytes)
        return a->bytes < b->bytes ? 1 : -1;
    return strcmp(a->type, b->type);
}

/* Classes of one name, as when a module was loaded twice, share a row. */
static void merge_rows(struct heap_section *section)
{
    size_t kept = 0;
    struct heap_type_row *rows = section->types.items;
    if (section->types.count)
        qsort(rows, section->types.count, sizeof *rows, compare_names);
    for (size_t i = 0; i < section->types.count; i++) {
        if (kept && !strcmp(rows[kept - 1].type, rows[i].type)) {
            rows[kept - 1].count += rows[i].count;
            rows[kept - 1].bytes += rows[i].bytes;
            rows[kept - 1].retained_bytes += rows[i].retained_bytes;
            free(rows[i].type);
        } else {
            rows[kept++] = rows[i];
        }
    }
    section->types.count = kept;
    if (kept)
        qsort(rows, kept, sizeof *rows, compare_bytes);
}

static void add_totals(const struct heap_view *view, uint32_t node, uint64_t bytes,
                       struct heap_section *section)
{
    section->objects++;
    section->bytes += bytes;
    if (view->dominators.parent[node] == NODE_NONE) {
        section->unreachable_objects++;
        section->unreachable_bytes += bytes;
    }
}

/* Static objects are in `static_objects` only. */
static void sum_nodes(struct heap_work *work, struct kind_sum *sums)
{
    const struct heap_view *view = work->view;
    const struct object_graph *graph = view->graph;
    struct heap_section *section = &work->report->heap;
    for (size_t i = 0; i < graph->nodes->range_count; i++) {
        const struct node_range *range = &graph->nodes->ranges[i];
        uint32_t last = node_range_last(range);
        if (range->of_file)
            section->static_objects += last - range->ranks[0];
        for (uint32_t node = range->ranks[0]; !range->of_file && node < last; node++) {
            uint64_t bytes = object_graph_bytes(graph, node);
            add_totals(view, node, bytes, section);
            if (graph->kind_of[node] == KIND_NONE)
                continue;
            sums[graph->kind_of[node]].count++;
            sums[graph->kind_of[node]].bytes += bytes;
        }
    }
}

struct error *heap_add_types(struct heap_work *work)
{
    const struct heap_view *view = work->view;
    const struct object_graph *graph = view->graph;
    struct heap_section *section = &work->report->heap;
    uint32_t kinds = kind_table_count(graph->kinds);
    struct kind_sum *sums = calloc((size_t)kinds + 1, sizeof *sums);
    uint64_t *retained = calloc((size_t)kinds + 1, sizeof *retained);
    bool good =
        sums && retained &&
        retained_by_kind(&view->dominators, view->retained, graph->kind_of, kinds, retained);
    if (good)
        sum_nodes(work, sums);
    for (uint32_t kind = 0; kind < kinds && good; kind++) {
        struct heap_type_row row = {NULL, sums[kind].count, sums[kind].bytes, retained[kind]};
        if (!row.count)
            continue;
        row.type = strdup(heap_kind_name(work, kind));
        good = row.type && vector_push(&section->types, row);
    }
    free(sums);
    free(retained);
    section->edges = rows_edges(&graph->edges);
    section->conservative_edges = graph->conservative;
    section->unread = graph->unread;
    section->copied_bytes = view->copied_bytes;
    merge_rows(section);
    return good ? NULL : error_no_memory();
}
