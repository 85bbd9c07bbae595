/*
 * graph.h: the explored part of the reference graph, private to holders.c, holder_path.c.
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

struct holder_graph {
    const struct cpython *cpython;
    struct roots *roots;
    struct owner_search owners;
    VECTOR(struct graph_node) nodes;
    VECTOR(struct graph_edge) edges;
    struct address_map by_address;
    VECTOR(char *) names; /* of holders: a cache for holders_name */
    size_t targets;       /* the first nodes */
    bool cut;
};

#endif
