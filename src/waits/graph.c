#include "waits/graph.h"

#include <stdlib.h>

void wait_graph_free(struct wait_graph *graph)
{
    vector_free(&graph->vertices);
    vector_free(&graph->edges);
    address_map_free(&graph->by_address);
    address_map_free(&graph->by_ends);
}

uint32_t wait_graph_find(const struct wait_graph *graph, uint64_t address)
{
    return address ? address_map_get(&graph->by_address, address) : VERTEX_NONE;
}

uint32_t wait_graph_vertex(struct wait_graph *graph, enum vertex_kind kind, uint64_t address,
                           bool *made)
{
    uint32_t number = wait_graph_find(graph, address);
    if (made)
        *made = number == VERTEX_NONE;
    if (number != VERTEX_NONE)
        return number;
    struct wait_vertex vertex = {
        .kind = kind, .address = address, .first = NO_EDGE, .last = NO_EDGE};
    number = (uint32_t)graph->vertices.count;
    if (!vector_push(&graph->vertices, vertex) ||
        !address_map_put(&graph->by_address, address, number)) {
        graph->no_memory = true;
        return VERTEX_NONE;
    }
    return number;
}

/* One key for two vertices; the map's hash leaves the low three bits out. */
static uint64_t ends_key(uint32_t from, uint32_t to)
{
    return ((uint64_t)(from + 1) << 32 | (to + 1)) << 3;
}

void wait_graph_edge(struct wait_graph *graph, uint32_t from, uint32_t to, bool owed,
                     const char *why)
{
    if (from == VERTEX_NONE || to == VERTEX_NONE)
        return;
    uint32_t known = address_map_get(&graph->by_ends, ends_key(from, to));
    if (known != ADDRESS_MAP_ABSENT) {
        graph->edges.items[known].owed |= owed;
        return;
    }
    struct wait_edge edge = {.to = to, .next = NO_EDGE, .owed = owed, .why = why};
    uint32_t number = (uint32_t)graph->edges.count;
    if (!vector_push(&graph->edges, edge) ||
        !address_map_put(&graph->by_ends, ends_key(from, to), number)) {
        graph->no_memory = true;
        return;
    }
    struct wait_vertex *vertex = &graph->vertices.items[from];
    if (vertex->first == NO_EDGE)
        vertex->first = number;
    else
        graph->edges.items[vertex->last].next = number;
    vertex->last = number;
}

void wait_graph_named_edge(struct wait_graph *graph, uint32_t from, uint32_t to, const char *why)
{
    wait_graph_edge(graph, from, to, false, why);
    uint32_t known = address_map_get(&graph->by_ends, ends_key(from, to));
    if (known == ADDRESS_MAP_ABSENT || graph->edges.items[known].owed)
        return;
    graph->edges.items[known].named = true;
    graph->edges.items[known].why = why;
}

/* ---- who gets on ----------------------------------------------------------------------------- */

static bool can_move(const struct wait_graph *graph, const struct wait_vertex *vertex)
{
    bool any = false, all = vertex->first != NO_EDGE;
    for (uint32_t i = vertex->first; i != NO_EDGE; i = graph->edges.items[i].next) {
        bool moves = graph->vertices.items[graph->edges.items[i].to].moves;
        any |= moves;
        all &= moves;
    }
    return vertex->needs_all ? all : any;
}

void wait_graph_solve(struct wait_graph *graph)
{
    /* Chains are short; a round settles all that the round before made possible. */
    for (bool changed = true; changed;) {
        changed = false;
        for (size_t i = graph->vertices.count; i-- > 0;) {
            struct wait_vertex *vertex = &graph->vertices.items[i];
            if (!vertex->moves && can_move(graph, vertex))
                vertex->moves = changed = true;
        }
    }
}

/* ---- cycles ---------------------------------------------------------------------------------- */

const struct wait_edge *wait_graph_need(const struct wait_graph *graph, uint32_t vertex)
{
    const struct wait_edge *need = NULL;
    for (uint32_t i = graph->vertices.items[vertex].first; i != NO_EDGE;
         i = graph->edges.items[i].next) {
        const struct wait_edge *edge = &graph->edges.items[i];
        if (!graph->vertices.items[edge->to].moves && (!need || (edge->owed && !need->owed)))
            need = edge;
    }
    return need;
}

static uint32_t next_owed(const struct wait_graph *graph, uint32_t vertex)
{
    const struct wait_edge *need = wait_graph_need(graph, vertex);
    return need && need->owed ? need->to : VERTEX_NONE;
}

static bool add_cycle(const struct wait_graph *graph, uint32_t start, wait_cycle_vector *cycles)
{
    struct wait_cycle cycle = {0};
    uint32_t vertex = start;
    do {
        if (!vector_push(&cycle.vertices, vertex)) {
            vector_free(&cycle.vertices);
            return false;
        }
        vertex = next_owed(graph, vertex);
    } while (vertex != start);
    if (vector_push(cycles, cycle))
        return true;
    vector_free(&cycle.vertices);
    return false;
}

bool wait_graph_cycles(const struct wait_graph *graph, wait_cycle_vector *cycles)
{
    /* Each vertex has one need, so a walk that meets itself has found the one cycle it leads to. */
    size_t count = graph->vertices.count;
    uint32_t *walk_of = calloc(count + 1, sizeof *walk_of);
    bool ok = walk_of;
    for (uint32_t start = 0; ok && start < count; start++) {
        uint32_t vertex = start;
        while (vertex != VERTEX_NONE && !walk_of[vertex] && !graph->vertices.items[vertex].moves) {
            walk_of[vertex] = start + 1;
            vertex = next_owed(graph, vertex);
        }
        if (vertex != VERTEX_NONE && walk_of[vertex] == start + 1)
            ok = add_cycle(graph, vertex, cycles);
    }
    free(walk_of);
    return ok;
}

const struct wait_edge *wait_graph_between(const struct wait_graph *graph, uint32_t from,
                                           uint32_t to)
{
    uint32_t number = address_map_get(&graph->by_ends, ends_key(from, to));
    return number == ADDRESS_MAP_ABSENT ? NULL : &graph->edges.items[number];
}

/* Puts the vertices from `from` to the one before `to` into `way`, by who was met from where. */
static bool retrace(const uint32_t *came_from, uint32_t from, uint32_t last, struct wait_cycle *way)
{
    for (uint32_t vertex = last; vertex != from; vertex = came_from[vertex] - 1)
        if (!vector_push(&way->vertices, vertex))
            return false;
    if (!vector_push(&way->vertices, from))
        return false;
    for (size_t i = 0, j = way->vertices.count - 1; i < j; i++, j--) {
        uint32_t vertex = way->vertices.items[i];
        way->vertices.items[i] = way->vertices.items[j];
        way->vertices.items[j] = vertex;
    }
    return true;
}

bool wait_graph_way(const struct wait_graph *graph, uint32_t from, uint32_t to, bool told,
                    struct wait_cycle *way)
{
    /* One more than the vertex from which each was met. */
    uint32_t *came_from = calloc(graph->vertices.count + 1, sizeof *came_from);
    VECTOR(uint32_t) queue = {0};
    bool found = false, ok = came_from && vector_push(&queue, from);
    for (size_t i = 0; ok && !found && i < queue.count; i++) {
        uint32_t vertex = queue.items[i];
        for (uint32_t e = graph->vertices.items[vertex].first; ok && !found && e != NO_EDGE;
             e = graph->edges.items[e].next) {
            uint32_t next = graph->edges.items[e].to;
            if (told && !graph->edges.items[e].owed && !graph->edges.items[e].named)
                continue;
            if (next == to) {
                found = retrace(came_from, from, vertex, way);
                ok = found;
            } else if (!graph->vertices.items[next].moves && !came_from[next] && next != from) {
                came_from[next] = vertex + 1;
                ok = vector_push(&queue, next);
            }
        }
    }
    vector_free(&queue);
    free(came_from);
    return found;
}

void wait_cycles_free(wait_cycle_vector *cycles)
{
    for (size_t i = 0; i < cycles->count; i++)
        vector_free(&cycles->items[i].vertices);
    vector_free(cycles);
}
