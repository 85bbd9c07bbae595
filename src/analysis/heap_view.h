/*
 * heap_view.h: the heap of a target at one moment, as a graph with its dominators: what all that
 * is said about retained sizes, paths and cycles is read from. A live target is copied first.
 */
#ifndef STETH_ANALYSIS_HEAP_VIEW_H
#define STETH_ANALYSIS_HEAP_VIEW_H

#include "analysis/look.h"
#include "heap/dominators.h"
#include "heap/object_graph.h"

struct heap_view {
    struct target *copy;    /* NULL: the target holds still by itself */
    struct cpython cpython; /* reads that one; the rest is borrowed from the look */
    interpreter_vector interpreters;
    struct roots roots;
    struct object_graph *graph;
    struct dominators dominators;
    uint64_t *retained; /* per node */
    uint64_t copied_bytes;
    uint64_t tracked; /* objects of the collector */
};

/*
 * The view of a look, taken at the first call: needs as much memory as the target's heap has, and
 * some. Owned by the look.
 */
struct error *heap_view_of(struct look *look, struct heap_view **view);
void heap_view_free(struct heap_view *view);

/* Whether the machine has the memory that a view of `look`'s target takes; *needed receives it. */
bool heap_view_fits(const struct look *look, uint64_t *needed);

static inline bool heap_view_static(const struct heap_view *view, uint64_t address)
{
    const struct node_range *range = node_set_range(view->graph->nodes, address);
    return range && range->of_file;
}

#endif
