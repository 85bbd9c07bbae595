/* --dominators: the objects that retain most, and where their bytes come together. */
#include <stdlib.h>
#include <string.h>

#include "analysis/heap_parts.h"
#include "heap/retained.h"

#define SHOWN_MAX 200
/* How much of what it retains an object must hand on to one other to be passed on the way down. */
#define GATHER_SHARE 0.7

struct suspects {
    uint32_t nodes[SHOWN_MAX], gathered[SHOWN_MAX];
    size_t count;
};

/* How many objects each of `nodes` retains: those of its subtree. They must not lie in one another.
 */
static bool count_objects(const struct dominators *dominators, const uint32_t *nodes, size_t count,
                          uint64_t *objects)
{
    uint8_t *subtree = calloc((size_t)dominators->count + 1, 1); /* 1 + index in `nodes` */
    if (!subtree)
        return false;
    memset(objects, 0, count * sizeof *objects);
    for (size_t i = 0; i < count; i++)
        subtree[nodes[i]] = (uint8_t)(i + 1);
    for (uint32_t i = 0; i < dominators->reached; i++) {
        uint32_t node = dominators->order[i];
        if (!subtree[node])
            subtree[node] = subtree[dominators->parent[node]];
        if (subtree[node])
            objects[subtree[node] - 1]++;
    }
    free(subtree);
    return true;
}

/* What the objects that `node` dominates immediately are, by the bytes that they retain. */
static bool find_most(struct heap_work *work, uint32_t node, struct heap_dominator *row)
{
    const struct heap_view *view = work->view;
    const struct object_graph *graph = view->graph;
    uint32_t kinds = kind_table_count(graph->kinds), best = 0;
    struct {
        uint64_t count, bytes;
    } *sums = calloc((size_t)kinds + 1, sizeof *sums);
    if (!sums)
        return false;
    for (uint32_t i = 0; i < view->dominators.count; i++)
        if (view->dominators.parent[i] == node && graph->kind_of[i] != KIND_NONE) {
            sums[graph->kind_of[i]].count++;
            sums[graph->kind_of[i]].bytes += view->retained[i];
        }
    for (uint32_t kind = 1; kind < kinds; kind++)
        if (sums[kind].bytes > sums[best].bytes)
            best = kind;
    if (sums[best].count) {
        row->gathered_type = strdup(heap_kind_name(work, best));
        row->gathered_count = sums[best].count;
        row->gathered_bytes = sums[best].bytes;
    }
    free(sums);
    return true;
}

static bool add_row(struct heap_work *work, uint32_t node, uint32_t gathered, uint64_t objects,
                    uint64_t gathered_objects)
{
    struct heap_section *section = &work->report->heap;
    struct heap_dominator row = {.objects = objects, .gathered_objects = gathered_objects};
    bool good = heap_path_shortest(work, node, &row.path) &&
                heap_path_shortest(work, gathered, &row.gathered) &&
                find_most(work, gathered, &row);
    return vector_push(&section->dominators, row) && good;
}

static bool find_suspects(struct heap_work *work, struct suspects *suspects)
{
    const struct heap_view *view = work->view;
    uint32_t *heaviest = calloc((size_t)view->dominators.count + 2, sizeof *heaviest);
    size_t limit =
        work->options->paths && work->options->paths < SHOWN_MAX ? work->options->paths : SHOWN_MAX;
    if (!heaviest)
        return false;
    suspects->count = dominators_biggest(&view->dominators, view->retained, view->dominators.count,
                                         suspects->nodes, limit);
    dominators_heaviest(&view->dominators, view->retained, heaviest);
    for (size_t i = 0; i < suspects->count; i++)
        suspects->gathered[i] =
            dominators_accumulation(view->retained, heaviest, suspects->nodes[i], GATHER_SHARE);
    free(heaviest);
    return true;
}

struct error *heap_add_dominators(struct heap_work *work)
{
    struct suspects suspects;
    uint64_t objects[SHOWN_MAX], gathered[SHOWN_MAX];
    const struct dominators *dominators = &work->view->dominators;
    if (!heap_reach(work) || !find_suspects(work, &suspects) ||
        !count_objects(dominators, suspects.nodes, suspects.count, objects) ||
        !count_objects(dominators, suspects.gathered, suspects.count, gathered))
        return error_no_memory();
    for (size_t i = 0; i < suspects.count; i++)
        if (work->view->retained[suspects.nodes[i]] &&
            !add_row(work, suspects.nodes[i], suspects.gathered[i], objects[i], gathered[i]))
            return error_no_memory();
    return NULL;
}
