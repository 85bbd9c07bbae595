#include "heap/retained.h"

uint64_t dominators_retained(const struct dominators *dominators, uint64_t *bytes)
{
    uint64_t total = 0;
    for (uint32_t i = dominators->reached; i-- > 0;) {
        uint32_t node = dominators->order[i], parent = dominators->parent[node];
        *(parent < dominators->count ? &bytes[parent] : &total) += bytes[node];
    }
    return total;
}

/* Whether `one` comes before `other` in a list of the biggest. */
static bool bigger(const uint64_t *retained, uint32_t one, uint32_t other)
{
    return retained[one] != retained[other] ? retained[one] > retained[other] : one < other;
}

/* A heap whose first is the smallest: its place is taken by `node`. */
static void sift_down(const uint64_t *retained, uint32_t *heap, size_t count, uint32_t node)
{
    size_t at = 0, child;
    while ((child = 2 * at + 1) < count) {
        if (child + 1 < count && bigger(retained, heap[child], heap[child + 1]))
            child++;
        if (!bigger(retained, node, heap[child]))
            break;
        heap[at] = heap[child];
        at = child;
    }
    heap[at] = node;
}

static void sift_up(const uint64_t *retained, uint32_t *heap, size_t at, uint32_t node)
{
    while (at && bigger(retained, heap[(at - 1) / 2], node)) {
        heap[at] = heap[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    heap[at] = node;
}

size_t dominators_biggest(const struct dominators *dominators, const uint64_t *retained,
                          uint32_t parent, uint32_t *biggest, size_t limit)
{
    size_t found = 0;
    for (uint32_t node = 0; limit && node < dominators->count; node++) {
        if (dominators->parent[node] != parent)
            continue;
        if (found < limit)
            sift_up(retained, biggest, found++, node);
        else if (bigger(retained, node, biggest[0]))
            sift_down(retained, biggest, found, node);
    }
    for (size_t left = found; left > 1; left--) {
        uint32_t smallest = biggest[0];
        sift_down(retained, biggest, left - 1, biggest[left - 1]);
        biggest[left - 1] = smallest;
    }
    return found;
}

void dominators_heaviest(const struct dominators *dominators, const uint64_t *retained,
                         uint32_t *heaviest)
{
    for (uint32_t node = 0; node <= dominators->count; node++)
        heaviest[node] = NODE_NONE;
    for (uint32_t node = 0; node < dominators->count; node++) {
        uint32_t parent = dominators->parent[node];
        if (parent == NODE_NONE)
            continue;
        uint32_t *best = &heaviest[parent];
        if (*best == NODE_NONE || retained[node] > retained[*best])
            *best = node;
    }
}

uint32_t dominators_accumulation(const uint64_t *retained, const uint32_t *heaviest, uint32_t node,
                                 double share)
{
    uint32_t child;
    while ((child = heaviest[node]) != NODE_NONE &&
           (double)retained[child] >= share * (double)retained[node])
        node = child;
    return node;
}
