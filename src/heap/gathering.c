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
static uint32_t follow_heaviest(const struct gathering_search *search, uint32_t node,
                                uint64_t whole)
{
    for (uint32_t next; (next = search->below[node].heaviest) != NODE_NONE; node = next)
        if (is_given(search, next) || is_light(search, next, whole))
            break;
    return node;
}

/* What is below `node` gathers there; only what it is itself goes on. */
static bool take_place(struct gathering_search *search, uint32_t node, const struct below *own,
                       gathering_vector *found)
{
    struct below *here = &search->below[node];
    struct gathering place = {
        .holder = node, .count = here->count - own->count, .bytes = here->bytes - own->bytes};
    if (is_root(search, node) && !ways_part(search, node))
        place.holder = follow_heaviest(search, node, weight(search, node));
    place.sample = search->below[place.holder].nearest;
    *here = (struct below){own->bytes, own->count, here->heaviest, here->nearest};
    return !place.count || vector_push(found, place);
}

static bool find_places(struct gathering_search *search, const uint32_t *bytes, uint64_t least,
                        gathering_vector *found)
{
    for (size_t i = 0; i < search->visited.count; i++) {
        uint32_t node = (uint32_t)search->visited.items[i];
        struct below *here = &search->below[node];
        struct below own = {0};
        if (is_given(search, node))
            own = (struct below){.bytes = bytes[node], .count = 1};
        uint64_t others = weight(search, node);
        here->bytes += own.bytes;
        here->count += own.count;
        bool root = is_root(search, node);
        if (others >= least && (root || ways_part(search, node)) &&
            !take_place(search, node, &own, found))
            return false;
        if (own.count)
            here->nearest = node;
        if (!root)
            pass_on(search, node);
    }
    return true;
}

static int most_first(uint64_t a, uint64_t b)
{
    return (a < b) - (a > b);
}

static int most_nodes_first(const void *left, const void *right)
{
    const struct gathering *a = left, *b = right;
    int order = most_first(a->count, b->count);
    return order ? order : (a->holder > b->holder) - (a->holder < b->holder);
}

static int most_bytes_first(const void *left, const void *right)
{
    const struct gathering *a = left, *b = right;
    int order = most_first(a->bytes, b->bytes);
    return order ? order : most_nodes_first(left, right);
}

/* Marks the nodes and visits the ways to them; what no root reaches is `lost`. */
static bool visit_all(struct gathering_search *search, const struct gathering_question *question,
                      struct gathering *lost, uint64_t *total)
{
    for (size_t i = 0; i < question->count; i++) {
        uint32_t node = question->nodes[i], bytes = question->bytes[node];
        *total += question->by_bytes ? bytes : 1;
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

bool gathering_find(struct gathering_search *search, const struct gathering_question *question,
                    gathering_vector *found)
{
    struct gathering lost = {.holder = NODE_NONE};
    uint64_t total = 0, least = question->least ? question->least : 1;
    search->by_bytes = question->by_bytes;
    bool good = visit_all(search, question, &lost, &total);
    if (least < total / LEAST_SHARE)
        least = total / LEAST_SHARE;
    good = good && find_places(search, question->bytes, least, found);
    if (good && lost.count)
        good = vector_push(found, lost);
    if (found->count)
        qsort(found->items, found->count, sizeof *found->items,
              question->by_bytes ? most_bytes_first : most_nodes_first);
    forget(search, question->nodes, question->count);
    return good;
}
