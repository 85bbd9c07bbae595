/* --cycles: objects that refer to one another in a ring. */
#include "analysis/heap_cycles.h"

#include <stdlib.h>
#include <string.h>

#include "heap/bits.h"

/* Different make-ups that are told apart; real heaps have some hundreds. */
#define GROUPS_MAX 4096

/* ---- what takes part ------------------------------------------------------------------------- */

/* Every object refers to its class, and a class through its methods to the globals of its module:
 * with classes and modules, all that a global holds would be one ring. */
static bool is_scaffold(const struct heap_view *view, const struct kind *kind)
{
    const struct type_view *type = referents_type_view(kind->referents);
    return kind->leaf || type->flags & TYPE_TYPE_SUBCLASS ||
           type->address == view->cpython.module_type || type->base == view->cpython.module_type;
}

static bool choose_nodes(struct cycle_search *search)
{
    const struct heap_view *view = search->work->view;
    const struct object_graph *graph = view->graph;
    search->among = bits_new(object_graph_count(graph));
    for (size_t i = 0; i < graph->nodes->range_count && search->among; i++) {
        const struct node_range *range = &graph->nodes->ranges[i];
        uint32_t last = node_range_last(range);
        for (uint32_t node = range->ranks[0]; !range->of_file && node < last; node++)
            if (graph->kind_of[node] != KIND_NONE &&
                !is_scaffold(view, object_graph_kind(graph, node)))
                bit_set(search->among, node);
    }
    for (size_t i = 0; i < graph->roots.count && search->among; i++) {
        const struct object_root *root = &graph->roots.items[i];
        if (root->root != ROOT_NONE && view->roots.items.items[root->root].object)
            search->among[root->node / 64] &= ~(UINT64_C(1) << root->node % 64);
    }
    return search->among != NULL;
}

bool cycle_kind_has_finalizer(struct cycle_search *search, uint32_t kind)
{
    const struct heap_view *view = search->work->view;
    if (!search->finalizer[kind]) {
        const struct type_view *type =
            referents_type_view(kind_table_get(view->graph->kinds, kind)->referents);
        bool has = type->flags & TYPE_HEAPTYPE && type->finalize &&
                   type_lookup(&view->cpython, type->address, "__del__", NULL);
        search->finalizer[kind] = has ? 2 : 1;
    }
    return search->finalizer[kind] == 2;
}

/* ---- grouping -------------------------------------------------------------------------------- */

/* The same for the same kinds in any order. */
static uint64_t likeness(const struct cycle_search *search, uint32_t component)
{
    const struct object_graph *graph = search->work->view->graph;
    uint64_t sum = 0;
    for (uint32_t i = row_begin(&search->members, component);
         i < row_end(&search->members, component); i++) {
        uint64_t hash = address_hash(((uint64_t)graph->kind_of[search->members.to[i]] + 1) << 3);
        sum += hash ^ hash >> 31;
    }
    return sum;
}

static struct cycle_group *group_of(struct cycle_search *search, uint64_t hash, uint32_t component)
{
    for (size_t i = 0; i < search->groups.count; i++)
        if (search->groups.items[i].likeness == hash)
            return &search->groups.items[i];
    struct cycle_group group = {.likeness = hash, .shown = component};
    if (search->groups.count >= GROUPS_MAX || !vector_push(&search->groups, group)) {
        search->left_out++;
        return NULL;
    }
    return &search->groups.items[search->groups.count - 1];
}

static bool sweep(struct cycle_search *search, uint32_t node)
{
    if (search->work->view->dominators.parent[node] != NODE_NONE || bit_is_set(search->swept, node))
        return true;
    bit_set(search->swept, node);
    return vector_push(&search->queue, node);
}

/* What garbage retains: all that it leads to and no root reaches, each object once. */
static bool add_garbage(struct cycle_search *search, uint32_t component, uint64_t *bytes)
{
    const struct object_graph *graph = search->work->view->graph;
    search->queue.count = 0;
    bool good = sweep(search, search->members.to[row_begin(&search->members, component)]);
    for (size_t i = 0; i < search->queue.count && good; i++) {
        uint32_t node = search->queue.items[i];
        *bytes += object_graph_bytes(graph, node);
        for (uint32_t k = row_begin(&graph->edges, node); k < row_end(&graph->edges, node) && good;
             k++)
            good = sweep(search, graph->edges.to[k]);
    }
    return good;
}

static bool add_component(struct cycle_search *search, uint32_t component)
{
    const struct heap_view *view = search->work->view;
    const struct rows *members = &search->members;
    bool garbage = view->dominators.parent[members->to[row_begin(members, component)]] == NODE_NONE;
    struct cycle_group *group =
        group_of(search, likeness(search, component) * 2 + garbage, component);
    if (!group)
        return true;
    group->count++;
    group->garbage = garbage;
    for (uint32_t i = row_begin(members, component); i < row_end(members, component); i++) {
        uint32_t node = members->to[i], parent = view->dominators.parent[node];
        group->objects++;
        group->bytes += object_graph_bytes(view->graph, node);
        /* What is retained together: by those that no other of the ring dominates. */
        if (!garbage &&
            (parent == view->dominators.count || search->components.of[parent] != component))
            group->retained += view->retained[node];
        if (cycle_kind_has_finalizer(search, view->graph->kind_of[node]))
            group->finalizers = true;
    }
    return !garbage || add_garbage(search, component, &group->retained);
}

/* Those with a finalizer first, then garbage, then by bytes. */
static int compare_groups(const void *left, const void *right)
{
    const struct cycle_group *a = left, *b = right;
    if (a->finalizers != b->finalizers)
        return a->finalizers ? -1 : 1;
    if (a->garbage != b->garbage)
        return a->garbage ? -1 : 1;
    if (a->bytes != b->bytes)
        return a->bytes < b->bytes ? 1 : -1;
    return (a->shown > b->shown) - (a->shown < b->shown);
}

/* ---- the whole ------------------------------------------------------------------------------- */

static bool find(struct cycle_search *search)
{
    const struct object_graph *graph = search->work->view->graph;
    search->finalizer = calloc((size_t)kind_table_count(graph->kinds) + 1, 1);
    if (!search->finalizer || !choose_nodes(search) ||
        !components_find(&graph->edges, search->among, &search->components) ||
        !components_members(&search->components, object_graph_count(graph), &search->members))
        return false;
    search->swept = bits_new(object_graph_count(graph));
    for (uint32_t i = 0; i < search->components.sizes.count; i++)
        if (!search->swept || !add_component(search, i))
            return false;
    if (search->groups.count)
        qsort(search->groups.items, search->groups.count, sizeof *search->groups.items,
              compare_groups);
    return true;
}

static bool show(struct cycle_search *search)
{
    struct heap_section *section = &search->work->report->heap;
    size_t limit = search->work->options->paths;
    bool wanted = look_wants(search->work->options, "RES003"), any = false;
    section->cycles_left_out = search->left_out;
    for (size_t i = 0; i < search->groups.count; i++) {
        const struct cycle_group *group = &search->groups.items[i];
        if (limit && i >= limit && !group->finalizers) {
            section->cycles_left_out += group->count;
            continue;
        }
        struct heap_cycle row = {0};
        bool good = cycle_row_fill(search, group, &row);
        if (!vector_push(&section->cycles, row) || !good)
            return false;
        any = any || group->finalizers;
        if (group->finalizers && wanted)
            cycle_report(search, group, &section->cycles.items[section->cycles.count - 1]);
    }
    if (wanted && !any)
        report_add_ok(search->work->report, "RES003");
    return true;
}

struct error *heap_add_cycles(struct heap_work *work)
{
    struct cycle_search search = {.work = work};
    bool good = find(&search) && show(&search);
    free(search.among);
    free(search.swept);
    vector_free(&search.queue);
    free(search.finalizer);
    components_free(&search.components);
    rows_free(&search.members);
    vector_free(&search.groups);
    return good ? NULL : error_no_memory();
}
