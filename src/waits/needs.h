/*
 * needs.h: what each kind of vertex needs to get on; private to build.c and the needs_*.c files. A
 * file adds the edges of its kinds, and says what moves by itself.
 */
#ifndef STETH_WAITS_NEEDS_H
#define STETH_WAITS_NEEDS_H

#include "waits/build.h"

struct building {
    struct wait_picture *picture;
    const struct wait_picture *earlier; /* or NULL */
    struct snapshot *snapshot;
    struct wait_graph *graph;
    VECTOR(uint32_t) open;       /* vertices whose needs are still to be told */
    VECTOR(uint64_t) unpromised; /* what completers must be looked for */
    uint32_t anybody;
};

static inline struct wait_vertex *vertex_at(const struct building *building, uint32_t number)
{
    return &building->graph->vertices.items[number];
}

/* The vertex gets on by itself. */
void moves(struct building *building, uint32_t vertex);

/* The vertex of `address`; what is met for the first time is looked into later. */
uint32_t vertex_of(struct building *building, enum vertex_kind kind, uint64_t address);

/* `from` needs the thing at `address`. `why`: static. */
void need(struct building *building, uint32_t from, enum vertex_kind kind, uint64_t address,
          bool owed, const char *why);
void need_thread(struct building *building, uint32_t from, size_t thread, const char *why);

/* What is promised: threads that wait for no task or future can do without. */
const struct promises *promises_of(struct building *building);

/* Who holds what: threads that wait for no lock can do without. */
const struct holds *holds_of(struct building *building);

/* Nothing in sight moves it: who could is to be looked for. */
void need_somebody(struct building *building, uint64_t address);

enum vertex_kind kind_of_role(enum role role);

/* build_completers.c: looks for those who could move what needs somebody, and adds the edges. Once
 * for what was met before; what they need is to be told after it. */
struct error *building_find_completers(struct building *building, const struct heap_source *heap);

/* task_ends.c: adds named edges to a solved graph: from what stuck tasks wait for, to those of the
 * stuck tasks and threads whose code would bring it about. It changes nothing about who is stuck.
 */
void building_name_ends(struct building *building);

void thread_needs(struct building *building, uint32_t vertex, uint64_t address);
void loop_needs(struct building *building, uint32_t vertex, uint64_t address);
void task_needs(struct building *building, uint32_t vertex, uint64_t address);
void future_needs(struct building *building, uint32_t vertex, uint64_t address);
void pool_result_needs(struct building *building, uint32_t vertex, uint64_t address);
void executor_needs(struct building *building, uint32_t vertex, uint64_t address);
void lock_needs(struct building *building, uint32_t vertex, uint64_t address);
void queue_needs(struct building *building, uint32_t vertex, uint64_t address);

#endif
