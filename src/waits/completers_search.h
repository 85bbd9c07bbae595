/*
 * completers_search.h: the ways back from objects to those who could get at them, found a level at
 * a time; private to completers*.c.
 */
#ifndef STETH_WAITS_COMPLETERS_SEARCH_H
#define STETH_WAITS_COMPLETERS_SEARCH_H

#include "heap/owners.h"
#include "waits/completers.h"

/* An object on a way back from a target. */
struct way_node {
    uint64_t address;
    uint64_t references; /* to it, that were found */
    bool expanded;
    bool open; /* on the way to a target that is not settled */
};

/* `holder` refers to `held`: another node, or a source at which the way ends. */
struct way_link {
    uint32_t held, next; /* next link of the same held node */
    uint32_t holder;     /* node, or SOURCE_BIT | index of a source */
};
#define SOURCE_BIT UINT32_C(0x80000000)
#define LINK_NONE  UINT32_MAX

struct completer_search {
    struct snapshot *snapshot;
    struct roots *roots;
    struct owner_search owners;
    struct completers *completers;
    VECTOR(struct way_node) nodes;
    VECTOR(struct way_link) links;
    VECTOR(uint32_t) first_link; /* parallel to nodes */
    VECTOR(struct completer) sources;
    struct address_map by_address, wanted, examined;
    size_t targets;  /* the first so many nodes */
    size_t strongly; /* of them: weak references do not count */
    bool anybody_moves;
    bool no_memory;
};

/* The node of an object, made when it is new. */
uint32_t ways_node(struct completer_search *search, uint64_t address);
/* Node `holder`, or a source, refers to node `held`. */
void ways_add_link(struct completer_search *search, uint32_t held, uint32_t holder);
/* A way to node `held` ends in `source`. */
void ways_add_source(struct completer_search *search, uint32_t held, struct completer source);

/* completers_level.c: looks for everything that refers to the objects that are wanted. */
struct error *ways_expand(struct completer_search *search);

/* completers_work.c: who gets to run the work item `item`: the worker that does so, the pool in
 * whose queue it waits, or somebody who is not seen. */
void ways_end_in_work(const struct snapshot *snapshot, uint64_t item, struct completer *source);

/* completers_calls.c: the thread whose calls under way refer to `object` in `count` places that no
 * search sees; NOBODY. */
size_t ways_thread_calling(const struct snapshot *snapshot, uint64_t object, uint64_t count);

#endif
