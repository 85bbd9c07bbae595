/*
 * Tarjan's algorithm in Pearce's form: one word a node, which is first the least visit seen from
 * there, then the component. The two stacks share an array: a node is on one of them at a time.
 */
#include "heap/components.h"

#include "heap/large.h"

#define DONE     UINT32_C(0x80000000) /* in the mark: the rest is its component */
#define NO_CYCLE (DONE | NODES_MAX)   /* in the mark: it lies on no cycle */
#define LOW      UINT32_C(0x80000000) /* on the path: an older visit was seen from there */

struct component_search {
    const struct rows *edges;
    struct components *components;
    uint32_t *mark;   /* by node: 0 new; visit, or one seen from there; component | DONE */
    uint32_t *path;   /* from the front: nodes entered; from the back: left, in no component yet */
    uint32_t *cursor; /* by place on the path: the next edge */
    uint64_t *loops;  /* nodes with an edge to itself */
    uint32_t depth, waiting, visit;
};

static void enter(struct component_search *search, uint32_t node)
{
    search->mark[node] = ++search->visit;
    search->path[search->depth] = node;
    search->cursor[search->depth++] = row_begin(search->edges, node);
}

static void lower(struct component_search *search, uint32_t place, uint32_t seen)
{
    uint32_t *mark = &search->mark[search->path[place] & ~LOW];
    if (seen < *mark) {
        *mark = seen;
        search->path[place] |= LOW;
    }
}

/* Follows edges of the last node of the path up to one that leads to something new. */
static bool advance(struct component_search *search)
{
    const struct rows *edges = search->edges;
    uint32_t place = search->depth - 1, node = search->path[place] & ~LOW;
    uint32_t end = row_end(edges, node);
    for (uint32_t i = search->cursor[place]; i < end; i++) {
        uint32_t to = edges->to[i];
        if (!search->mark[to]) {
            search->cursor[place] = i + 1;
            enter(search, to);
            return true;
        }
        if (to == node)
            bit_set(search->loops, node);
        else
            lower(search, place, search->mark[to]);
    }
    return false;
}

/* `node` is the first that was visited of its component; the others wait. */
static bool close_component(struct component_search *search, uint32_t node)
{
    uint32_t count = search->edges->count, first = search->mark[node], size = 1;
    uint32_t number = (uint32_t)search->components->sizes.count;
    for (; search->waiting; search->waiting--, size++) {
        uint32_t other = search->path[count - search->waiting];
        if (search->mark[other] < first)
            break;
        search->mark[other] = DONE | number;
    }
    if (size == 1 && !bit_is_set(search->loops, node)) {
        search->mark[node] = NO_CYCLE;
        return true;
    }
    search->mark[node] = DONE | number;
    return vector_push(&search->components->sizes, size);
}

static bool leave(struct component_search *search)
{
    uint32_t last = search->path[--search->depth], node = last & ~LOW;
    if (last & LOW)
        search->path[search->edges->count - ++search->waiting] = node;
    else if (!close_component(search, node))
        return false;
    if (search->depth)
        lower(search, search->depth - 1, search->mark[node]);
    return true;
}

/* What has no edges, or is not to be looked at, is done before it begins. */
static void mark_outside(struct component_search *search, const uint64_t *among)
{
    const struct rows *edges = search->edges;
    for (uint32_t node = 0; node < edges->count; node++)
        if (row_begin(edges, node) == row_end(edges, node) || (among && !bit_is_set(among, node)))
            search->mark[node] = NO_CYCLE;
}

static bool find(struct component_search *search, const uint64_t *among)
{
    size_t count = search->edges->count;
    search->mark = large_array(count + 1, sizeof *search->mark);
    search->path = large_array(count + 1, sizeof *search->path);
    search->cursor = large_array(count + 1, sizeof *search->cursor);
    search->loops = bits_new(search->edges->count);
    if (!search->mark || !search->path || !search->cursor || !search->loops)
        return false;
    mark_outside(search, among);
    for (uint32_t node = 0; node < count; node++) {
        if (search->mark[node])
            continue;
        enter(search, node);
        while (search->depth)
            if (!advance(search) && !leave(search))
                return false;
    }
    for (uint32_t node = 0; node < count; node++)
        search->mark[node] =
            search->mark[node] == NO_CYCLE ? NODE_NONE : search->mark[node] & ~DONE;
    return true;
}

bool components_find(const struct rows *edges, const uint64_t *among, struct components *components)
{
    *components = (struct components){0};
    struct component_search search = {.edges = edges, .components = components};
    bool found = find(&search, among);
    components->of = search.mark;
    if (!found)
        components_free(components);
    free(search.path);
    free(search.cursor);
    free(search.loops);
    return found;
}

bool components_members(const struct components *components, uint32_t nodes, struct rows *members)
{
    if (!rows_start(members, (uint32_t)components->sizes.count))
        return false;
    for (size_t i = 0; i < components->sizes.count; i++)
        members->first[i + 1] = components->sizes.items[i];
    if (!rows_allocate(members))
        return false;
    for (uint32_t node = 0; node < nodes; node++)
        if (components->of[node] != NODE_NONE)
            rows_add(members, components->of[node], node);
    return true;
}

void components_free(struct components *components)
{
    free(components->of);
    components->of = NULL;
    vector_free(&components->sizes);
}
