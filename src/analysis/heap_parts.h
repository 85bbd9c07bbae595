/* heap_parts.h: what the files of the heap's report share. */
#ifndef STETH_ANALYSIS_HEAP_PARTS_H
#define STETH_ANALYSIS_HEAP_PARTS_H

#include "analysis/heap_view.h"
#include "heap/reach.h"

struct heap_work {
    const struct look *look;
    const struct heap_view *view;
    const struct look_options *options;
    struct report *report;
    char **kind_names; /* per kind, NULL until asked for */
    VECTOR(struct path_root) roots;
    uint32_t *before; /* reach.h, when first needed */
};

/* The type of a kind by name; "?" without memory. Owned by the work. */
const char *heap_kind_name(struct heap_work *work, uint32_t kind);

/* Makes work->before available; false when there is no memory. */
bool heap_reach(struct heap_work *work);

/* Fills `path` for the object that the last of `chain`, nodes from a root on, is. An empty chain:
 * no root reaches `node`. False when there is no memory. */
bool heap_path_fill(struct heap_work *work, uint32_t node, const uint32_t *chain, size_t count,
                    struct heap_path *path);
/* The same by the shortest way of all. */
bool heap_path_shortest(struct heap_work *work, uint32_t node, struct heap_path *path);

/* heap_types.c: totals and types. heap_regions.c: what the resident memory is. */
struct error *heap_add_types(struct heap_work *work);
struct error *heap_add_regions(struct heap_work *work);
/* heap_paths.c: --path. heap_dominators.c: --dominators. heap_cycles.c: --cycles, RES003. */
struct error *heap_add_paths(struct heap_work *work);
/* heap_holders.c: below what the instances of types gather. */
struct error *heap_add_holdings(struct heap_work *work);
struct error *heap_add_dominators(struct heap_work *work);
struct error *heap_add_cycles(struct heap_work *work);

#endif
