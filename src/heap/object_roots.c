/* From where the objects of a graph are held: what roots.h knows, static data, unseen C code. */
#include <stdlib.h>

#include "heap/bits.h"
#include "heap/halves.h"
#include "heap/object_graph_internal.h"

#define WORDS_READ  512
#define EDGES_AHEAD 24

struct words_visit {
    const struct cpython *cpython;
    const struct node_set *nodes;
    visit_root_word visit;
    void *context;
};

/* Words of one root, or, where that is ROOT_NONE, of those roots of `kind` that lie there. */
static void visit_words(const struct words_visit *words, uint64_t start, uint64_t end,
                        struct roots *roots, uint32_t root, enum root_kind kind)
{
    uint64_t buffer[WORDS_READ];
    start = (start + 7) & ~UINT64_C(7);
    while (start + 8 <= end) {
        size_t size = end - start < sizeof buffer ? (size_t)(end - start) : sizeof buffer;
        size_t got = target_read_some(words->cpython->target, start, buffer, size) / 8;
        if (!got)
            return;
        for (size_t i = 0; i < got; i++) {
            if (!buffer[i] || buffer[i] % 8)
                continue;
            /* Ranges may lie in one another: the innermost counts. */
            uint32_t owner = root != ROOT_NONE ? root : roots_at(roots, start + i * 8);
            if (owner == ROOT_NONE || roots->items.items[owner].kind != kind)
                continue;
            words->visit(words->context, buffer[i], owner);
        }
        start += got * 8;
    }
}

void object_root_words(const struct cpython *cpython, const struct node_set *nodes,
                       struct roots *roots, visit_root_word visit, void *context)
{
    const struct words_visit words = {cpython, nodes, visit, context};
    for (size_t i = 0; i < roots->items.count; i++)
        if (roots->items.items[i].object)
            visit(context, roots->items.items[i].object, (uint32_t)i);
    for (enum root_kind kind = ROOT_FRAME; kind <= ROOT_REGISTRY; kind++)
        for (size_t i = 0; i < roots->ranges.count; i++)
            if (!roots->ranges.items[i].outer)
                visit_words(&words, roots->ranges.items[i].start, roots->ranges.items[i].end, roots,
                            ROOT_NONE, kind);
    for (size_t i = 0; i < nodes->range_count; i++) {
        const struct node_range *range = &nodes->ranges[i];
        uint64_t end;
        uint32_t root = roots_native(roots, range->start, &end);
        if (root != ROOT_NONE)
            visit_words(&words, range->start, end < range->end ? end : range->end, roots, root,
                        ROOT_NATIVE);
    }
}

struct rooting {
    struct object_graph *graph;
    const struct roots *roots;
    uint32_t *references; /* per node: counted for it, in the end without those that were found */
    uint64_t *rooted;     /* bits: nodes that have a root */
    bool failed;
};

static void add_root(struct rooting *rooting, uint32_t node, uint32_t root)
{
    if (bit_is_set(rooting->rooted, node)) /* the better roots come first */
        return;
    bit_set(rooting->rooted, node);
    if (!vector_push(&rooting->graph->roots, ((struct object_root){node, root})))
        rooting->failed = true;
}

/*
 * Not every word there is a reference: free lists keep what they gave away, caches borrow. Where
 * all references to an object are accounted for by others, the word is none.
 */
static void take_word(void *context, uint64_t address, uint32_t root)
{
    struct rooting *rooting = context;
    uint32_t node = node_set_number(rooting->graph->nodes, address);
    if (node != NODE_NONE &&
        (rooting->references[node] || rooting->roots->items.items[root].object == address))
        add_root(rooting, node, root);
}

/* Static objects: nothing frees them, whoever refers to them. */
static void take_static(struct rooting *rooting, struct roots *roots)
{
    struct object_graph *graph = rooting->graph;
    for (size_t i = 0; i < graph->nodes->range_count; i++) {
        const struct node_range *range = &graph->nodes->ranges[i];
        if (!range->of_file)
            continue;
        uint32_t root = roots_native(roots, range->start, NULL);
        for (uint32_t node = range->ranks[0]; node < node_range_last(range); node++)
            add_root(rooting, node, root);
    }
}

/* Takes one off, but from an immortal object, and where the target did not hold still. */
static inline void account(uint32_t *references)
{
    if (*references && *references != UINT32_MAX)
        --*references;
}

static void account_for_edges(void *context, uint32_t low, uint32_t high)
{
    const struct rooting *rooting = context;
    const struct rows *edges = &rooting->graph->edges;
    uint32_t count = rows_edges(edges);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t node = edges->to[i];
        uint32_t ahead = edges->to[count - i > EDGES_AHEAD ? i + EDGES_AHEAD : i];
        __builtin_prefetch(&rooting->references[ahead - low < high - low ? ahead : low]);
        if (node - low < high - low)
            account(&rooting->references[node]);
    }
}

static int compare_roots(const void *left, const void *right)
{
    const struct object_root *a = left, *b = right;
    return (a->node > b->node) - (a->node < b->node);
}

static void find_roots(struct rooting *rooting, struct roots *roots)
{
    struct object_graph *graph = rooting->graph;
    halves_run(object_graph_count(graph), rows_edges(&graph->edges), account_for_edges, rooting);
    object_root_words(graph->cpython, graph->nodes, roots, take_word, rooting);
    take_static(rooting, roots);
    /* The others are held by C code whose memory nobody knows; immortal ones need no holder. */
    for (uint32_t node = 0; node < object_graph_count(graph); node++)
        if (rooting->references[node] && rooting->references[node] != UINT32_MAX)
            add_root(rooting, node, ROOT_NONE);
    if (graph->roots.count)
        qsort(graph->roots.items, graph->roots.count, sizeof *graph->roots.items, compare_roots);
}

struct error *object_roots_find(struct object_graph *graph, struct roots *roots,
                                uint32_t *references)
{
    struct rooting rooting = {
        .graph = graph,
        .roots = roots,
        .references = references,
        .rooted = bits_new(object_graph_count(graph)),
    };
    if (rooting.rooted)
        find_roots(&rooting, roots);
    bool good = rooting.rooted && !rooting.failed;
    free(rooting.rooted);
    return good ? NULL : error_no_memory();
}
