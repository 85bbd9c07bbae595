/* Paths of an explored graph as text. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "heap/graph.h"
#include "object/referents.h"

/* Of a path longer than twice this the middle is left out. */
#define STEPS_AT_ENDS 12

/* "['name']" of a module's dict reads better as ".name". */
static char *as_attribute(char *step)
{
    size_t length = step ? strlen(step) : 0;
    if (length < 5 || strncmp(step, "['", 2) != 0 || strcmp(step + length - 2, "']") != 0)
        return step;
    memmove(step + 1, step + 2, length - 4);
    step[0] = '.';
    step[length - 3] = '\0';
    return step;
}

static char *type_step(const struct holder_graph *graph, uint64_t object)
{
    char *name = type_short_name(graph->cpython, object_type(graph->cpython, object));
    char *step = NULL;
    if (name && asprintf(&step, "<%s>", name) < 0)
        step = NULL;
    free(name);
    return step;
}

static char *root_step(const struct holder_graph *graph, const struct root *root, uint64_t held)
{
    char *step = NULL;
    if (root->kind == ROOT_MODULE)
        return as_attribute(referents_step(graph->cpython, root->object, held, true, NULL));
    if (root->kind == ROOT_FRAME) {
        char *local = frame_local_of(graph->cpython, &root->frame, held);
        if (local && asprintf(&step, ".%s", local) < 0)
            step = NULL;
        free(local);
        return step;
    }
    return type_step(graph, held);
}

/* Appends the step from `holder` to `held`; a step that is not found any more is shown as such. */
static bool add_step(struct holder_path *path, char *step)
{
    if (!step)
        step = strdup("<?>");
    return step && vector_push(&path->steps, step);
}

/* The nodes from the one a root holds down to the target. */
typedef VECTOR(uint32_t) chain_vector;

/* False when no root reaches `target` (the chain is then empty) or there is no memory. */
static bool build_chain(const struct holder_graph *graph, uint64_t target, chain_vector *chain)
{
    uint32_t node = address_map_get(&graph->by_address, target);
    if (node == ADDRESS_MAP_ABSENT || !graph->nodes.items[node].settled)
        return false;
    for (;;) {
        if (!vector_push(chain, node))
            return false;
        uint32_t parent = graph->nodes.items[node].parent;
        if (parent == EDGE_NONE)
            break;
        node = graph->edges.items[parent].from;
    }
    for (size_t i = 0; i < chain->count / 2; i++) {
        uint32_t swapped = chain->items[i];
        chain->items[i] = chain->items[chain->count - 1 - i];
        chain->items[chain->count - 1 - i] = swapped;
    }
    return true;
}

static uint64_t address_at(const struct holder_graph *graph, const chain_vector *chain, size_t i)
{
    return graph->nodes.items[chain->items[i]].address;
}

static const struct root *root_of(const struct holder_graph *graph, const chain_vector *chain)
{
    return &graph->roots->items.items[graph->nodes.items[chain->items[0]].root];
}

static bool is_exact(const struct holder_graph *graph, const chain_vector *chain)
{
    for (size_t i = 1; i < chain->count; i++)
        if (!graph->edges.items[graph->nodes.items[chain->items[i]].parent].exact)
            return false;
    return root_of(graph, chain)->kind <= ROOT_FRAME;
}

/* An instance's or class's dict between an object and its attribute is not worth a step. */
static char *skip_dict(const struct holder_graph *graph, uint64_t holder, uint64_t middle,
                       uint64_t held)
{
    if (object_type(graph->cpython, middle) != graph->cpython->dict_type)
        return NULL;
    char *step = referents_step(graph->cpython, holder, held, false, NULL);
    if (step && step[0] != '.') {
        free(step);
        return NULL;
    }
    return step;
}

/* The step from node *i of the chain; moves *i to the node it leads to. */
static char *next_step(const struct holder_graph *graph, const chain_vector *chain, size_t *i,
                       bool values)
{
    uint64_t holder = address_at(graph, chain, *i), held = address_at(graph, chain, *i + 1);
    char *step = *i + 2 < chain->count
                     ? skip_dict(graph, holder, held, address_at(graph, chain, *i + 2))
                     : NULL;
    *i += step ? 2 : 1;
    return step ? step : referents_step(graph->cpython, holder, held, values, NULL);
}

static bool add_steps(const struct holder_graph *graph, const chain_vector *chain, bool values,
                      struct holder_path *path)
{
    for (size_t i = 0; i + 1 < chain->count;) {
        if (i > STEPS_AT_ENDS && i + STEPS_AT_ENDS < chain->count) {
            i = chain->count - STEPS_AT_ENDS;
            if (!add_step(path, strdup("…")))
                return false;
        }
        if (!add_step(path, next_step(graph, chain, &i, values)))
            return false;
    }
    return true;
}

bool holders_path(const struct holder_graph *graph, uint64_t target, bool values,
                  struct holder_path *path)
{
    *path = (struct holder_path){0};
    chain_vector chain = {0};
    bool good = !holders_reach(graph, target);
    if (build_chain(graph, target, &chain)) {
        const struct root *root = root_of(graph, &chain);
        path->exact = is_exact(graph, &chain);
        good = add_step(path, strdup(root->name)) &&
               add_step(path, root_step(graph, root, address_at(graph, &chain, 0))) &&
               add_steps(graph, &chain, values, path);
    }
    vector_free(&chain);
    return good;
}

void holder_path_free(struct holder_path *path)
{
    for (size_t i = 0; i < path->steps.count; i++)
        free(path->steps.items[i]);
    vector_free(&path->steps);
}

/* ---- names of holders -------------------------------------------------------------------- */

bool holders_reach(const struct holder_graph *graph, uint64_t target)
{
    uint32_t node = address_map_get(&graph->by_address, target);
    return node != ADDRESS_MAP_ABSENT && graph->nodes.items[node].settled;
}

/* Composes the holder's name; `named` receives the node of the chain that it leads to. */
static char *compose_name(const struct holder_graph *graph, const chain_vector *chain,
                          size_t *named)
{
    const struct root *root = root_of(graph, chain);
    uint64_t top = address_at(graph, chain, 0);
    struct type_view type;
    *named = 0;
    if (root->kind >= ROOT_THREAD)
        return strdup(root->name);
    char *step = root_step(graph, root, top), *attribute = NULL;
    /* Through a class the attribute belongs to the name. */
    if (root->kind == ROOT_MODULE && chain->count > 1 && type_read(graph->cpython, top, &type))
        attribute = next_step(graph, chain, named, false);
    char *name = text_format("%s%s%s", root->name, step ? step : "",
                             attribute && attribute[0] == '.' ? attribute : "");
    free(step);
    free(attribute);
    return name;
}

const char *holders_name(struct holder_graph *graph, uint64_t target)
{
    chain_vector chain = {0};
    const char *name = NULL;
    if (build_chain(graph, target, &chain)) {
        /* Where the name ends depends on the first nodes only: mostly it is known already. */
        for (size_t i = 0; i < chain.count && i < 3 && !name; i++) {
            uint32_t known = graph->nodes.items[chain.items[i]].name;
            name = known == NAME_NONE ? NULL : graph->names.items[known];
        }
        size_t named;
        char *composed = name ? NULL : compose_name(graph, &chain, &named);
        if (composed && vector_push(&graph->names, composed)) {
            graph->nodes.items[chain.items[named]].name = (uint32_t)graph->names.count - 1;
            name = composed;
        } else {
            free(composed);
        }
    }
    vector_free(&chain);
    return name;
}

bool holders_passes(const struct holder_graph *graph, uint64_t target, const char *type)
{
    chain_vector chain = {0};
    bool passes = false;
    if (build_chain(graph, target, &chain))
        for (size_t i = 0; i + 1 < chain.count && !passes; i++) {
            uint64_t holder = object_type(graph->cpython, address_at(graph, &chain, i));
            char *name = type_qualified_name(graph->cpython, holder);
            passes = name && strcmp(name, type) == 0;
            free(name);
        }
    vector_free(&chain);
    return passes;
}
