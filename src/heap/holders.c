#include "heap/holders.h"

#include <time.h>

#include "heap/graph.h"
#include "heap/match.h"
#include "object/referents.h"

const struct holder_limits holder_limits_default = {
    .levels = 200,
    .nodes = 1 << 20,
    .seconds = 20,
};

/* Passes that are still made for a better root when only a transient one is known. */
#define LEVELS_FOR_BETTER 3

struct proposal {
    uint64_t object; /* the owner */
    uint64_t referent;
};

struct exploration {
    struct holder_graph *graph;
    struct address_map wanted; /* unsettled nodes of this level: address -> node */
    VECTOR(struct proposal) proposals;
    VECTOR(uint32_t) queue;
    uint32_t level;
    struct stream_cost cost;
    bool failed; /* out of memory */
};

/* ---- nodes and edges ------------------------------------------------------------------------- */

static uint32_t node_of(struct exploration *exploration, uint64_t address, uint32_t level)
{
    struct holder_graph *graph = exploration->graph;
    uint32_t number = address_map_get(&graph->by_address, address);
    if (number != ADDRESS_MAP_ABSENT)
        return number;
    struct graph_node node = {
        .address = address,
        .level = level,
        .first_out = EDGE_NONE,
        .first_in = EDGE_NONE,
        .parent = EDGE_NONE,
        .root = ROOT_NONE,
        .name = NAME_NONE,
    };
    number = (uint32_t)graph->nodes.count;
    if (!vector_push(&graph->nodes, node) || !address_map_put(&graph->by_address, address, number))
        exploration->failed = true;
    return number;
}

/* Marks everything that `first` holds, directly or not, as reached; `first` is settled already. */
static void settle_from(struct exploration *exploration, uint32_t first)
{
    struct holder_graph *graph = exploration->graph;
    exploration->queue.count = 0;
    if (!vector_push(&exploration->queue, first))
        exploration->failed = true;
    for (size_t i = 0; i < exploration->queue.count; i++) {
        uint32_t from = exploration->queue.items[i];
        for (uint32_t edge = graph->nodes.items[from].first_out; edge != EDGE_NONE;
             edge = graph->edges.items[edge].next_out) {
            struct graph_node *held = &graph->nodes.items[graph->edges.items[edge].to];
            if (held->settled)
                continue;
            held->settled = true;
            held->parent = edge;
            if (!vector_push(&exploration->queue, graph->edges.items[edge].to))
                exploration->failed = true;
        }
    }
}

static void add_edge(struct exploration *exploration, uint32_t from, uint32_t to, bool exact)
{
    struct holder_graph *graph = exploration->graph;
    graph->nodes.items[to].references++;
    struct graph_edge edge = {
        .from = from,
        .to = to,
        .next_out = graph->nodes.items[from].first_out,
        .next_in = graph->nodes.items[to].first_in,
        .exact = exact,
    };
    uint32_t number = (uint32_t)graph->edges.count;
    if (!vector_push(&graph->edges, edge)) {
        exploration->failed = true;
        return;
    }
    graph->nodes.items[from].first_out = number;
    graph->nodes.items[to].first_in = number;
    if (graph->nodes.items[from].settled && !graph->nodes.items[to].settled) {
        graph->nodes.items[to].settled = true;
        graph->nodes.items[to].parent = number;
        settle_from(exploration, to);
    }
}

/* A root holds `number`. Only a module's globals end the search at once: the rest is transient. */
static void add_root_edge(struct exploration *exploration, uint32_t number, uint32_t root)
{
    struct holder_graph *graph = exploration->graph;
    const struct root *items = graph->roots->items.items;
    struct graph_node *node = &graph->nodes.items[number];
    if (items[root].kind < ROOT_REGISTRY) /* the others may have borrowed it */
        node->references++;
    if (node->settled || (node->root != ROOT_NONE && items[node->root].kind <= items[root].kind))
        return;
    node->root = root;
    if (items[root].kind == ROOT_MODULE) {
        node->settled = true;
        settle_from(exploration, number);
    }
}

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

static void found_edge(struct edge_visit *visit, uint32_t held, bool exact)
{
    struct exploration *exploration = visit->exploration;
    if (visit->root != ROOT_NONE) {
        add_root_edge(exploration, held, visit->root);
        return;
    }
    if (visit->owner_node == UINT32_MAX)
        visit->owner_node = node_of(exploration, visit->owner, exploration->level + 1);
    add_edge(exploration, visit->owner_node, held, exact);
}

static bool visit_edge_of_owner(void *context, const struct edge *edge)
{
    struct edge_visit *visit = context;
    uint32_t held = address_map_get(&visit->exploration->wanted, edge->referent);
    if (held != ADDRESS_MAP_ABSENT)
        found_edge(visit, held, edge->exact);
    return !visit->exploration->failed;
}

/* Lets the owner's own references decide whether it holds anything that is wanted. */
static void examine_owner(struct exploration *exploration, const struct proposal *proposal,
                          uint32_t root)
{
    struct edge_visit visit = {.exploration = exploration,
                               .owner = proposal->object,
                               .owner_node = UINT32_MAX,
                               .root = root};
    (void)referents_visit(exploration->graph->cpython, proposal->object, is_wanted,
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
    add_root_edge(exploration, held, root);
}

/* Sorts the matches into roots, which are taken at once, and owners to examine. */
static void propose_owners(struct exploration *exploration, const match_vector *matches)
{
    struct holder_graph *graph = exploration->graph;
    for (size_t i = 0; i < matches->count && !exploration->failed; i++) {
        struct owner owners[OWNERS_MAX];
        size_t count = owners_propose(&graph->owners, matches->items[i].location, owners);
        for (size_t k = 0; k < count; k++) {
            if (!owners[k].object) {
                take_root_match(exploration, owners[k].root, &matches->items[i]);
                continue;
            }
            struct proposal proposal = {owners[k].object, matches->items[i].object};
            if (!vector_push(&exploration->proposals, proposal))
                exploration->failed = true;
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
    for (size_t i = 0; i < exploration->proposals.count && !exploration->failed; i++) {
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

static void mark_explored(struct exploration *exploration)
{
    const struct address_map *wanted = &exploration->wanted;
    for (size_t i = 0; i < (size_t)1 << wanted->log2_size; i++)
        if (wanted->keys[i])
            exploration->graph->nodes.items[wanted->values[i]].explored = true;
}

static struct error *explore_level(struct exploration *exploration)
{
    struct holder_graph *graph = exploration->graph;
    match_vector matches = {0};
    bool cut = false;
    struct error *error = match_words(graph->cpython->target, &exploration->wanted, &matches, &cut,
                                      &exploration->cost);
    if (!error) {
        exploration->proposals.count = 0;
        propose_owners(exploration, &matches);
        if (exploration->proposals.count)
            qsort(exploration->proposals.items, exploration->proposals.count,
                  sizeof *exploration->proposals.items, compare_proposals);
        examine_owners(exploration, true);
        examine_owners(exploration, false);
        graph->cut = graph->cut || cut;
        if (!cut)
            mark_explored(exploration);
    }
    vector_free(&matches);
    if (!error && exploration->failed)
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
        if (node->level < exploration->level)
            break;
        if (!node->settled && !address_map_put(&exploration->wanted, node->address, (uint32_t)i))
            exploration->failed = true;
    }
    return exploration->wanted.count;
}

static bool all_targets(const struct holder_graph *graph, bool (*holds)(const struct graph_node *))
{
    for (size_t i = 0; i < graph->targets; i++)
        if (!holds(&graph->nodes.items[i]))
            return false;
    return true;
}

static bool is_settled(const struct graph_node *node)
{
    return node->settled;
}

static bool is_settled_or_rooted(const struct graph_node *node)
{
    return node->settled || node->root != ROOT_NONE;
}

/* What no module reaches is reached from what is left, the better kinds of root first. */
static void settle_transient(struct exploration *exploration)
{
    struct holder_graph *graph = exploration->graph;
    for (int kind = ROOT_FRAME; kind <= ROOT_NATIVE; kind++) {
        for (uint32_t i = 0; i < graph->nodes.count; i++) {
            struct graph_node *node = &graph->nodes.items[i];
            if (node->settled || node->root == ROOT_NONE ||
                (int)graph->roots->items.items[node->root].kind != kind)
                continue;
            node->settled = true;
            settle_from(exploration, i);
        }
    }
}

static double now_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static struct error *explore(struct exploration *exploration, const struct holder_limits *limits)
{
    struct holder_graph *graph = exploration->graph;
    double end = now_seconds() + limits->seconds;
    unsigned extra = 0;
    while (want_level(exploration) && !exploration->failed) {
        if (exploration->level >= limits->levels || graph->nodes.count > limits->nodes ||
            now_seconds() > end) {
            graph->cut = true;
            break;
        }
        struct error *error = explore_level(exploration);
        if (error)
            return error;
        exploration->level++;
        if (all_targets(graph, is_settled))
            break;
        if (all_targets(graph, is_settled_or_rooted) && ++extra > LEVELS_FOR_BETTER)
            break;
    }
    settle_transient(exploration);
    return exploration->failed ? error_no_memory() : NULL;
}

struct error *holders_explore(const struct cpython *cpython, const struct heap_index *index,
                              const struct type_table *types, struct roots *roots,
                              const uint64_t *targets, size_t count,
                              const struct holder_limits *limits, struct holder_graph **out)
{
    struct holder_graph *graph = calloc(1, sizeof *graph);
    if (!graph)
        return error_no_memory();
    graph->cpython = cpython;
    graph->roots = roots;
    graph->owners =
        (struct owner_search){.cpython = cpython, .index = index, .types = types, .roots = roots};
    struct exploration exploration = {.graph = graph};
    for (size_t i = 0; i < count; i++)
        (void)node_of(&exploration, targets[i], 0);
    graph->targets = graph->nodes.count;
    struct error *error = explore(&exploration, limits);
    address_map_free(&exploration.wanted);
    vector_free(&exploration.proposals);
    vector_free(&exploration.queue);
    if (error) {
        holders_free(graph);
        return error;
    }
    *out = graph;
    return NULL;
}

void holders_free(struct holder_graph *graph)
{
    if (!graph)
        return;
    for (size_t i = 0; i < graph->names.count; i++)
        free(graph->names.items[i]);
    vector_free(&graph->names);
    vector_free(&graph->nodes);
    vector_free(&graph->edges);
    address_map_free(&graph->by_address);
    owner_search_free(&graph->owners);
    free(graph);
}

bool holders_cut(const struct holder_graph *graph)
{
    return graph->cut;
}
