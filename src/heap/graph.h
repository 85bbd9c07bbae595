/*
 * graph.h: the explored part of the reference graph, private to the search for holders.
 * Nodes are objects; an edge goes from a holder to what it holds.
 */
#ifndef STETH_HEAP_GRAPH_H
#define STETH_HEAP_GRAPH_H

#include "heap/holders.h"
#include "heap/owners.h"

#define EDGE_NONE UINT32_MAX
#define NAME_NONE UINT32_MAX

struct graph_node {
    uint64_t address;
    uint32_t level;               /* passes away from the targets */
    uint32_t references;          /* owned references to it that were found */
    uint32_t exact_references;    /* those of known layouts */
    uint32_t first_out, first_in; /* edges */
    uint32_t parent; /* edge towards the root on the shortest path; EDGE_NONE: `root` holds it */
    uint32_t root;   /* the root that holds it directly, ROOT_NONE */
    uint32_t name;   /* its holder's, in graph->names; NAME_NONE while unknown */
    bool settled;    /* a path from a root is known */
    bool explored;   /* every reference to it has been looked for */
};

struct graph_edge {
    uint32_t from, to;
    uint32_t next_out, next_in;
    bool exact;
};

struct neighbourhood;

struct holder_graph {
    const struct cpython *cpython;
    struct roots *roots;
    struct owner_search owners;
    VECTOR(struct graph_node) nodes;
    VECTOR(struct graph_edge) edges;
    struct address_map by_address;
    VECTOR(char *) names; /* of holders: a cache for holders_name */
    size_t targets;       /* the first nodes */
    bool any_root;        /* the kind of a root does not matter */
    bool cut;
    VECTOR(uint32_t) queue; /* of graph_settle() */
    struct neighbourhood *near;
    bool failed; /* out of memory */
};

/* The node of `address`, added when it is new. */
uint32_t graph_node(struct holder_graph *graph, uint64_t address, uint32_t level);

/* Not its own is a reference that another object holds for `from`, and that is met there, too. */
void graph_add_edge(struct holder_graph *graph, uint32_t from, uint32_t to, bool exact, bool own);

/* A root holds `number`. Only a module's globals end the search at once, unless any root will do:
 * the rest is transient, or may have borrowed it. */
void graph_add_root(struct holder_graph *graph, uint32_t number, uint32_t root, bool own);

/* Every reference that the object's count knows of was found: no other holds it. */
bool graph_is_accounted_for(const struct holder_graph *graph, const struct graph_node *node);

/* A path from a root to `first` is known: so it is for everything that `first` holds. */
void graph_settle(struct holder_graph *graph, uint32_t first);

/* The targets that no path is known to. */
size_t graph_targets_left(const struct holder_graph *graph);

/* ---- explore.c ------------------------------------------------------------------------------- */

/* Explores from what is not settled; graph->owners says where owners are looked for. */
struct error *graph_explore(struct holder_graph *graph, const struct holder_limits *limits);

/* ---- nearby.c -------------------------------------------------------------------------------- */

/* Looks for the targets around the modules' globals, without a pass over the memory. */
void nearby_search(struct holder_graph *graph);

/* The search from the targets came to this node: if the one from the modules was there, they met.
 */
void nearby_meet(struct holder_graph *graph, uint32_t number);
void nearby_free(struct neighbourhood *near);

#endif
