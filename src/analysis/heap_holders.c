/* Below which objects the instances of each type gather: what `steth diff` names as holders. */
#include <stdlib.h>
#include <string.h>

#include "analysis/heap_parts.h"
#include "heap/gathering.h"

/* Types with fewer instances and fewer bytes than this are left out. */
#define INSTANCES_LEAST 50
#define BYTES_LEAST     (256u << 10)
/* A place with fewer instances, or bytes, counts for the one above it. */
#define GATHERED_COUNT_LEAST 25
#define GATHERED_BYTES_LEAST (64u << 10)

/* The objects of the heap by kind: those of kind k from nodes[first[k]] up to nodes[first[k + 1]].
 */
struct by_kind {
    uint32_t kinds;
    uint32_t *first;
    uint32_t *nodes;
    uint64_t *bytes; /* per kind */
};

static void by_kind_free(struct by_kind *by_kind)
{
    free(by_kind->first);
    free(by_kind->nodes);
    free(by_kind->bytes);
}

/* Counts the objects that are not static, or puts them in their places. */
static void sweep(const struct heap_view *view, struct by_kind *by_kind, bool place)
{
    const struct object_graph *graph = view->graph;
    for (size_t i = 0; i < graph->nodes->range_count; i++) {
        const struct node_range *range = &graph->nodes->ranges[i];
        uint32_t last = node_range_last(range);
        for (uint32_t node = range->ranks[0]; !range->of_file && node < last; node++) {
            uint32_t kind = graph->kind_of[node];
            if (kind == KIND_NONE)
                continue;
            if (place) {
                by_kind->nodes[by_kind->first[kind + 1]++] = node;
            } else {
                by_kind->first[kind + 2]++;
                by_kind->bytes[kind] += object_graph_bytes(graph, node);
            }
        }
    }
}

/* While nodes are placed, first[k + 1] is where the next of kind k goes; then where they end. */
static bool sort_by_kind(const struct heap_view *view, struct by_kind *by_kind)
{
    by_kind->kinds = kind_table_count(view->graph->kinds);
    by_kind->first = calloc((size_t)by_kind->kinds + 2, sizeof *by_kind->first);
    by_kind->bytes = calloc((size_t)by_kind->kinds + 1, sizeof *by_kind->bytes);
    by_kind->nodes = calloc((size_t)object_graph_count(view->graph) + 1, sizeof *by_kind->nodes);
    if (!by_kind->first || !by_kind->bytes || !by_kind->nodes)
        return false;
    sweep(view, by_kind, false);
    for (uint32_t kind = 0; kind < by_kind->kinds; kind++)
        by_kind->first[kind + 1] += by_kind->first[kind];
    sweep(view, by_kind, true);
    return true;
}

/* ---- rows ------------------------------------------------------------------------------------ */

/* How many steps two paths have in common from the root on. */
static size_t common_steps(const struct heap_path *a, const struct heap_path *b)
{
    size_t count = 0;
    while (count < a->steps.count && count < b->steps.count &&
           strcmp(a->steps.items[count], b->steps.items[count]) == 0)
        count++;
    return count;
}

static bool name_holder(struct heap_work *work, uint32_t holder, struct heap_holding *row)
{
    const struct object_graph *graph = work->view->graph;
    struct heap_path path = {0};
    row->holder = node_set_address(graph->nodes, holder);
    row->holder_type = strdup(heap_kind_name(work, graph->kind_of[holder]));
    bool good = row->holder_type && heap_path_shortest(work, holder, &path);
    row->holder_steps = common_steps(&path, &row->path);
    heap_path_free(&path);
    return good;
}

static bool add_row(struct heap_work *work, uint32_t kind, const struct gathering *place)
{
    struct heap_section *section = &work->report->heap;
    struct heap_holding row = {
        .type = strdup(heap_kind_name(work, kind)), .count = place->count, .bytes = place->bytes};
    bool good = row.type && heap_path_shortest(work, place->sample, &row.path);
    if (good && place->holder != NODE_NONE)
        good = name_holder(work, place->holder, &row);
    row.path.alike = place->count;
    if (good && vector_push(&section->holdings, row))
        return true;
    free(row.type);
    free(row.holder_type);
    heap_path_free(&row.path);
    return false;
}

static bool add_kind(struct heap_work *work, struct gathering_search *search,
                     const struct by_kind *by_kind, uint32_t kind)
{
    uint32_t count = by_kind->first[kind + 1] - by_kind->first[kind];
    struct gathering_question question = {
        .nodes = by_kind->nodes + by_kind->first[kind],
        .count = count,
        .bytes = work->view->graph->bytes_of,
        .least_count = count >= INSTANCES_LEAST ? GATHERED_COUNT_LEAST : 0,
        .least_bytes = by_kind->bytes[kind] >= BYTES_LEAST ? GATHERED_BYTES_LEAST : 0,
    };
    if (!question.least_count && !question.least_bytes)
        return true;
    gathering_vector found = {0};
    bool good = gathering_find(search, &question, &found);
    for (size_t i = 0; i < found.count && good; i++)
        good = add_row(work, kind, &found.items[i]);
    vector_free(&found);
    return good;
}

struct error *heap_add_holdings(struct heap_work *work)
{
    struct by_kind by_kind = {0};
    struct gathering_search *search = NULL;
    bool good = heap_reach(work) && sort_by_kind(work->view, &by_kind);
    if (good)
        search = gathering_search_new(work->before, object_graph_count(work->view->graph));
    good = search != NULL;
    for (uint32_t kind = 0; kind < by_kind.kinds && good; kind++)
        good = add_kind(work, search, &by_kind, kind);
    gathering_search_free(search);
    by_kind_free(&by_kind);
    return good ? NULL : error_no_memory();
}
