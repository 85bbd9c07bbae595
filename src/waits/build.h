/*
 * build.h: the wait-for graph of a snapshot.
 */
#ifndef STETH_WAITS_BUILD_H
#define STETH_WAITS_BUILD_H

#include "waits/completers.h"
#include "waits/graph.h"
#include "waits/held.h"
#include "waits/promises.h"

/* The vertex of all code that is not seen. */
#define ANYBODY_ADDRESS UINT64_C(1)

/* What one moment of a target looks like, and who waits for whom in it. */
struct wait_picture {
    struct snapshot *snapshot;
    struct promises promises; /* found when a task or future asks for them */
    bool promised;
    struct holds holds; /* of a picture of threads alone, when a lock asks for them */
    bool held;
    struct completers completers;
    struct wait_graph graph;
    wait_cycle_vector cycles;
    uint64_t unknown_holders; /* locks that are held by somebody not seen */
};

/* Makes what the search for completers needs: a census with buffers, and the roots. */
struct heap_source {
    struct error *(*prepare)(void *context, const struct census **index, struct roots **roots);
    void *context;
};

/*
 * `heap` may be NULL: then what nobody has promised is taken to move. `earlier` may be NULL: what
 * somebody could complete then is taken to be so still, and is not searched for again.
 */
struct error *wait_picture_take(const struct cpython *cpython,
                                const interpreter_vector *interpreters, struct actors *actors,
                                const struct heap_source *heap, const struct wait_picture *earlier,
                                struct wait_picture **picture);
void wait_picture_free(struct wait_picture *picture);

/* The thread, task or loop behind a vertex as an index into the snapshot; NOBODY. */
size_t picture_thread(const struct wait_picture *picture, uint32_t vertex);

/* What a stuck task waits for in the end by itself, not through another task, thread or loop, and
 * nobody owes; VERTEX_NONE. */
uint32_t picture_dead_end(const struct wait_picture *picture, uint32_t task);

/* Whether a thread waits for room in a queue, or until all is worked off: not for an item, as idle
 * ones do. */
bool queue_holds_up(const struct snapshot *snapshot, size_t thread);
bool queue_is_joined(const struct snapshot *snapshot, size_t thread);

/* Whether `address` is part of the graph and stuck. */
bool picture_stuck(const struct wait_picture *picture, uint64_t address);

#endif
