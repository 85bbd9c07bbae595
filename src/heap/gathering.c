#include "heap/gathering.h"

#include <stdlib.h>

/* The ways part where no single one leads to more than so much of what is below. */
#define HEAVY_SHARE 0.7
#define LEAST_SHARE 50 /* a place with less than a fiftieth is not told */

/* The given nodes below one that no deeper place has. */
struct below {
    uint64_t bytes;
    uint32_t count;
    uint32_t heaviest; /* the child that passed on the most, NODE_NONE: none did */
    uint32_t nearest;  /* of them; where `count` is not 0 */
    bool is_place;
};

struct gathering_search {
    const uint32_t *before;
    uint32_t count;
    uint32_t *depth;     /* 1: a root; 0: not known yet, or not reached */
    struct below *below; /* of visited nodes; `heaviest` of all others is untouched: 0 */
    uint64_t *is_given;  /* bits */
    bool by_bytes;
    VECTOR(uint64_t) visited; /* depth << 32 | node */
    VECTOR(uint32_t) climb;
};

struct gathering_search *gathering_search_new(const uint32_t *before, uint32_t count)
{
    struct gathering_search *search = calloc(1, sizeof *search);
    if (!search)
        return NULL;
    search->before = before;
    search->count = count;
    search->depth = calloc((size_t)count + 1, sizeof *search->depth);
    search->below = calloc((size_t)count + 1, sizeof *search->below);
    search->is_given = calloc((size_t)count / 64 + 1, sizeof *search->is_given);
    if (search->depth && search->below && search->is_given)
        return search;
    gathering_search_free(search);
    return NULL;
}

void gathering_search_free(struct gathering_search *search)
{
    if (!search)
        return;
    free(search->depth);
    free(search->below);
    free(search->is_given);
    vector_free(&search->visited);
    vector_free(&search->climb);
    free(search);
}

static bool is_given(const struct gathering_search *search, uint32_t node)
{
    return search->is_given[node / 64] >> (node % 64) & 1;
}

static bool is_root(const struct gathering_search *search, uint32_t node)
{
    return search->before[node] == node;
}

/* ---- the ways -------------------------------------------------------------------------------- */

/* The depths of `node` and of all above it. */
static bool measure_depth(struct gathering_search *search, uint32_t node)
{
    search->climb.count = 0;
    while (!search->depth[node]) {
        if (is_root(search, node)) {
            search->depth[node] = 1;
            break;
        }
        if (!vector_push(&search->climb, node))
            return false;
        node = search->before[node];
    }
    uint32_t depth = search->depth[node];
    for (size_t i = search->climb.count; i-- > 0;)
        search->depth[search->climb.items[i]] = ++depth;
    return true;
}

/* Every node of the way to `node` that no way visited before. */
static bool visit_way(struct gathering_search *search, uint32_t node)
{
    if (!measure_depth(search, node))
        return false;
    while (!search->below[node].heaviest) {
        uint64_t key = (uint64_t)search->depth[node] << 32 | node;
        if (!vector_push(&search->visited, key))
            return false;
        search->below[node].heaviest = NODE_NONE;
        if (is_root(search, node))
            break;
        node = search->before[node];
    }
    return true;
}

static void forget(struct gathering_search *search, const uint32_t *nodes, size_t count)
{
    for (size_t i = 0; i < search->visited.count; i++)
        search->below[(uint32_t)search->visited.items[i]] = (struct below){0};
    for (size_t i = 0; i < count; i++)
        search->is_given[nodes[i] / 64] = 0;
    search->visited.count = 0;
}

static int deepest_first(const void *left, const void *right)
{
    uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
    return (a < b) - (a > b);
}

/* ---- places ---------------------------------------------------------------------------------- */

static uint64_t weight(const struct gathering_search *search, uint32_t node)
{
    const struct below *here = &search->below[node];
    return search->by_bytes ? here->bytes : here->count;
}

/* Hands what is left at `node` to the one above. */
static void pass_on(struct gathering_search *search, uint32_t node)
{
    const struct below *here = &search->below[node];
    struct below *above = &search->below[search->before[node]];
    if (here->count &&
        (!above->count || search->depth[here->nearest] < search->depth[above->nearest]))
        above->nearest = here->nearest;
    above->bytes += here->bytes;
    above->count += here->count;
    if (weight(search, node) &&
        (above->heaviest == NODE_NONE || weight(search, node) > weight(search, above->heaviest)))
        above->heaviest = node;
}

static void add_itself(struct gathering_search *search, uint32_t node, const uint32_t *bytes)
{
    if (!is_given(search, node))
        return;
    search->below[node].bytes += bytes[node];
    search->below[node].count++;
    search->below[node].nearest = node;
}

/* What is below `node` stays there. */
static void keep(struct gathering_search *search, uint32_t node)
{
    search->below[node].bytes = 0;
    search->below[node].count = 0;
}

static bool is_light(const struct gathering_search *search, uint32_t node, uint64_t whole)
{
    return (double)weight(search, node) < HEAVY_SHARE * (double)whole;
}

static bool ways_part(const struct gathering_search *search, uint32_t node)
{
    uint32_t heaviest = search->below[node].heaviest;
    return heaviest != NODE_NONE && is_light(search, heaviest, weight(search, node));
}

/* Below a root the way is one for a while: to where it parts, or to the first of the nodes. */
static uint32_t follow_heaviest(const struct gathering_search *search, uint32_t root,
                                uint64_t least)
{
    uint32_t node = root;
    for (uint32_t next; (next = search->below[node].heaviest) != NODE_NONE; node = next)
        if (is_given(search, next) || is_light(search, next, weight(search, root)) ||
            weight(search, next) < least)
            break;
    return node;
}

/* Where the way from `root` leads; the root is a place, too, for much that is elsewhere. */
static void mark_below_root(struct gathering_search *search, uint32_t root, uint64_t least)
{
    uint32_t node = follow_heaviest(search, root, least);
    search->below[node].is_place = true;
    if (node != root && weight(search, root) - weight(search, node) >= least)
        search->below[root].is_place = true;
}

static void mark_places(struct gathering_search *search, const uint32_t *bytes, uint64_t least)
{
    for (size_t i = 0; i < search->visited.count; i++) {
        uint32_t node = (uint32_t)search->visited.items[i];
        if (weight(search, node) >= least) {
            if (ways_part(search, node)) {
                search->below[node].is_place = true;
                keep(search, node);
            } else if (is_root(search, node)) {
                mark_below_root(search, node, least);
            }
        }
        add_itself(search, node, bytes);
        if (!is_root(search, node))
            pass_on(search, node);
    }
    for (size_t i = 0; i < search->visited.count; i++) {
        struct below *here = &search->below[(uint32_t)search->visited.items[i]];
        *here = (struct below){.heaviest = NODE_NONE, .is_place = here->is_place};
    }
}

/* Every node counts for the nearest place above it, by whatever that was told. */
static bool fill_places(struct gathering_search *search, const uint32_t *bytes,
                        gathering_vector *found)
{
    for (size_t i = 0; i < search->visited.count; i++) {
        uint32_t node = (uint32_t)search->visited.items[i];
        const struct below *here = &search->below[node];
        if (here->is_place && here->count) {
            struct gathering place = {node, here->nearest, here->count, here->bytes};
            if (!vector_push(found, place))
                return false;
            keep(search, node);
        }
        add_itself(search, node, bytes);
        if (!is_root(search, node))
            pass_on(search, node);
    }
    return true;
}

static int most_bytes_first(const void *left, const void *right)
{
    const struct gathering *a = left, *b = right;
    if (a->bytes != b->bytes)
        return a->bytes < b->bytes ? 1 : -1;
    if (a->count != b->count)
        return a->count < b->count ? 1 : -1;
    return (a->holder > b->holder) - (a->holder < b->holder);
}

/* Marks the nodes and visits the ways to them; what no root reaches is `lost`. */
static bool visit_all(struct gathering_search *search, const struct gathering_question *question,
                      struct gathering *lost, uint64_t *total_bytes)
{
    for (size_t i = 0; i < question->count; i++) {
        uint32_t node = question->nodes[i], bytes = question->bytes[node];
        *total_bytes += bytes;
        if (search->before[node] == NODE_NONE) {
            lost->sample = lost->count++ ? lost->sample : node;
            lost->bytes += bytes;
            continue;
        }
        search->is_given[node / 64] |= UINT64_C(1) << (node % 64);
        if (!visit_way(search, node))
            return false;
    }
    if (search->visited.count)
        qsort(search->visited.items, search->visited.count, sizeof *search->visited.items,
              deepest_first);
    return true;
}

static void mark_by(struct gathering_search *search, bool by_bytes, const uint32_t *bytes,
                    uint64_t least, uint64_t total)
{
    search->by_bytes = by_bytes;
    if (least)
        mark_places(search, bytes, least < total / LEAST_SHARE ? total / LEAST_SHARE : least);
}

bool gathering_find(struct gathering_search *search, const struct gathering_question *question,
                    gathering_vector *found)
{
    struct gathering lost = {.holder = NODE_NONE};
    uint64_t total_bytes = 0;
    bool good = visit_all(search, question, &lost, &total_bytes);
    if (good) {
        mark_by(search, false, question->bytes, question->least_count, question->count);
        mark_by(search, true, question->bytes, question->least_bytes, total_bytes);
        good = fill_places(search, question->bytes, found);
    }
    if (good && lost.count)
        good = vector_push(found, lost);
    if (found->count)
        qsort(found->items, found->count, sizeof *found->items, most_bytes_first);
    forget(search, question->nodes, question->count);
    return good;
}
