/* From the targets backwards, one pass over the memory a level. */

#include "base/clock.h"
#include "heap/explore_settle.h"
#include "heap/graph.h"
#include "heap/match.h"
#include "object/referents.h"

/* Passes that are still made for a better root when only a transient one is known. */
#define LEVELS_FOR_BETTER 3

struct proposal {
    uint64_t object; /* the owner */
    uint64_t referent;
};

struct exploration {
    struct holder_graph *graph;
    struct cpython remembered; /* of this level: neighbours lie together, types are met often */
    struct address_map wanted; /* unsettled nodes of this level: address -> node */
    VECTOR(struct proposal) proposals;
    uint32_t level;
    struct stream_cost cost;
};

/* ---- one level ------------------------------------------------------------------------------- */

struct edge_visit {
    struct exploration *exploration;
    uint64_t owner;
    uint32_t owner_node; /* UINT32_MAX until an edge is found */
    uint32_t root;       /* the owner is this root, or ROOT_NONE */
};

static bool is_wanted(void *context, uint64_t address)
{
    struct edge_visit *visit = context;
    return address_map_get(&visit->exploration->wanted, address) != ADDRESS_MAP_ABSENT;
}

static void found_edge(struct edge_visit *visit, uint32_t held, const struct edge *edge)
{
    struct exploration *exploration = visit->exploration;
    if (visit->root != ROOT_NONE) {
        graph_add_root(exploration->graph, held, visit->root, !edge->by_dict);
        return;
    }
    if (visit->owner_node == UINT32_MAX) {
        visit->owner_node = graph_node(exploration->graph, visit->owner, exploration->level + 1);
        nearby_meet(exploration->graph, visit->owner_node);
    }
    graph_add_edge(exploration->graph, visit->owner_node, held, edge->exact, !edge->by_dict);
}

static bool visit_edge_of_owner(void *context, const struct edge *edge)
{
    struct edge_visit *visit = context;
    uint32_t held = address_map_get(&visit->exploration->wanted, edge->referent);
    if (held != ADDRESS_MAP_ABSENT)
        found_edge(visit, held, edge);
    return !visit->exploration->graph->failed;
}

/* Lets the owner's own references decide whether it holds anything that is wanted. */
static void examine_owner(struct exploration *exploration, const struct proposal *proposal,
                          uint32_t root)
{
    struct edge_visit visit = {.exploration = exploration,
                               .owner = proposal->object,
                               .owner_node = UINT32_MAX,
                               .root = root};
    (void)referents_visit(&exploration->remembered, proposal->object, is_wanted,
                          visit_edge_of_owner, &visit);
}

static void take_root_match(struct exploration *exploration, uint32_t root,
                            const struct match *match)
{
    const struct holder_graph *graph = exploration->graph;
    uint32_t held = address_map_get(&exploration->wanted, match->object);
    const struct root *facts = &graph->roots->items.items[root];
    if (held == ADDRESS_MAP_ABSENT)
        return;
    if (facts->kind == ROOT_FRAME) {
        char *local = frame_local_of(graph->cpython, &facts->frame, match->object);
        if (!local)
            return; /* a word behind the live part of the stack */
        free(local);
    }
    graph_add_root(exploration->graph, held, root, true);
}

/* Sorts the matches into roots, which are taken at once, and owners to examine. */
static void propose_owners(struct exploration *exploration, const match_vector *matches)
{
    struct holder_graph *graph = exploration->graph;
    for (size_t i = 0; i < matches->count && !exploration->graph->failed; i++) {
        struct owner owners[OWNERS_MAX];
        size_t count = owners_propose(&graph->owners, matches->items[i].location, owners);
        for (size_t k = 0; k < count; k++) {
            if (!owners[k].object) {
                take_root_match(exploration, owners[k].root, &matches->items[i]);
                continue;
            }
            struct proposal proposal = {owners[k].object, matches->items[i].object};
            if (!vector_push(&exploration->proposals, proposal))
                exploration->graph->failed = true;
        }
    }
}

static int compare_proposals(const void *left, const void *right)
{
    const struct proposal *a = left, *b = right;
    return (a->object > b->object) - (a->object < b->object);
}

/* Examines each owner once; first those that are roots, so that their holdings need no more. */
static void examine_owners(struct exploration *exploration, bool roots)
{
    struct holder_graph *graph = exploration->graph;
    for (size_t i = 0; i < exploration->proposals.count && !exploration->graph->failed; i++) {
        const struct proposal *proposal = &exploration->proposals.items[i];
        if (i && proposal[-1].object == proposal->object)
            continue;
        uint32_t root = roots_object(graph->roots, proposal->object);
        if ((root != ROOT_NONE) != roots)
            continue;
        uint32_t held = address_map_get(&exploration->wanted, proposal->referent);
        bool shared =
            i + 1 < exploration->proposals.count && proposal[1].object == proposal->object;
        if (!roots && !shared && held != ADDRESS_MAP_ABSENT && graph->nodes.items[held].settled)
            continue;
        examine_owner(exploration, proposal, root);
    }
}

/* What the matches are worth: who owns those words, and refers by them to what is wanted. */
static void examine_matches(struct exploration *exploration, const match_vector *matches)
{
    struct holder_graph *graph = exploration->graph;
    cpython_remember(graph->cpython, &exploration->remembered);
    graph->owners.cpython = &exploration->remembered;
    exploration->proposals.count = 0;
    propose_owners(exploration, matches);
    if (exploration->proposals.count)
        qsort(exploration->proposals.items, exploration->proposals.count,
              sizeof *exploration->proposals.items, compare_proposals);
    examine_owners(exploration, true);
    examine_owners(exploration, false);
    graph->owners.cpython = graph->cpython;
    cpython_forget(graph->cpython, &exploration->remembered);
}

/*
 * What the interpreter's state and static data borrow is held by others, or by nothing at all: free
 * lists keep the addresses of what they gave away.
 */
static void judge_borrowed(struct holder_graph *graph, uint32_t number)
{
    struct graph_node *node = &graph->nodes.items[number];
    if (node->settled || node->root == ROOT_NONE ||
        graph->roots->items.items[node->root].kind < ROOT_REGISTRY)
        return;
    if (graph_is_accounted_for(graph, node))
        node->root = ROOT_NONE;
    else if (graph->any_root)
        graph_settle(graph, number);
}

static void conclude_level(struct exploration *exploration, bool cut)
{
    struct holder_graph *graph = exploration->graph;
    const struct address_map *wanted = &exploration->wanted;
    graph->cut = graph->cut || cut;
    for (size_t i = 0; i < (size_t)1 << wanted->log2_size; i++) {
        if (!wanted->keys[i])
            continue;
        graph->nodes.items[wanted->values[i]].explored = !cut;
        judge_borrowed(graph, wanted->values[i]);
    }
}

static struct error *explore_level(struct exploration *exploration)
{
    struct holder_graph *graph = exploration->graph;
    match_vector matches = {0};
    bool cut = false;
    struct error *error = match_words(graph->cpython->target, &exploration->wanted, &matches, &cut,
                                      &exploration->cost);
    if (!error) {
        examine_matches(exploration, &matches);
        conclude_level(exploration, cut);
    }
    vector_free(&matches);
    if (!error && exploration->graph->failed)
        error = error_no_memory();
    return error;
}

/* ---- the whole ------------------------------------------------------------------------------- */

/* The nodes found last that no root reaches yet are looked for next. */
static size_t want_level(struct exploration *exploration)
{
    struct holder_graph *graph = exploration->graph;
    address_map_free(&exploration->wanted);
    for (size_t i = graph->nodes.count; i-- > 0;) {
        const struct graph_node *node = &graph->nodes.items[i];
        if (node->settled) /* also those of ways from modules, which are told in between */
            continue;
        if (node->level < exploration->level)
            break;
        if (!address_map_put(&exploration->wanted, node->address, (uint32_t)i))
            exploration->graph->failed = true;
    }
    return exploration->wanted.count;
}

static struct error *explore(struct exploration *exploration, const struct holder_limits *limits)
{
    struct holder_graph *graph = exploration->graph;
    double end = monotonic_seconds() + limits->seconds;
    size_t least = limits->garbage ? limits->garbage : 1;
    unsigned extra = 0;
    graph->any_root = limits->garbage != 0;
    while (want_level(exploration) && !exploration->graph->failed) {
        if (exploration->level >= limits->levels || graph->nodes.count > limits->nodes ||
            monotonic_seconds() > end) {
            graph->cut = true;
            break;
        }
        struct error *error = explore_level(exploration);
        if (error)
            return error;
        exploration->level++;
        if (graph_targets_left(graph) < least)
            break;
        if (graph_all_rooted(graph) && ++extra > LEVELS_FOR_BETTER)
            break;
    }
    graph_settle_transient(graph);
    if (!graph->any_root && !graph->cut && !graph->failed)
        graph_settle_unexplained(graph);
    return graph->failed ? error_no_memory() : NULL;
}

struct error *graph_explore(struct holder_graph *graph, const struct holder_limits *limits)
{
    struct exploration exploration = {.graph = graph};
    struct error *error = explore(&exploration, limits);
    address_map_free(&exploration.wanted);
    vector_free(&exploration.proposals);
    return error;
}
