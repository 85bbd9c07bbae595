/* Which objects there are: those of the collector, and what they and the roots refer to. */
#include <stdlib.h>

#include "heap/object_graph_internal.h"

struct search {
    struct object_graph *graph;
    const struct census *census;
    struct roots *roots;
    uint32_t *block_edges;
    atomic_size_t next_slot;
    atomic_bool failed;
};

struct finder {
    struct search *search;
    struct tracer tracer;
    VECTOR(uint64_t) pending; /* met, but not asked for its references */
    uint32_t edges;           /* of the object that is asked */
};

/*
 * Words that only look like the head of an object are many. One of a kind that has a head for the
 * collector in front is either in its lists, then the census knows it, or is not: then that head is
 * zero but for flags (Modules/gcmodule.c: _PyObject_GC_UNTRACK, 3.8 to 3.15).
 */
static bool may_be_untracked(const struct cpython *cpython, uint64_t address)
{
    uint64_t head[GC_HEAD_BYTES / sizeof(uint64_t)];
    return target_read(cpython->target, address - sizeof head, head, sizeof head) && !head[0] &&
           !(head[1] & GC_POINTER_MASK);
}

/* Adds what is an object and not known yet. `sure`: a reference leads there, not just a word. */
static enum word_meaning meet(struct finder *finder, uint64_t address, bool sure)
{
    struct tracer *tracer = &finder->tracer;
    const struct node_range *range = tracer_range(tracer, address);
    if (!range)
        return WORD_NOTHING;
    enum word_meaning meaning = range->of_file ? WORD_STATIC : WORD_OBJECT;
    if (node_range_has(range, address))
        return meaning;
    struct lent_object lent;
    uint32_t kind = tracer_kind(tracer, address, NULL, &lent);
    if (kind == KIND_NONE)
        return WORD_NOTHING;
    const struct kind *known = kind_table_get(tracer->kinds.table, kind);
    if (!sure && known->tracks && !range->of_file && !may_be_untracked(tracer->cpython, address))
        return WORD_NOTHING;
    if (node_range_add(range, address) && !known->leaf && !vector_push(&finder->pending, address))
        atomic_store(&finder->search->failed, true);
    return meaning;
}

static void meet_all(void *context, const uint64_t *words, size_t count, bool exact)
{
    struct finder *finder = context;
    for (size_t i = 0; i < count; i++)
        if (words[i])
            finder->edges += meet(finder, words[i], exact) == WORD_OBJECT;
}

static void ask(struct finder *finder, uint64_t object)
{
    struct tracer *tracer = &finder->tracer;
    struct lent_object lent;
    uint32_t kind = tracer_kind(tracer, object, NULL, &lent);
    const struct node_range *range = tracer_range(tracer, object);
    if (kind == KIND_NONE || !range)
        return;
    finder->edges = 0;
    const struct kind *known = kind_table_get(tracer->kinds.table, kind);
    (void)referents_take(tracer->cpython, &lent, known->referents, meet_all, finder);
    __atomic_fetch_add(&finder->search->block_edges[node_range_block(range, object)], finder->edges,
                       __ATOMIC_RELAXED);
}

static void ask_pending(struct finder *finder)
{
    while (finder->pending.count && !atomic_load(&finder->search->failed))
        ask(finder, finder->pending.items[--finder->pending.count]);
}

static void meet_root(void *context, uint64_t address, uint32_t root)
{
    (void)root;
    (void)meet(context, address, false);
}

static void find(void *context, unsigned number)
{
    struct search *search = context;
    const struct heap_index *index = search->census->index;
    struct finder finder = {
        .search = search,
        .tracer = {.cpython = search->graph->cpython,
                   .nodes = search->graph->nodes,
                   .kinds = {.table = search->graph->kinds}},
    };
    if (number == 0) {
        object_root_words(search->graph->cpython, search->graph->nodes, search->roots, meet_root,
                          &finder);
        ask_pending(&finder);
    }
    for (size_t slot; (slot = atomic_fetch_add(&search->next_slot, 1)) < index->slot_count;)
        for (uint32_t i = 0; i < index->slots[slot].count; i++) {
            ask(&finder, index->slots[slot].addresses[i]);
            ask_pending(&finder);
        }
    kind_cache_free(&finder.tracer.kinds);
    vector_free(&finder.pending);
}

/* What the census found is known from the start, so that each object is asked once. */
static void add_tracked(const struct node_set *nodes, const struct heap_index *index)
{
    struct tracer tracer = {.nodes = nodes};
    for (size_t slot = 0; slot < index->slot_count; slot++)
        for (uint32_t i = 0; i < index->slots[slot].count; i++) {
            uint64_t address = index->slots[slot].addresses[i];
            const struct node_range *range = tracer_range(&tracer, address);
            if (range)
                (void)node_range_add(range, address);
        }
}

struct error *object_nodes_find(struct object_graph *graph, const struct census *census,
                                struct roots *roots, uint32_t **edges)
{
    struct search search = {.graph = graph, .census = census, .roots = roots};
    search.block_edges = calloc(graph->nodes->block_count + 1, sizeof *search.block_edges);
    if (!search.block_edges)
        return error_no_memory();
    add_tracked(graph->nodes, census->index);
    trace_parallel(find, &search);
    *edges = search.block_edges;
    if (atomic_load(&search.failed))
        return error_no_memory();
    if (!node_set_seal(graph->nodes))
        return error_new(ERROR_CANNOT_LOOK, "the process has more than %u objects", NODES_MAX);
    return NULL;
}
