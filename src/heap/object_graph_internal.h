/* object_graph_internal.h: what the files that build an object graph share. */
#ifndef STETH_HEAP_OBJECT_GRAPH_INTERNAL_H
#define STETH_HEAP_OBJECT_GRAPH_INTERNAL_H

#include <stdatomic.h>

#include "heap/object_graph.h"

/* ---- tracer: one thread that asks objects for their references --------------------------------
 */

struct tracer {
    const struct cpython *cpython;
    const struct node_set *nodes;
    struct kind_cache kinds;
    const struct node_range *searched; /* the last that was not found at once */
};

/* What a word that should be the address of an object is. */
enum word_meaning {
    WORD_NOTHING,
    WORD_STATIC, /* an object in the data of a file */
    WORD_OBJECT,
};

/* What tracer_range does where objects are not guessed to be. */
const struct node_range *tracer_search(struct tracer *tracer, uint64_t address);

/* The range around `address`, NULL when no object can begin there. */
static inline const struct node_range *tracer_range(struct tracer *tracer, uint64_t address)
{
    if (address % sizeof address)
        return NULL;
    const struct node_range *guess = node_set_guess(tracer->nodes, address);
    return guess ? guess : tracer_search(tracer, address);
}

/* The kind of the object at `address`, KIND_NONE when there is no object; *references (may be NULL)
 * its reference count, UINT32_MAX at most; *lent what there is of it to be had without reading. */
uint32_t tracer_kind(struct tracer *tracer, uint64_t address, uint32_t *references,
                     struct lent_object *lent);

/* ---- parallel.c: the same work by several threads ----------------------------------------------
 */

#define TRACERS 2

/* Calls run(context, number) in TRACERS threads, which give way to everybody else, and waits. */
void trace_parallel(void (*run)(void *context, unsigned number), void *context);

/* ---- the passes --------------------------------------------------------------------------------
 */

/* object_nodes.c: finds the objects; *edges receives the number of edges by block of the set. */
struct error *object_nodes_find(struct object_graph *graph, const struct census *census,
                                struct roots *roots, uint32_t **edges);

/* object_edges.c: fills kinds, sizes and edges; *references receives the count of each object. */
struct error *object_edges_fill(struct object_graph *graph, const uint32_t *block_edges,
                                uint32_t **references);

/* object_roots.c: from where the words of roots lead. Visits nodes and static objects alike. */
typedef void (*visit_root_word)(void *context, uint64_t address, uint32_t root);
void object_root_words(const struct cpython *cpython, const struct node_set *nodes,
                       struct roots *roots, visit_root_word visit, void *context);
/* Changes `references`, of which nobody needs what they were any more. */
struct error *object_roots_find(struct object_graph *graph, struct roots *roots,
                                uint32_t *references);

#endif
