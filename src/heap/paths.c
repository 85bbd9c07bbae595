#include "heap/paths.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "heap/bits.h"
#include "heap/large.h"

#define AHEAD 8

struct target_state {
    uint32_t ends;
    uint32_t holder; /* of the last end */
};

struct path_search {
    const struct rows *edges;
    const struct path_limits *limits;
    struct paths *paths;
    uint64_t *is_target;
    struct target_state *targets; /* by paths->before of the target, which is on no path */
    uint32_t *queue;
    uint32_t head, tail;
    uint32_t unfinished; /* targets that may have more ends */
    bool failed;
};

static void add_end(struct path_search *search, uint32_t target, uint32_t holder)
{
    struct target_state *state = &search->targets[search->paths->before[target]];
    if (state->ends == search->limits->ends || (state->ends && state->holder == holder))
        return;
    if (search->paths->ends.count == search->limits->most) {
        search->paths->cut = true;
        search->unfinished = 0;
        return;
    }
    search->failed |= !vector_push(&search->paths->ends, ((struct path_end){target, holder}));
    state->holder = holder;
    if (++state->ends == search->limits->ends)
        search->unfinished--;
}

static void reach(struct path_search *search, uint32_t node, uint32_t before, uint32_t holder)
{
    if (bit_is_set(search->is_target, node)) {
        add_end(search, node, holder);
    } else if (search->paths->before[node] == NODE_NONE) {
        search->paths->before[node] = before;
        search->queue[search->tail++] = node;
    }
}

static void prefetch_ahead(const struct path_search *search)
{
    const struct rows *edges = search->edges;
    if (search->tail - search->head <= 2 * AHEAD)
        return;
    __builtin_prefetch(&edges->first[search->queue[search->head + 2 * AHEAD]]);
    uint32_t near = search->queue[search->head + AHEAD];
    __builtin_prefetch(&edges->to[row_begin(edges, near)]);
    near = search->queue[search->head + AHEAD / 2];
    uint32_t begin = row_begin(edges, near), end = row_end(edges, near);
    for (uint32_t i = begin; i < end && i - begin < AHEAD; i++)
        __builtin_prefetch(&search->paths->before[edges->to[i]]);
}

/* First in, first out, the better roots first: so each node is reached from the best root. */
static void spread(struct path_search *search)
{
    const struct rows *edges = search->edges;
    while (search->head < search->tail && search->unfinished && !search->failed) {
        prefetch_ahead(search);
        uint32_t node = search->queue[search->head++];
        for (uint32_t i = row_begin(edges, node); i < row_end(edges, node); i++)
            reach(search, edges->to[i], node, node);
    }
}

static int compare_roots(const void *one, const void *other)
{
    const struct path_root *left = one, *right = other;
    if (left->rank != right->rank)
        return left->rank < right->rank ? -1 : 1;
    return (left->node > right->node) - (left->node < right->node);
}

static bool start(struct path_search *search, const struct path_root *roots, size_t count)
{
    _cleanup_free_ struct path_root *sorted = malloc((count + 1) * sizeof *sorted);
    if (!sorted)
        return false;
    if (count)
        memcpy(sorted, roots, count * sizeof *sorted);
    qsort(sorted, count, sizeof *sorted, compare_roots);
    for (size_t i = 0; i < count; i++)
        reach(search, sorted[i].node, sorted[i].node, NODE_NONE);
    return true;
}

static bool take_targets(struct path_search *search, const uint32_t *targets, size_t count)
{
    search->is_target = bits_new(search->edges->count);
    search->targets = calloc(count + 1, sizeof *search->targets);
    if (!search->is_target || !search->targets)
        return false;
    for (size_t i = 0; i < count; i++) {
        if (bit_is_set(search->is_target, targets[i]))
            continue;
        bit_set(search->is_target, targets[i]);
        search->paths->before[targets[i]] = search->unfinished++;
    }
    return true;
}

static bool find(struct path_search *search, const struct path_root *roots, size_t root_count,
                 const uint32_t *targets, size_t target_count)
{
    size_t count = (size_t)search->edges->count + 1;
    search->queue = large_array(count, sizeof *search->queue);
    search->paths->before = large_array(count, sizeof *search->paths->before);
    if (!search->queue || !search->paths->before)
        return false;
    memset(search->paths->before, 0xFF, count * sizeof *search->paths->before);
    if (!take_targets(search, targets, target_count))
        return false;
    if (!search->limits->ends || !search->limits->most)
        search->unfinished = 0;
    if (!search->unfinished)
        return true;
    if (!start(search, roots, root_count))
        return false;
    spread(search);
    return !search->failed;
}

bool paths_find(const struct rows *edges, const struct path_root *roots, size_t root_count,
                const uint32_t *targets, size_t target_count, const struct path_limits *limits,
                struct paths *paths)
{
    *paths = (struct paths){.count = edges->count};
    struct path_search search = {.edges = edges, .limits = limits, .paths = paths};
    bool found = find(&search, roots, root_count, targets, target_count);
    for (size_t i = 0; found && i < target_count; i++)
        paths->before[targets[i]] = NODE_NONE;
    if (!found)
        paths_free(paths);
    free(search.is_target);
    free(search.targets);
    free(search.queue);
    return found;
}

size_t paths_follow(const struct paths *paths, const struct path_end *end, uint32_t *path,
                    size_t limit)
{
    size_t length = 0;
    uint32_t node = end->target, next = end->holder;
    for (;;) {
        if (length < limit)
            path[length] = node;
        length++;
        if (next == NODE_NONE || next == node)
            return length;
        node = next;
        next = paths->before[node];
    }
}

void paths_free(struct paths *paths)
{
    free(paths->before);
    paths->before = NULL;
    vector_free(&paths->ends);
}
