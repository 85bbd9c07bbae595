/* The second visit, when objects have numbers: their kinds, sizes and edges. */
#include <stdlib.h>

#include "heap/large.h"
#include "heap/object_graph_internal.h"

/* Blocks that a thread takes at a time. */
#define BLOCKS_TAKEN 256

struct large {
    uint32_t node;
    uint64_t bytes;
};

struct filling {
    struct object_graph *graph;
    const uint32_t *starts; /* per block: its first edge */
    uint32_t *references;
    atomic_size_t next_block;
    atomic_bool failed;
    atomic_uint_fast64_t conservative, unread;
    VECTOR(struct large) large[TRACERS];
};

struct filler {
    struct filling *filling;
    struct tracer tracer;
    uint32_t *to, *end; /* where the next edge goes; the end of the block's */
    uint64_t conservative, unread;
    unsigned number;
};

static void write_edges(void *context, const uint64_t *words, size_t count, bool exact)
{
    struct filler *filler = context;
    for (size_t i = 0; i < count && filler->to < filler->end; i++) {
        const struct node_range *range = words[i] ? tracer_range(&filler->tracer, words[i]) : NULL;
        if (!range || range->of_file || !node_range_has(range, words[i]))
            continue;
        *filler->to++ = node_range_number(range, words[i]);
        filler->conservative += !exact;
    }
}

static void set_bytes(struct filler *filler, uint32_t node, uint64_t bytes)
{
    struct filling *filling = filler->filling;
    filling->graph->bytes_of[node] = bytes < UINT32_MAX ? (uint32_t)bytes : UINT32_MAX;
    if (bytes >= UINT32_MAX &&
        !vector_push(&filling->large[filler->number], ((struct large){node, bytes})))
        atomic_store(&filling->failed, true);
}

static void fill_object(struct filler *filler, uint64_t object, uint32_t node)
{
    struct object_graph *graph = filler->filling->graph;
    struct tracer *tracer = &filler->tracer;
    struct lent_object lent;
    uint32_t kind = tracer_kind(tracer, object, &filler->filling->references[node], &lent);
    graph->edges.first[node] = (uint32_t)(filler->to - graph->edges.to);
    graph->kind_of[node] = kind;
    if (kind == KIND_NONE) {
        filler->unread++;
        return;
    }
    const struct kind *known = kind_table_get(graph->kinds, kind);
    set_bytes(filler, node, referents_own_bytes(tracer->cpython, &lent, known->referents));
    if (!known->leaf &&
        !referents_take(tracer->cpython, &lent, known->referents, write_edges, filler))
        filler->unread++;
}

static void fill_block(struct filler *filler, size_t block)
{
    const struct filling *filling = filler->filling;
    struct node_cursor cursor;
    uint32_t node = 0;
    filler->to = filling->graph->edges.to + filling->starts[block];
    filler->end = filling->graph->edges.to + filling->starts[block + 1];
    node_set_block(filling->graph->nodes, block, &cursor);
    for (uint64_t object; (object = node_cursor_next(&cursor, &node));)
        fill_object(filler, object, node);
    /* Fewer than the first time: the target does not hold still after all. */
    for (; filler->to < filler->end; filler->unread++)
        *filler->to++ = node;
}

static void fill(void *context, unsigned number)
{
    struct filling *filling = context;
    struct object_graph *graph = filling->graph;
    struct filler filler = {
        .filling = filling,
        .tracer = {.cpython = graph->cpython,
                   .nodes = graph->nodes,
                   .kinds = {.table = graph->kinds}},
        .number = number,
    };
    size_t blocks = graph->nodes->block_count;
    for (size_t first; (first = atomic_fetch_add(&filling->next_block, BLOCKS_TAKEN)) < blocks;)
        for (size_t block = first; block < first + BLOCKS_TAKEN && block < blocks; block++)
            fill_block(&filler, block);
    atomic_fetch_add(&filling->conservative, filler.conservative);
    atomic_fetch_add(&filling->unread, filler.unread);
    kind_cache_free(&filler.tracer.kinds);
}

/* ---- the whole ------------------------------------------------------------------------------- */

/* From edges per block to the place of each block's first edge; NULL when there are too many. */
static uint32_t *find_starts(const uint32_t *block_edges, size_t blocks)
{
    uint32_t *starts = calloc(blocks + 1, sizeof *starts);
    uint64_t sum = 0;
    for (size_t i = 0; i < blocks && starts; i++) {
        sum += block_edges[i];
        if (sum > ROW_EDGES_MAX) {
            free(starts);
            return NULL;
        }
        starts[i + 1] = (uint32_t)sum;
    }
    return starts;
}

static bool allocate(struct object_graph *graph, uint32_t edges)
{
    size_t count = graph->nodes->count;
    graph->kind_of = large_array(count + 1, sizeof *graph->kind_of);
    graph->bytes_of = large_array(count + 1, sizeof *graph->bytes_of);
    graph->edges.count = (uint32_t)count;
    graph->edges.first = large_array(count + 1, sizeof *graph->edges.first);
    graph->edges.to = large_array((size_t)edges + 1, sizeof *graph->edges.to);
    if (graph->edges.first)
        graph->edges.first[count] = edges;
    return graph->kind_of && graph->bytes_of && graph->edges.first && graph->edges.to;
}

static int compare_large(const void *left, const void *right)
{
    const struct large *a = left, *b = right;
    return (a->node > b->node) - (a->node < b->node);
}

static bool merge_large(struct filling *filling)
{
    struct object_graph *graph = filling->graph;
    size_t count = filling->large[0].count + filling->large[1].count;
    graph->large = calloc(count + 1, sizeof *graph->large);
    for (unsigned i = 0; i < TRACERS; i++) {
        for (size_t k = 0; k < filling->large[i].count && graph->large; k++) {
            graph->large[graph->large_count].node = filling->large[i].items[k].node;
            graph->large[graph->large_count++].bytes = filling->large[i].items[k].bytes;
        }
        vector_free(&filling->large[i]);
    }
    if (graph->large_count)
        qsort(graph->large, graph->large_count, sizeof *graph->large, compare_large);
    return graph->large != NULL;
}

struct error *object_edges_fill(struct object_graph *graph, const uint32_t *block_edges,
                                uint32_t **references)
{
    struct filling filling = {.graph = graph};
    size_t blocks = graph->nodes->block_count;
    uint32_t *starts = find_starts(block_edges, blocks);
    filling.references = large_array((size_t)graph->nodes->count + 1, sizeof *filling.references);
    *references = filling.references;
    if (!starts || !filling.references || !allocate(graph, starts[blocks])) {
        free(starts);
        return error_no_memory();
    }
    filling.starts = starts;
    trace_parallel(fill, &filling);
    free(starts);
    graph->conservative = atomic_load(&filling.conservative);
    graph->unread = atomic_load(&filling.unread);
    return merge_large(&filling) && !atomic_load(&filling.failed) ? NULL : error_no_memory();
}
