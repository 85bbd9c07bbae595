#include "analysis/chains.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"

#define CHAIN_NODES_MAX 64

struct place place_of(struct source_place *from)
{
    struct place place = {.file = from->file, .line = from->line, .function = from->function};
    *from = (struct source_place){0};
    return place;
}

static bool add_node(const struct wait_picture *picture, uint32_t vertex, const char *why,
                     wait_chain *chain)
{
    struct source_place place;
    (void)vertex_place(picture, vertex, &place);
    struct wait_node node = {
        .kind = vertex_word(picture, vertex),
        .name = vertex_name(picture, vertex),
        .waits_for = why ? strdup(why) : NULL,
        .at = place_of(&place),
        .address = picture->graph.vertices.items[vertex].address,
    };
    return vector_push(chain, node);
}

static const char *why_next(const struct wait_picture *picture, uint32_t vertex, uint32_t next)
{
    const struct wait_edge *need = wait_graph_between(&picture->graph, vertex, next);
    return need ? need->why : NULL;
}

/* Lower for what a reader would begin with: threads before tasks, older tasks before newer. */
static uint64_t rank_of(const struct wait_picture *picture, uint32_t number)
{
    const struct wait_vertex *vertex = &picture->graph.vertices.items[number];
    size_t task;
    switch (vertex->kind) {
    case VERTEX_THREAD:
        return 0;
    case VERTEX_TASK:
        task = snapshot_task(picture->snapshot, vertex->address);
        return task == NOBODY ? UINT64_MAX - 1 : 1 + snapshot_task_number(picture->snapshot, task);
    default:
        return UINT64_MAX;
    }
}

static size_t first_of(const struct wait_picture *picture, const struct wait_cycle *cycle,
                       uint64_t first)
{
    size_t best = 0;
    for (size_t i = 0; i < cycle->vertices.count; i++) {
        uint32_t number = cycle->vertices.items[i];
        if (picture->graph.vertices.items[number].address == first)
            return i;
        if (rank_of(picture, number) < rank_of(picture, cycle->vertices.items[best]))
            best = i;
    }
    return best;
}

/*
 * A future that only stands for the place of a task in the queue of a lock, or for its timer, says
 * nothing to a reader: the task waits for the lock, or for its loop.
 */
static bool is_go_between(const struct wait_picture *picture, enum vertex_kind before,
                          uint32_t vertex)
{
    const struct wait_edge *need = wait_graph_need(&picture->graph, vertex);
    if (before != VERTEX_TASK || !need ||
        picture->graph.vertices.items[vertex].kind != VERTEX_FUTURE)
        return false;
    enum vertex_kind after = picture->graph.vertices.items[need->to].kind;
    return after == VERTEX_LOCK || after == VERTEX_QUEUE || after == VERTEX_LOOP;
}

/* Adds `vertex`, or lets its need speak for the task before it. */
static bool add_next(const struct wait_picture *picture, uint32_t vertex, enum vertex_kind *before,
                     const char *why, wait_chain *chain)
{
    if (!is_go_between(picture, *before, vertex)) {
        *before = picture->graph.vertices.items[vertex].kind;
        return add_node(picture, vertex, why, chain);
    }
    struct wait_node *task = chain->count ? &chain->items[chain->count - 1] : NULL;
    char *better = task && why ? strdup(why) : NULL;
    if (better) {
        free(task->waits_for);
        task->waits_for = better;
    }
    return true;
}

bool chain_of_cycle(const struct wait_picture *picture, const struct wait_cycle *cycle,
                    uint64_t first, wait_chain *chain)
{
    size_t start = first_of(picture, cycle, first), count = cycle->vertices.count;
    enum vertex_kind before = VERTEX_ANYBODY;
    for (size_t i = 0; i < count; i++) {
        uint32_t vertex = cycle->vertices.items[(start + i) % count];
        uint32_t next = cycle->vertices.items[(start + i + 1) % count];
        if (!add_next(picture, vertex, &before, why_next(picture, vertex, next), chain))
            return false;
    }
    return true;
}

/* What a vertex that may still move waits for: its first edge. */
static const struct wait_edge *next_edge(const struct wait_picture *picture, uint32_t vertex)
{
    const struct wait_edge *need = wait_graph_need(&picture->graph, vertex);
    uint32_t first = picture->graph.vertices.items[vertex].first;
    return need ? need : first == NO_EDGE ? NULL : &picture->graph.edges.items[first];
}

static bool is_among(const uint32_t *met, size_t count, uint32_t vertex)
{
    for (size_t i = 0; i < count; i++)
        if (met[i] == vertex)
            return true;
    return false;
}

bool chain_from(const struct wait_picture *picture, uint32_t vertex, wait_chain *chain)
{
    uint32_t met[CHAIN_NODES_MAX];
    enum vertex_kind before = VERTEX_ANYBODY;
    for (size_t count = 0; count < CHAIN_NODES_MAX;) {
        const struct wait_edge *edge = next_edge(picture, vertex);
        if (!add_next(picture, vertex, &before, edge ? edge->why : NULL, chain))
            return false;
        met[count++] = vertex;
        if (!edge || is_among(met, count, edge->to))
            break;
        vertex = edge->to;
    }
    return true;
}

char *chain_identity(const wait_chain *chain)
{
    char *identity = strdup("");
    for (size_t i = 0; identity && i < chain->count; i++) {
        const struct wait_node *node = &chain->items[i];
        _cleanup_free_ char *before = identity;
        identity =
            text_format("%s>%s:%s", before, node->kind, node->at.function ? node->at.function : "");
    }
    return identity;
}
