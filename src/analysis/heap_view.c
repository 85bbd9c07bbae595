#include "analysis/heap_view.h"

#include <malloc.h>
#include <stdlib.h>

#include "heap/retained.h"
#include "os/memory.h"
#include "target/copy.h"

static struct error *copy_memory(struct look *look, struct heap_view *view)
{
    struct stream_cost cost = {0};
    view->cpython = *look->cpython;
    if (!target_is_costly(look->cpython->target))
        return NULL;
    struct error *error =
        target_open_copy(look->cpython->target, STREAM_POLITE, &view->copy, &cost);
    if (!error)
        view->cpython.target = view->copy;
    view->copied_bytes = cost.bytes;
    return error;
}

static struct error *build_graph(struct heap_view *view)
{
    const struct census_options options = {.keep_index = true, .pace = STREAM_FAST};
    struct census *census = NULL;
    struct error *error = census_take(&view->cpython, &options, &census);
    if (!error)
        error = interpreters_list(&view->cpython, &view->interpreters);
    if (!error)
        error = roots_collect(&view->cpython, &view->interpreters, &view->roots);
    if (!error)
        error = object_graph_build(&view->cpython, census, &view->roots, &view->graph);
    view->tracked = census ? census->objects : 0;
    census_free(census);
    (void)malloc_trim(0); /* the index was in pieces too small for the kernel to get them back */
    return error;
}

static struct error *find_dominators(struct heap_view *view)
{
    const struct object_graph *graph = view->graph;
    uint32_t *roots = calloc(graph->roots.count + 1, sizeof *roots);
    bool done = roots != NULL;
    for (size_t i = 0; i < graph->roots.count && done; i++)
        roots[i] = graph->roots.items[i].node;
    done = done && dominators_find(&graph->edges, roots, graph->roots.count, &view->dominators);
    free(roots);
    view->retained = done ? object_graph_bytes_of_all(graph) : NULL;
    if (!view->retained)
        return error_no_memory();
    for (size_t i = 0; i < graph->nodes->range_count; i++) {
        const struct node_range *range = &graph->nodes->ranges[i];
        uint32_t last = node_range_last(range);
        for (uint32_t node = range->ranks[0]; range->of_file && node < last; node++)
            view->retained[node] = 0; /* static objects are no part of the heap */
    }
    dominators_retained(&view->dominators, view->retained);
    return NULL;
}

struct error *heap_view_of(struct look *look, struct heap_view **out)
{
    *out = look->heap;
    if (look->heap)
        return NULL;
    struct heap_view *view = calloc(1, sizeof *view);
    if (!view)
        return error_no_memory();
    struct error *error = copy_memory(look, view);
    if (!error)
        error = build_graph(view);
    if (!error)
        error = find_dominators(view);
    if (error)
        heap_view_free(view);
    else
        *out = look->heap = view;
    return error;
}

void heap_view_free(struct heap_view *view)
{
    if (!view)
        return;
    free(view->retained);
    dominators_free(&view->dominators);
    object_graph_free(view->graph);
    roots_free(&view->roots);
    vector_free(&view->interpreters);
    target_close(view->copy);
    free(view);
}

/* The graph of small objects takes two thirds of the memory that they lie in (bench/). */
#define GRAPH_SHARE(bytes) ((bytes) / 3 * 2)

static void add_present(void *context, uint64_t start, uint64_t end)
{
    *(uint64_t *)context += end - start;
}

bool heap_view_fits(const struct look *look, uint64_t *needed)
{
    struct target *target = look->cpython->target;
    struct stream_plan *plan;
    uint64_t bytes = 0;
    struct error *error = stream_plan_new(target, &plan);
    if (error) {
        error_free(error);
        return false;
    }
    size_t count = stream_plan_ranges(plan, NULL);
    struct stream_range *ranges = calloc(count + 1, sizeof *ranges);
    if (ranges)
        stream_plan_ranges(plan, ranges);
    for (size_t i = 0; i < count && ranges; i++)
        target_visit_present(target, ranges[i].start, ranges[i].end, add_present, &bytes);
    free(ranges);
    stream_plan_free(plan);
    *needed = GRAPH_SHARE(bytes) + (target_is_costly(target) ? bytes : 0);
    return *needed < memory_available();
}
