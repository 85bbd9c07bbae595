#include "heap/reach.h"

#include <stdlib.h>

struct wave {
    uint32_t *before;
    uint32_t *queue;
    size_t filled;
};

static void reach(struct wave *wave, uint32_t node, uint32_t from)
{
    if (wave->before[node] != NODE_NONE)
        return;
    wave->before[node] = from;
    wave->queue[wave->filled++] = node;
}

static void begin(struct wave *wave, const struct path_root *roots, size_t root_count)
{
    uint32_t worst = 0;
    for (size_t i = 0; i < root_count; i++)
        worst = roots[i].rank > worst ? roots[i].rank : worst;
    for (uint32_t rank = 0; rank <= worst && root_count; rank++)
        for (size_t i = 0; i < root_count; i++)
            if (roots[i].rank == rank)
                reach(wave, roots[i].node, roots[i].node);
}

uint32_t *reach_find(const struct rows *edges, const struct path_root *roots, size_t root_count)
{
    size_t count = (size_t)edges->count + 1;
    struct wave wave = {malloc(count * sizeof *wave.before), malloc(count * sizeof *wave.queue), 0};
    if (!wave.before || !wave.queue) {
        free(wave.before);
        free(wave.queue);
        return NULL;
    }
    for (size_t i = 0; i < count; i++)
        wave.before[i] = NODE_NONE;
    begin(&wave, roots, root_count);
    for (size_t i = 0; i < wave.filled; i++) {
        uint32_t node = wave.queue[i];
        for (uint32_t k = row_begin(edges, node); k < row_end(edges, node); k++)
            reach(&wave, edges->to[k], node);
    }
    free(wave.queue);
    return wave.before;
}

bool reach_follow(const uint32_t *before, uint32_t node, node_vector *way)
{
    way->count = 0;
    if (before[node] == NODE_NONE)
        return true;
    for (;; node = before[node]) {
        if (!vector_push(way, node))
            return false;
        if (before[node] == node)
            break;
    }
    for (size_t i = 0; i < way->count / 2; i++) {
        uint32_t swapped = way->items[i];
        way->items[i] = way->items[way->count - 1 - i];
        way->items[way->count - 1 - i] = swapped;
    }
    return true;
}
