/*
 * holders.h: who refers to given objects, back to the roots. The graph is explored from the
 * objects backwards, one streamed pass of the heap a level: a word that is the address of a wanted
 * object proposes the object it lies in (index.h), and that object's own references (referents.h)
 * decide. So the cost grows with the length of the path, not with the size of the graph, and no
 * copy of the heap is kept.
 */
#ifndef STETH_HEAP_HOLDERS_H
#define STETH_HEAP_HOLDERS_H

#include "heap/census.h"
#include "heap/roots.h"

struct holder_limits {
    unsigned levels; /* passes at most */
    uint32_t nodes;  /* objects explored at most */
    double seconds;
    /*
     * 0: the paths matter, from modules before all others. Else only what no root at all reaches
     * does, and the search ends when there are fewer than so many targets left of it.
     */
    size_t garbage;
};
extern const struct holder_limits holder_limits_default;

struct holder_graph;

/*
 * Begins with what is held near a module's globals, which most is that is kept too long: that
 * takes no pass over the memory and no index. The caller frees with holders_free; `roots` is
 * borrowed until then.
 */
struct error *holders_begin(const struct cpython *cpython, struct roots *roots,
                            const uint64_t *targets, size_t count, struct holder_graph **graph);

/* Whether a root reaches every target. */
bool holders_reach_all(const struct holder_graph *graph);

/*
 * Explores from the targets that are not reached yet until each is reached from a root, nothing is
 * left to explore, or a limit is met. `index` must have been taken with buffers; it and `types`
 * are borrowed until holders_free.
 */
struct error *holders_search(struct holder_graph *graph, const struct heap_index *index,
                             const struct type_table *types, const struct holder_limits *limits);

/* The search alone, for objects that need not be near to anything. */
struct error *holders_explore(const struct cpython *cpython, const struct heap_index *index,
                              const struct type_table *types, struct roots *roots,
                              const uint64_t *targets, size_t count,
                              const struct holder_limits *limits, struct holder_graph **graph);
void holders_free(struct holder_graph *graph);

/* Whether a limit ended the exploration (then "unreachable" is not proved). */
bool holders_cut(const struct holder_graph *graph);

/* Whether a root reaches `target`. */
bool holders_reach(const struct holder_graph *graph, uint64_t target);

/*
 * The part of the path that a reader searches for: "__main__.graveyard", "__main__.Pool.last",
 * "thread worker-3: fetch().rows". NULL when no root reaches `target`. Owned by the graph.
 */
const char *holders_name(struct holder_graph *graph, uint64_t target);

/* The shortest path to an explored object, as steps for a reader. */
struct holder_path {
    VECTOR(char *)
    steps;      /* root first: "__main__", ".graveyard", "[0]"; the middle of a long path
                   is left out ("…"); empty when no root reaches it */
    bool exact; /* every edge comes from a known layout */
};
/*
 * False when there is no memory. The caller frees with holder_path_free in either case. `values`:
 * whether keys of dicts may be shown.
 */
bool holders_path(const struct holder_graph *graph, uint64_t target, bool values,
                  struct holder_path *path);
void holder_path_free(struct holder_path *path);

/* Whether the path to `target` passes through an instance of the class named `type`. */
bool holders_passes(const struct holder_graph *graph, uint64_t target, const char *type);

/*
 * Whether `target` is proved to be garbage: no root reaches it, everything that refers to it was
 * explored, and for each object on the way the references found are all that its count says.
 */
bool holders_prove_garbage(const struct holder_graph *graph, uint64_t target);

#endif
