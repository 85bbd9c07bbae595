/*
 * waits: who waits for whom. snapshot.h collects threads, loops, tasks, futures, locks and
 * executors at one moment; thread_wait.h tells what a thread waits for; completers.h who could
 * complete a future; build.h makes of it a wait-for graph. Uses heap, runtime, os; knows nothing
 * of findings.
 *
 * graph.h: the wait-for graph itself, pure. A vertex is an actor or a thing that is waited for;
 * its edges lead to what it needs. What nothing outside of the graph can move is stuck.
 */
#ifndef STETH_WAITS_GRAPH_H
#define STETH_WAITS_GRAPH_H

#include "base/address_map.h"
#include "base/vector.h"

enum vertex_kind {
    VERTEX_THREAD,
    VERTEX_LOOP,
    VERTEX_TASK,
    VERTEX_FUTURE,
    VERTEX_LOCK, /* also conditions, semaphores, of threads and of asyncio */
    VERTEX_EXECUTOR,
    VERTEX_QUEUE,   /* also events: what anybody who refers to it can move */
    VERTEX_ANYBODY, /* code that is not seen: whoever in this process still runs */
};

struct wait_edge {
    uint32_t to;
    uint32_t next;   /* of the same vertex */
    bool owed;       /* the other end will do it, when it gets on; else it only could */
    bool named;      /* not owed, but the other end's code names it */
    const char *why; /* "completed by", "held by" …; static */
};

struct wait_vertex {
    enum vertex_kind kind;
    uint64_t address;
    bool needs_all;       /* every edge must move, not one of them */
    bool moves;           /* set by the caller: it gets on by itself (runs, sleeps, does I/O);
                             after wait_graph_solve: also what can be moved by others */
    uint32_t first, last; /* edges, NO_EDGE */
};

#define VERTEX_NONE UINT32_MAX
#define NO_EDGE     UINT32_MAX

struct wait_graph {
    VECTOR(struct wait_vertex) vertices;
    VECTOR(struct wait_edge) edges;
    struct address_map by_address;
    struct address_map by_ends; /* of edges */
    bool no_memory;
};
void wait_graph_free(struct wait_graph *graph);

/* The vertex of `address` (not 0), made when it is new; `made` may be NULL. VERTEX_NONE without
 * memory. */
uint32_t wait_graph_vertex(struct wait_graph *graph, enum vertex_kind kind, uint64_t address,
                           bool *made);
uint32_t wait_graph_find(const struct wait_graph *graph, uint64_t address);

/* Adds an edge, behind those that are there; one that exists is kept, and becomes owed if this is.
 */
void wait_graph_edge(struct wait_graph *graph, uint32_t from, uint32_t to, bool owed,
                     const char *why);

/* The same, not owed, but named; one that exists becomes so. */
void wait_graph_named_edge(struct wait_graph *graph, uint32_t from, uint32_t to, const char *why);

/* Spreads `moves` to everything that it reaches: what is left is stuck. */
void wait_graph_solve(struct wait_graph *graph);

/*
 * Cycles of owed edges among stuck vertices, disjoint; each starts at the vertex whose need is the
 * next one, and the last needs the first.
 */
struct wait_cycle {
    VECTOR(uint32_t) vertices;
};
typedef VECTOR(struct wait_cycle) wait_cycle_vector;
bool wait_graph_cycles(const struct wait_graph *graph, wait_cycle_vector *cycles);
void wait_cycles_free(wait_cycle_vector *cycles);

/*
 * The shortest way over stuck vertices, by owed edges and others (by owed and named ones only, when
 * `told`), without its end `to` (which may be `from`). False when there is none, or no memory.
 */
bool wait_graph_way(const struct wait_graph *graph, uint32_t from, uint32_t to, bool told,
                    struct wait_cycle *way);
/* The edge from one vertex to another; NULL when there is none. */
const struct wait_edge *wait_graph_between(const struct wait_graph *graph, uint32_t from,
                                           uint32_t to);

/* The edge that a stuck vertex is stuck on: owed before others; NULL when it has none. */
const struct wait_edge *wait_graph_need(const struct wait_graph *graph, uint32_t vertex);

#endif
