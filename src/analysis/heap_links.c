#include "analysis/heap_links.h"

#include <stdlib.h>

#define EDGES_MOST    (1u << 20) /* of a component that is looked at */
#define DOMINATORS_UP 256        /* how far up it is looked who dominates */
#define NOT_A_MEMBER  UINT32_MAX

static uint32_t member_at(const struct links *links, uint64_t address)
{
    const struct object_graph *graph = links->search->work->view->graph;
    uint32_t node = node_set_number(graph->nodes, address);
    if (node == NODE_NONE || links->search->components.of[node] != links->component)
        return NOT_A_MEMBER;
    uint32_t low = 0, high = links->count;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (links->members[middle] <= node)
            low = middle;
        else
            high = middle;
    }
    return low;
}

static const struct type_view *type_of(const struct links *links, uint32_t member)
{
    const struct object_graph *graph = links->search->work->view->graph;
    return referents_type_view(object_graph_kind(graph, links->members[member])->referents);
}

static uint64_t address_of(const struct links *links, uint32_t member)
{
    return node_set_address(links->search->work->view->graph->nodes, links->members[member]);
}

static bool takes_weak_references(const struct type_view *type)
{
    return type->weaklistoffset || type->flags & TYPE_MANAGED_WEAKREF;
}

bool link_takes_weak_references(const struct cycle_search *search, uint32_t node)
{
    const struct kind *kind = object_graph_kind(search->work->view->graph, node);
    return takes_weak_references(referents_type_view(kind->referents));
}

/* A class with __slots__ may be given one for weak references. */
static bool may_take_them(const struct type_view *type)
{
    return takes_weak_references(type) ||
           (type->flags & TYPE_HEAPTYPE && !(type->flags & TYPE_IMMUTABLE));
}

static bool dominates(const struct dominators *dominators, uint32_t upper, uint32_t lower)
{
    for (int i = 0; i < DOMINATORS_UP && lower < dominators->count; i++) {
        lower = dominators->parent[lower];
        if (lower == upper)
            return true;
    }
    return false;
}

static struct link *link_of(struct links *links, const struct link *wanted)
{
    for (size_t i = 0; i < links->links.count; i++) {
        struct link *link = &links->links.items[i];
        if (link->owner_kind == wanted->owner_kind && link->kind == wanted->kind &&
            link->name == wanted->name)
            return link;
    }
    if (links->links.count >= LINKS_MOST) {
        links->too_large = true;
        return NULL;
    }
    if (!vector_push(&links->links, *wanted)) {
        links->failed = true;
        return NULL;
    }
    return &links->links.items[links->links.count - 1];
}

/* From a dict that is an instance's, the instance's attribute; from a list, any of its items. */
static struct link describe(const struct links *links, const struct edge *edge, uint32_t to)
{
    const struct object_graph *graph = links->search->work->view->graph;
    uint32_t owner = links->owner_of[links->from];
    bool item = edge->kind == EDGE_ITEM || edge->kind == EDGE_ELEMENT ||
                (edge->kind == EDGE_KEY_VALUE && owner == links->from &&
                 type_of(links, owner)->flags & TYPE_DICT_SUBCLASS);
    return (struct link){
        .owner_kind = graph->kind_of[links->members[owner]],
        .kind = edge->kind,
        .name = item        ? 0
                : edge->key ? edge->key
                            : edge->index,
        .cuttable = true,
        .item = item,
        .built_in = !(type_of(links, owner)->flags & TYPE_HEAPTYPE),
        .shown = {.from = links->members[links->from],
                  .to = links->members[to],
                  .owner = links->members[owner]},
    };
}

static bool add_edge(void *context, const struct edge *edge)
{
    struct links *links = context;
    uint32_t to = member_at(links, edge->referent);
    if (to == NOT_A_MEMBER)
        return true;
    struct link wanted = describe(links, edge, to);
    struct link *link = link_of(links, &wanted);
    if (!link)
        return false;
    link->cuttable = link->cuttable && may_take_them(type_of(links, to));
    link->shown.needs_slot = link->shown.needs_slot || !takes_weak_references(type_of(links, to));
    link->edges++;
    link->back +=
        dominates(&links->search->work->view->dominators, links->members[to], wanted.shown.owner);
    struct ring_edge added = {links->from, to, (uint32_t)(link - links->links.items)};
    links->too_large = links->too_large || links->edges.count >= EDGES_MOST;
    if (!links->too_large && !vector_push(&links->edges, added))
        links->failed = true;
    return !links->too_large && !links->failed;
}

static bool is_member(void *context, uint64_t address)
{
    return member_at(context, address) != NOT_A_MEMBER;
}

static bool find_owners(struct links *links)
{
    const struct cpython *cpython = &links->search->work->view->cpython;
    links->owner_of = calloc((size_t)links->count + 1, sizeof *links->owner_of);
    for (uint32_t i = 0; i < links->count && links->owner_of; i++)
        links->owner_of[i] = i;
    for (uint32_t i = 0; i < links->count && links->owner_of; i++) {
        const struct type_view *type = type_of(links, i);
        uint64_t dict = type->flags & TYPE_DICT_SUBCLASS
                            ? 0
                            : instance_dict(cpython, address_of(links, i), type);
        uint32_t member = dict ? member_at(links, dict) : NOT_A_MEMBER;
        if (member != NOT_A_MEMBER)
            links->owner_of[member] = i;
    }
    return links->owner_of != NULL;
}

bool links_collect(struct links *links)
{
    const struct heap_view *view = links->search->work->view;
    if (!find_owners(links))
        return false;
    for (uint32_t i = 0; i < links->count && !links->too_large && !links->failed; i++) {
        links->from = i;
        (void)referents_visit_bare(&view->cpython, address_of(links, i),
                                   object_graph_kind(view->graph, links->members[i])->referents,
                                   is_member, add_edge, links);
    }
    return !links->failed;
}
