#include "analysis/heap_cuts.h"

#include <stdlib.h>
#include <string.h>

#define EDGES_MOST    (1u << 20) /* of a component that is looked at */
#define LINKS_MOST    256        /* different links of one */
#define TOGETHER_MOST 4          /* cuts that are proposed together */
#define DOMINATORS_UP 256        /* how far up it is looked who dominates */
#define NOT_A_MEMBER  UINT32_MAX

/* One reference between two members, by their positions among the members. */
struct ring_edge {
    uint32_t from, to;
    uint32_t link;
};

struct link {
    uint32_t owner_kind;
    enum edge_kind kind;
    uint64_t name; /* key, or place in the struct; 0 for items */
    bool cuttable, item;
    bool built_in;        /* its owner is of a type that the program did not write */
    uint64_t edges, back; /* `back`: of these, how many lead to what dominates their owner */
    struct link_cut shown;
    uint32_t left; /* members still on cycles without it */
};

struct links {
    const struct cycle_search *search;
    const uint32_t *members;
    uint32_t component, count;
    uint32_t *owner_of; /* per member: the instance whose dict it is, as a member, or itself */
    VECTOR(struct ring_edge) edges;
    VECTOR(struct link) links;
    uint32_t from; /* member whose references are visited */
    bool too_large, failed;
};

/* ---- references and links -------------------------------------------------------------------- */

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

static bool collect(struct links *links)
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

/* ---- what stays on cycles -------------------------------------------------------------------- */

struct trial {
    uint32_t *first, *to; /* references that stay, by member */
    uint32_t *incoming, *queue;
};

static void trial_free(struct trial *trial)
{
    free(trial->first);
    free(trial->to);
    free(trial->incoming);
    free(trial->queue);
}

static bool trial_new(const struct links *links, struct trial *trial)
{
    size_t count = (size_t)links->count + 2;
    trial->first = calloc(count, sizeof *trial->first);
    trial->to = calloc(links->edges.count + 1, sizeof *trial->to);
    trial->incoming = calloc(count, sizeof *trial->incoming);
    trial->queue = calloc(count, sizeof *trial->queue);
    return trial->first && trial->to && trial->incoming && trial->queue;
}

/*
 * How many members are left when those to which nothing leads are taken away, again and again: none
 * when there is no cycle. `without` says which links are cut.
 */
static uint32_t left_on_cycles(const struct links *links, const bool *without, struct trial *trial)
{
    uint32_t count = links->count, filled = 0;
    memset(trial->first, 0, (count + 2) * sizeof *trial->first);
    memset(trial->incoming, 0, (count + 2) * sizeof *trial->incoming);
    for (size_t i = 0; i < links->edges.count; i++) {
        const struct ring_edge *edge = &links->edges.items[i];
        trial->first[edge->from + 2] += !without[edge->link];
        trial->incoming[edge->to] += !without[edge->link];
    }
    for (uint32_t i = 2; i < count + 2; i++)
        trial->first[i] += trial->first[i - 1];
    for (size_t i = 0; i < links->edges.count; i++) {
        const struct ring_edge *edge = &links->edges.items[i];
        if (!without[edge->link])
            trial->to[trial->first[edge->from + 1]++] = edge->to;
    }
    for (uint32_t i = 0; i < count; i++)
        if (!trial->incoming[i])
            trial->queue[filled++] = i;
    for (uint32_t i = 0; i < filled; i++)
        for (uint32_t k = trial->first[trial->queue[i]]; k < trial->first[trial->queue[i] + 1]; k++)
            if (!--trial->incoming[trial->to[k]])
                trial->queue[filled++] = trial->to[k];
    return count - filled;
}

/* ---- the choice ------------------------------------------------------------------------------ */

/* What the program wrote itself before what is built in, an attribute before an item of a list,
 * what leads back to an owner before what leads on. */
static int compare_links(const void *left, const void *right)
{
    const struct link *a = left, *b = right;
    if (a->left != b->left)
        return a->left < b->left ? -1 : 1;
    if (a->shown.needs_slot != b->shown.needs_slot)
        return a->shown.needs_slot ? 1 : -1;
    if (a->item != b->item)
        return a->item ? 1 : -1;
    if (a->built_in != b->built_in)
        return a->built_in ? 1 : -1;
    uint64_t a_back = a->back * b->edges, b_back = b->back * a->edges;
    if (a_back != b_back)
        return a_back > b_back ? -1 : 1;
    return (a->edges > b->edges) - (a->edges < b->edges);
}

/* Cuts one link after the other, each time the one that leaves least, until no cycle is left. */
static bool choose_together(struct links *links, struct trial *trial, link_cuts *cuts)
{
    bool without[LINKS_MOST] = {false};
    uint32_t left = links->count;
    while (left && cuts->count < TOGETHER_MOST) {
        size_t best = links->links.count;
        uint32_t best_left = left;
        for (size_t i = 0; i < links->links.count; i++) {
            if (without[i] || !links->links.items[i].cuttable)
                continue;
            without[i] = true;
            uint32_t now = left_on_cycles(links, without, trial);
            without[i] = false;
            if (now < best_left) {
                best = i;
                best_left = now;
            }
        }
        if (best == links->links.count)
            break;
        without[best] = true;
        left = best_left;
        if (!vector_push(cuts, links->links.items[best].shown))
            return false;
    }
    if (left)
        cuts->count = 0;
    return true;
}

/* Positions are what edges know links by: they are sorted in a copy. */
static bool choose_single(struct links *links, struct trial *trial, link_cuts *cuts)
{
    VECTOR(struct link) ranked = {0};
    bool without[LINKS_MOST] = {false}, good = true;
    for (size_t i = 0; i < links->links.count && good; i++) {
        struct link *link = &links->links.items[i];
        if (!link->cuttable)
            continue;
        without[i] = true;
        link->left = left_on_cycles(links, without, trial);
        without[i] = false;
        if (!link->left)
            good = vector_push(&ranked, *link);
    }
    if (ranked.count)
        qsort(ranked.items, ranked.count, sizeof *ranked.items, compare_links);
    for (size_t i = 0; i < ranked.count && good; i++) {
        ranked.items[i].shown.breaks_all = true;
        good = vector_push(cuts, ranked.items[i].shown);
    }
    vector_free(&ranked);
    return good;
}

bool link_cuts_find(const struct cycle_search *search, uint32_t component, link_cuts *cuts)
{
    uint32_t first = row_begin(&search->members, component);
    struct links links = {
        .search = search,
        .members = search->members.to + first,
        .count = row_end(&search->members, component) - first,
        .component = component,
    };
    struct trial trial = {0};
    bool good = collect(&links);
    if (good && !links.too_large)
        good = trial_new(&links, &trial) && choose_single(&links, &trial, cuts) &&
               (cuts->count || choose_together(&links, &trial, cuts));
    trial_free(&trial);
    free(links.owner_of);
    vector_free(&links.edges);
    vector_free(&links.links);
    return good;
}
