#include "analysis/heap.h"

#include <string.h>

#include "analysis/heap_parts.h"
#include "heap/steps.h"

const char *heap_kind_name(struct heap_work *work, uint32_t kind)
{
    const struct object_graph *graph = work->view->graph;
    if (kind == KIND_NONE)
        return "?";
    char **name = &work->kind_names[kind];
    if (!*name)
        *name = type_qualified_name(&work->view->cpython, kind_table_get(graph->kinds, kind)->type);
    return *name ? *name : "?";
}

bool heap_reach(struct heap_work *work)
{
    if (!work->before)
        work->before = reach_find(&work->view->graph->edges, work->roots.items, work->roots.count);
    return work->before != NULL;
}

/* ---- roots ----------------------------------------------------------------------------------- */

/* In the order of root kinds; behind them what only the reference count tells of. */
static const char *const root_groups[] = {
    [ROOT_MODULE] = "module",        [ROOT_FRAME] = "frame",   [ROOT_THREAD] = "thread",
    [ROOT_REGISTRY] = "interpreter", [ROOT_NATIVE] = "c-data", [ROOT_CODE] = "c-code",
};

static uint32_t rank_of(const struct heap_view *view, const struct object_root *root)
{
    return root->root == ROOT_NONE ? ROOT_CODE : view->roots.items.items[root->root].kind;
}

static bool rank_roots(struct heap_work *work)
{
    const struct object_graph *graph = work->view->graph;
    for (size_t i = 0; i < graph->roots.count; i++) {
        const struct object_root *root = &graph->roots.items[i];
        struct path_root ranked = {root->node, rank_of(work->view, root)};
        if (!vector_push(&work->roots, ranked))
            return false;
    }
    return true;
}

/* ---- paths ----------------------------------------------------------------------------------- */

static bool take_steps(struct heap_work *work, const struct chain_steps *steps,
                       const uint32_t *chain, struct heap_path *path)
{
    const struct object_graph *graph = work->view->graph;
    for (size_t i = 0; i < steps->items.count; i++) {
        const struct chain_step *step = &steps->items.items[i];
        if (!name_list_add(&path->steps, step->text))
            return false;
        if (i &&
            !name_list_add(&path->types, heap_kind_name(work, graph->kind_of[chain[step->end]])))
            return false;
    }
    path->exact = steps->exact;
    return true;
}

bool heap_path_fill(struct heap_work *work, uint32_t node, const uint32_t *chain, size_t count,
                    struct heap_path *path)
{
    const struct heap_view *view = work->view;
    const struct object_graph *graph = view->graph;
    path->address = node_set_address(graph->nodes, node);
    path->type = strdup(heap_kind_name(work, graph->kind_of[node]));
    path->bytes = object_graph_bytes(graph, node);
    path->retained_bytes = view->retained[node];
    path->alike = 1;
    if (!path->type || !count)
        return path->type != NULL;
    uint64_t *addresses = calloc(count, sizeof *addresses);
    const struct object_root *held = object_graph_root(graph, chain[0]);
    const struct root *root =
        held && held->root != ROOT_NONE ? &view->roots.items.items[held->root] : NULL;
    struct chain_steps steps = {0};
    for (size_t i = 0; i < count && addresses; i++)
        addresses[i] = node_set_address(graph->nodes, chain[i]);
    if (held)
        path->group = root_groups[rank_of(view, held)];
    bool good =
        addresses &&
        chain_steps_find(&view->cpython, root, addresses, count, work->options->values, &steps) &&
        take_steps(work, &steps, chain, path);
    chain_steps_free(&steps);
    free(addresses);
    return good;
}

bool heap_path_shortest(struct heap_work *work, uint32_t node, struct heap_path *path)
{
    node_vector way = {0};
    bool good = heap_reach(work) && reach_follow(work->before, node, &way) &&
                heap_path_fill(work, node, way.items, way.count, path);
    vector_free(&way);
    return good;
}

/* ---- the report ------------------------------------------------------------------------------ */

static struct error *add_parts(struct heap_work *work)
{
    struct heap_section *section = &work->report->heap;
    struct error *error = heap_add_types(work);
    if (!error)
        error = heap_add_regions(work);
    if (!error && work->options->path)
        error = heap_add_paths(work);
    if (!error && work->options->holders)
        error = heap_add_holdings(work);
    section->has_dominators = work->options->dominators;
    if (!error && work->options->dominators)
        error = heap_add_dominators(work);
    section->has_cycles = work->options->cycles;
    if (!error && work->options->cycles)
        error = heap_add_cycles(work);
    return error;
}

static struct error *work_through(const struct look *look, const struct heap_view *view,
                                  const struct look_options *options, struct report *report)
{
    struct heap_work work = {.look = look, .view = view, .options = options, .report = report};
    uint32_t kinds = kind_table_count(view->graph->kinds);
    work.kind_names = calloc((size_t)kinds + 1, sizeof *work.kind_names);
    struct error *error =
        work.kind_names && rank_roots(&work) ? add_parts(&work) : error_no_memory();
    for (uint32_t i = 0; work.kind_names && i < kinds; i++)
        free(work.kind_names[i]);
    free(work.kind_names);
    free(work.before);
    vector_free(&work.roots);
    return error;
}

struct error *heap_report(struct look *look, const struct look_options *options,
                          struct report *report)
{
    struct heap_view *view;
    uint64_t needed;
    if (!heap_view_fits(look, &needed))
        return error_hint(
            error_new(ERROR_CANNOT_LOOK, "the heap's graph needs about %llu MiB, and there is less",
                      (unsigned long long)(needed >> 20)),
            "steth record -o app.steth %d, and steth heap app.steth on another machine",
            (int)target_pid(look->cpython->target));
    struct error *error = heap_view_of(look, &view);
    if (error)
        return error;
    report->has_heap = true;
    return work_through(look, view, options, report);
}
