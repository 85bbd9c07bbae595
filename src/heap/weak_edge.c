#include "heap/weak_edge.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "heap/weak_graph.h"

struct weak_search {
    const struct weak_question *question;
    struct weak_graph graph;
    uint32_t entry; /* in the component's numbers */
    uint32_t climbed;
    node_list cycle;
    struct weak_edges *weak;
};

static bool is_inside(const struct weak_question *question, uint32_t node)
{
    return node < question->edges->count && question->components->of[node] == question->component;
}

/* ---- the entry ------------------------------------------------------------------------------- */

/* The only member whose dominator is none; NODE_NONE when there are several, or none is known. */
static uint32_t dominating_member(const struct weak_search *search)
{
    const struct weak_question *question = search->question;
    uint32_t found = NODE_NONE;
    if (!question->dominators)
        return NODE_NONE;
    for (uint32_t i = 0; i < search->graph.rows.count; i++) {
        uint32_t parent = question->dominators->parent[question->members[i]];
        if (is_inside(question, parent))
            continue;
        if (parent == NODE_NONE || found != NODE_NONE)
            return NODE_NONE;
        found = i;
    }
    return found;
}

static bool find_entry(struct weak_search *search)
{
    const struct rows *rows = &search->graph.rows;
    search->entry = dominating_member(search);
    if (search->entry != NODE_NONE)
        return true;
    _cleanup_free_ uint32_t *holders = calloc((size_t)rows->count + 1, sizeof *holders);
    if (!holders)
        return false;
    search->entry = 0;
    for (uint32_t i = 0; i < rows_edges(rows); i++)
        holders[rows->to[i]]++;
    for (uint32_t i = 0; i < rows->count; i++)
        if (holders[i] > holders[search->entry])
            search->entry = i;
    return true;
}

/* ---- edges ----------------------------------------------------------------------------------- */

/* Dominators between two members are members: every path between them leads through these. */
static bool dominates(struct weak_search *search, uint32_t node, uint32_t other)
{
    const struct weak_question *question = search->question;
    if (!question->dominators)
        return false;
    while (other != node && is_inside(question, other) && search->climbed++ < WEAK_CLIMB_MAX)
        other = question->dominators->parent[other];
    return other == node;
}

static bool add_edge(struct weak_search *search, uint32_t from, uint32_t to,
                     enum weak_effect effect, uint32_t node)
{
    const uint32_t *members = search->question->members;
    struct weak_edge edge = {
        .from = members[from],
        .to = members[to],
        .times = search->graph.times[weak_graph_edge(&search->graph, from, to)],
        .effect = effect,
        .node = node,
        .to_entry = to == search->entry,
        .to_parent = dominates(search, members[to], members[from]),
    };
    return vector_push(&search->weak->edges, edge);
}

static bool add_common(struct weak_search *search, const bool *common, enum weak_effect effect,
                       uint32_t node)
{
    const node_list *cycle = &search->cycle;
    for (size_t i = 0; i < cycle->count; i++)
        if (common[i] &&
            !add_edge(search, cycle->items[i], cycle->items[(i + 1) % cycle->count], effect, node))
            return false;
    return true;
}

static bool find_for_all(struct weak_search *search)
{
    if (!weak_cycle_through(&search->graph, search->entry, &search->cycle))
        return false;
    _cleanup_free_ bool *common = calloc(search->cycle.count + 1, sizeof *common);
    return common && weak_common_to_all(&search->graph, &search->cycle, common) &&
           add_common(search, common, WEAK_BREAKS_ALL, NODE_NONE);
}

static bool find_for_node(struct weak_search *search, uint32_t number)
{
    if (!weak_cycle_through(&search->graph, number, &search->cycle))
        return false;
    if (!search->cycle.count)
        return true;
    _cleanup_free_ bool *common = calloc(search->cycle.count + 1, sizeof *common);
    return common && weak_common_to_node(&search->graph, &search->cycle, common) &&
           add_common(search, common, WEAK_BREAKS_NODE, search->question->members[number]);
}

/* ---- targets --------------------------------------------------------------------------------- */

static bool try_target(struct weak_search *search, uint32_t number)
{
    const struct rows *rows = &search->graph.rows;
    struct weak_target target = {.node = search->question->members[number]};
    bool all;
    for (size_t i = 0; i < search->weak->targets.count; i++)
        if (search->weak->targets.items[i].node == target.node)
            return true;
    if (!weak_all_through(&search->graph, number, &all))
        return false;
    for (uint32_t i = 0; all && i < rows_edges(rows); i++)
        target.edges += rows->to[i] == number;
    return !all || vector_push(&search->weak->targets, target);
}

static uint32_t number_of(const struct weak_search *search, uint32_t node)
{
    uint32_t low = 0, high = search->graph.rows.count;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        *(search->question->members[middle] <= node ? &low : &high) = middle;
    }
    return low;
}

static bool try_finalizers(struct weak_search *search)
{
    const struct weak_question *question = search->question;
    uint32_t tried = 0;
    bool for_each = search->weak->edges.count == 0;
    for (size_t i = 0; i < question->finalizer_count; i++) {
        if (!is_inside(question, question->finalizers[i]))
            continue;
        uint32_t number = number_of(search, question->finalizers[i]);
        if (tried++ >= WEAK_TARGETS_MAX - 1)
            search->weak->untried++;
        else if (!try_target(search, number) || (for_each && !find_for_node(search, number)))
            return false;
    }
    return true;
}

/* ---- the answer ------------------------------------------------------------------------------ */

static int compare_edges(const void *one, const void *other)
{
    const struct weak_edge *left = one, *right = other;
    if (left->effect != right->effect)
        return left->effect < right->effect ? -1 : 1;
    if (left->to_entry != right->to_entry)
        return left->to_entry ? -1 : 1;
    if (left->to_parent != right->to_parent)
        return left->to_parent ? -1 : 1;
    if (left->node != right->node)
        return left->node < right->node ? -1 : 1;
    if (left->from != right->from)
        return left->from < right->from ? -1 : 1;
    return (left->to > right->to) - (left->to < right->to);
}

static void put_in_order(struct weak_edges *weak)
{
    if (weak->edges.count)
        qsort(weak->edges.items, weak->edges.count, sizeof *weak->edges.items, compare_edges);
    if (weak->edges.count > WEAK_EDGES_MAX) {
        weak->more_edges = (uint32_t)(weak->edges.count - WEAK_EDGES_MAX);
        weak->edges.count = WEAK_EDGES_MAX;
    }
}

static bool find(struct weak_search *search)
{
    if (!find_entry(search))
        return false;
    search->weak->entry = search->question->members[search->entry];
    return find_for_all(search) && try_target(search, search->entry) && try_finalizers(search);
}

bool weak_edges_find(const struct weak_question *question, struct weak_edges *weak)
{
    struct weak_search search = {.question = question, .weak = weak};
    *weak = (struct weak_edges){.entry = NODE_NONE};
    if (question->most && weak_graph_size(question) > question->most) {
        weak->too_large = true;
        return true;
    }
    bool found = weak_graph_make(question, &search.graph) && find(&search);
    vector_free(&search.cycle);
    weak_graph_free(&search.graph);
    if (found)
        put_in_order(weak);
    else
        weak_edges_free(weak);
    return found;
}

void weak_edges_free(struct weak_edges *weak)
{
    vector_free(&weak->edges);
    vector_free(&weak->targets);
}
