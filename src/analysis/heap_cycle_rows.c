/* One ring of objects for the reader: what it is made of, one way round, where to cut it. */
#include <stdlib.h>
#include <string.h>

#include "analysis/heap_cuts.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "heap/steps.h"
#include "heap/weak_edge.h"
#include "object/referents.h"

#define CUTS_SHOWN     4
#define EDGES_MOST     (1u << 22) /* of a component whose edges are tried one by one */
#define RING_NODES_MAX 64         /* a longer way round is not shown */

/* ---- what it is made of ---------------------------------------------------------------------- */

static int compare_kinds(const void *left, const void *right)
{
    const uint32_t *a = left, *b = right;
    return (*a > *b) - (*a < *b);
}

static bool add_kind(struct cycle_search *search, uint32_t kind, size_t count,
                     struct heap_cycle *row)
{
    const char *name = heap_kind_name(search->work, kind);
    _cleanup_free_ char *text = count > 1 ? text_format("%s x %zu", name, count) : strdup(name);
    if (!text || !name_list_add(&row->types, text))
        return false;
    return !cycle_kind_has_finalizer(search, kind) || name_list_add(&row->finalizers, name);
}

static bool add_types(struct cycle_search *search, uint32_t component, struct heap_cycle *row)
{
    const struct object_graph *graph = search->work->view->graph;
    uint32_t first = row_begin(&search->members, component);
    size_t count = row_end(&search->members, component) - first;
    _cleanup_free_ uint32_t *kinds = calloc(count, sizeof *kinds);
    if (!kinds)
        return false;
    for (size_t i = 0; i < count; i++)
        kinds[i] = graph->kind_of[search->members.to[first + i]];
    qsort(kinds, count, sizeof *kinds, compare_kinds);
    for (size_t i = 0, same; i < count; i += same) {
        for (same = 1; i + same < count && kinds[i + same] == kinds[i];)
            same++;
        if (!add_kind(search, kinds[i], same, row))
            return false;
    }
    return true;
}

/* ---- one way round --------------------------------------------------------------------------- */

/* The shortest way from `from` to `to` inside of the component; empty: none was found. */
static bool find_way(struct cycle_search *search, uint32_t component, uint32_t from, uint32_t to,
                     node_vector *way)
{
    const struct rows *edges = &search->work->view->graph->edges;
    struct address_map before = {0}; /* node + 1 -> the one before */
    node_vector queue = {0};
    bool good = address_map_put(&before, (uint64_t)from + 1, from) && vector_push(&queue, from);
    for (size_t i = 0; i < queue.count && good && queue.items[i] != to; i++)
        for (uint32_t k = row_begin(edges, queue.items[i]);
             k < row_end(edges, queue.items[i]) && good; k++) {
            uint32_t next = edges->to[k];
            if (search->components.of[next] == component &&
                address_map_get(&before, (uint64_t)next + 1) == ADDRESS_MAP_ABSENT)
                good = address_map_put(&before, (uint64_t)next + 1, queue.items[i]) &&
                       vector_push(&queue, next);
        }
    way->count = 0;
    if (good && address_map_get(&before, (uint64_t)to + 1) != ADDRESS_MAP_ABSENT)
        for (uint32_t node = to; good; node = address_map_get(&before, (uint64_t)node + 1)) {
            good = vector_push(way, node);
            if (node == from)
                break;
        }
    for (size_t i = 0; i < way->count / 2; i++) {
        uint32_t swapped = way->items[i];
        way->items[i] = way->items[way->count - 1 - i];
        way->items[way->count - 1 - i] = swapped;
    }
    address_map_free(&before);
    vector_free(&queue);
    return good;
}

/* A ring of objects by address, the first one again at its end. */
struct ring {
    uint64_t addresses[RING_NODES_MAX + 1];
    size_t count; /* 0: too long, or none */
};

/* The way round through the edge that is to be cut: from where it leads to where it comes from. */
static bool find_ring(struct cycle_search *search, uint32_t component, uint32_t from, uint32_t to,
                      struct ring *ring)
{
    const struct object_graph *graph = search->work->view->graph;
    node_vector way = {0};
    bool good = find_way(search, component, to, from, &way);
    ring->count = 0;
    if (good && way.count && way.count <= RING_NODES_MAX) {
        for (size_t i = 0; i < way.count; i++)
            ring->addresses[i] = node_set_address(graph->nodes, way.items[i]);
        ring->addresses[way.count] = ring->addresses[0];
        ring->count = way.count + 1;
    }
    vector_free(&way);
    return good;
}

/* "app.Node.children[0].parent is the same app.Node" */
static char *ring_text(struct cycle_search *search, const struct ring *ring)
{
    const struct cpython *cpython = &search->work->view->cpython;
    _cleanup_free_ char *name =
        type_qualified_name(cpython, object_type(cpython, ring->addresses[0]));
    char *text = name ? strdup(name) : NULL;
    for (size_t i = 0; text && i + 1 < ring->count;) {
        _cleanup_free_ char *before = text;
        _cleanup_free_ char *step = chain_step_next(cpython, ring->addresses, ring->count, &i,
                                                    search->work->options->values, NULL);
        text = text_format("%s%s", before, step ? step : "<?>");
    }
    _cleanup_free_ char *whole = text;
    return whole ? text_format("%s is the same %s", whole, name) : NULL;
}

/* ---- where to cut ---------------------------------------------------------------------------- */

static bool add_cut(struct cycle_search *search, const struct link_cut *link,
                    struct heap_cycle *row)
{
    const struct cpython *cpython = &search->work->view->cpython;
    const struct object_graph *graph = search->work->view->graph;
    uint64_t owner = node_set_address(graph->nodes, link->owner);
    uint64_t to = node_set_address(graph->nodes, link->to);
    struct heap_cut cut = {
        .from = type_qualified_name(cpython, object_type(cpython, owner)),
        .to = type_qualified_name(cpython, object_type(cpython, to)),
        .step = referents_step(cpython, owner, to, search->work->options->values, NULL),
        .breaks_all = link->breaks_all,
        .needs_slot = link->needs_slot,
    };
    if (!cut.step)
        cut.step = strdup("<?>");
    return vector_push(&row->cuts, cut) && cut.from && cut.to && cut.step;
}

/* In a component of too many kinds of links, or where none is enough: references one by one. */
static bool find_edges(const struct cycle_search *search, uint32_t component, link_cuts *cuts)
{
    const struct heap_view *view = search->work->view;
    const struct weak_question question = {
        .edges = &view->graph->edges,
        .components = &search->components,
        .component = component,
        .members = search->members.to + row_begin(&search->members, component),
        .dominators = &view->dominators,
        .most = EDGES_MOST,
    };
    struct weak_edges weak = {0};
    bool good = weak_edges_find(&question, &weak);
    for (size_t i = 0; i < weak.edges.count && good; i++) {
        const struct weak_edge *edge = &weak.edges.items[i];
        if (link_takes_weak_references(search, edge->to))
            good = vector_push(
                cuts,
                ((struct link_cut){
                    .from = edge->from, .to = edge->to, .owner = edge->from, .breaks_all = true}));
    }
    weak_edges_free(&weak);
    return good;
}

/* Some reference of the component, when there is none to cut. */
static struct link_cut any_link(const struct cycle_search *search, uint32_t component)
{
    const struct rows *edges = &search->work->view->graph->edges;
    uint32_t node = search->members.to[row_begin(&search->members, component)];
    for (uint32_t i = row_begin(edges, node); i < row_end(edges, node); i++)
        if (search->components.of[edges->to[i]] == component)
            return (struct link_cut){.from = node, .to = edges->to[i]};
    return (struct link_cut){.from = node, .to = node};
}

/* *member becomes the object that a path is shown to. */
static bool add_cuts(struct cycle_search *search, uint32_t component, struct heap_cycle *row,
                     uint32_t *member)
{
    link_cuts cuts = {0};
    struct ring ring = {0};
    bool good = link_cuts_find(search, component, &cuts) &&
                (cuts.count || find_edges(search, component, &cuts));
    for (size_t i = 0; i < cuts.count && i < CUTS_SHOWN && good; i++)
        good = add_cut(search, &cuts.items[i], row);
    if (good) {
        struct link_cut through = cuts.count ? cuts.items[0] : any_link(search, component);
        good = find_ring(search, component, through.from, through.to, &ring);
    }
    if (good && ring.count)
        row->ring = ring_text(search, &ring);
    if (good && cuts.count)
        *member = cuts.items[0].to;
    vector_free(&cuts);
    return good;
}

bool cycle_row_fill(struct cycle_search *search, const struct cycle_group *group,
                    struct heap_cycle *row)
{
    row->count = group->count;
    row->objects = group->objects;
    row->bytes = group->bytes;
    row->retained_bytes = group->retained;
    row->garbage = group->garbage;
    uint32_t member = search->members.to[row_begin(&search->members, group->shown)];
    return add_types(search, group->shown, row) && add_cuts(search, group->shown, row, &member) &&
           heap_path_shortest(search->work, member, &row->path);
}
