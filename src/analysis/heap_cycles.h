/* heap_cycles.h: components of the heap's graph, equal ones together; private to heap_cycles*.c. */
#ifndef STETH_ANALYSIS_HEAP_CYCLES_H
#define STETH_ANALYSIS_HEAP_CYCLES_H

#include "analysis/heap_parts.h"
#include "heap/components.h"

/* Components that are made of the same numbers of the same types. */
struct cycle_group {
    uint64_t likeness;
    uint32_t shown; /* one of them */
    uint64_t count, objects, bytes, retained;
    bool garbage, finalizers;
};

struct cycle_search {
    struct heap_work *work;
    uint64_t *among; /* bits.h: what may be part of a cycle here */
    struct components components;
    struct rows members;
    uint8_t *finalizer; /* per kind: 0 not asked, 1 has none, 2 has a __del__ of Python */
    VECTOR(struct cycle_group) groups;
    uint64_t *swept;   /* bits.h: garbage that was counted with a ring that holds it */
    node_vector queue; /* of that sweep */
    uint64_t left_out; /* components that found no room among the groups */
};

bool cycle_kind_has_finalizer(struct cycle_search *search, uint32_t kind);

/* heap_cycle_rows.c: the row of one group, with the edges to cut. False: no memory. */
bool cycle_row_fill(struct cycle_search *search, const struct cycle_group *group,
                    struct heap_cycle *row);

/* heap_cycle_finding.c: RES003. */
void cycle_report(const struct cycle_search *search, const struct cycle_group *group,
                  const struct heap_cycle *row);

#endif
