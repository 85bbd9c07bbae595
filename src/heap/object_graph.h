/*
 * object_graph.h: all objects of a target and what each refers to: those the collector tracks, as
 * the census finds them, and whatever they and the roots refer to, strings and numbers too. Built
 * from a target that holds still (target/copy.h, a core, a capture), with two threads.
 *
 * Static objects (in the data of a program or library) are nodes, but edges to them are left out:
 * they are roots themselves, and nothing frees them. An object that more references are counted for
 * than are found is a root, too: C code that nobody can see holds it.
 *
 * Memory: 4 bytes an edge, 16 an object, and 1/50 of the memory looked at.
 */
#ifndef STETH_HEAP_OBJECT_GRAPH_H
#define STETH_HEAP_OBJECT_GRAPH_H

#include "heap/census.h"
#include "heap/kinds.h"
#include "heap/node_set.h"
#include "heap/roots.h"
#include "heap/rows.h"

/* A reference from outside of the heap. */
struct object_root {
    uint32_t node;
    uint32_t root; /* of struct roots; ROOT_NONE: C code, known by the reference count alone */
};

struct object_graph {
    const struct cpython *cpython; /* borrowed */
    struct node_set *nodes;
    struct kind_table *kinds;
    uint32_t *kind_of;  /* per node */
    uint32_t *bytes_of; /* per node, what it alone owns; UINT32_MAX: in `large` */
    struct {
        uint32_t node;
        uint64_t bytes;
    } * large; /* sorted */
    size_t large_count;
    struct rows edges;
    VECTOR(struct object_root) roots; /* sorted by node, one a node: the best */
    uint64_t conservative;            /* of the edges: words of unknown meaning */
    uint64_t unread;                  /* objects that could not be read to the end */
};

/*
 * `census` (with an index) and `roots` are of the same target; the roots of C libraries are added.
 * The caller frees with object_graph_free.
 */
struct error *object_graph_build(const struct cpython *cpython, const struct census *census,
                                 struct roots *roots, struct object_graph **graph);
void object_graph_free(struct object_graph *graph);

static inline uint32_t object_graph_count(const struct object_graph *graph)
{
    return graph->nodes->count;
}

/* What holds `node` from outside of the heap, NULL when nothing does. */
const struct object_root *object_graph_root(const struct object_graph *graph, uint32_t node);

uint64_t object_graph_bytes(const struct object_graph *graph, uint32_t node);
/* Of each node, as dominators_retained() takes it; the caller frees. NULL: no memory. */
uint64_t *object_graph_bytes_of_all(const struct object_graph *graph);

static inline const struct kind *object_graph_kind(const struct object_graph *graph, uint32_t node)
{
    return kind_table_get(graph->kinds, graph->kind_of[node]);
}

#endif
