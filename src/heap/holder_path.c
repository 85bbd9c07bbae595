/* Paths of an explored graph as text. */
#include <stdio.h>
#include <string.h>

#include "heap/graph.h"
#include "object/referents.h"

#define PATH_MAX_STEPS 256

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
    bool exact;
    char *step = NULL;
    if (root->kind == ROOT_MODULE)
        return as_attribute(referents_step(graph->cpython, root->object, held, &exact));
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
struct chain {
    uint32_t nodes[PATH_MAX_STEPS];
    size_t count;
};

static bool build_chain(const struct holder_graph *graph, uint32_t target, struct chain *chain)
{
    uint32_t reversed[PATH_MAX_STEPS];
    size_t count = 0;
    for (uint32_t node = target;;) {
        if (count == PATH_MAX_STEPS)
            return false;
        reversed[count++] = node;
        uint32_t parent = graph->nodes.items[node].parent;
        if (parent == EDGE_NONE)
            break;
        node = graph->edges.items[parent].from;
    }
    for (size_t i = 0; i < count; i++)
        chain->nodes[i] = reversed[count - 1 - i];
    chain->count = count;
    return graph->nodes.items[chain->nodes[0]].root != ROOT_NONE;
}

static bool is_exact(const struct holder_graph *graph, const struct chain *chain)
{
    for (size_t i = 1; i < chain->count; i++)
        if (!graph->edges.items[graph->nodes.items[chain->nodes[i]].parent].exact)
            return false;
    return true;
}

/* An instance's or class's dict between an object and its attribute is not worth a step. */
static char *skip_dict(const struct holder_graph *graph, uint64_t holder, uint64_t middle,
                       uint64_t held)
{
    bool exact;
    if (object_type(graph->cpython, middle) != graph->cpython->dict_type)
        return NULL;
    char *step = referents_step(graph->cpython, holder, held, &exact);
    if (step && step[0] != '.') {
        free(step);
        return NULL;
    }
    return step;
}

static bool add_steps(const struct holder_graph *graph, const struct chain *chain,
                      struct holder_path *path)
{
    const struct graph_node *nodes = graph->nodes.items;
    for (size_t i = 1; i < chain->count; i++) {
        uint64_t holder = nodes[chain->nodes[i - 1]].address;
        uint64_t held = nodes[chain->nodes[i]].address;
        bool exact;
        char *step = NULL;
        if (i + 1 < chain->count)
            step = skip_dict(graph, holder, held, nodes[chain->nodes[i + 1]].address);
        if (step)
            i++;
        else
            step = referents_step(graph->cpython, holder, held, &exact);
        if (!add_step(path, step))
            return false;
    }
    return true;
}

/* The root and its first step; through classes also the attribute: "__main__.Pool.last". */
static char *holder_name(const struct holder_graph *graph, const struct chain *chain,
                         const struct holder_path *path)
{
    char *name = NULL;
    size_t size = 0, parts = path->root < ROOT_THREAD && path->steps.count > 1 ? 2 : 1;
    struct type_view type;
    if (parts == 2 && path->root == ROOT_MODULE && path->steps.count > 2 &&
        path->steps.items[2][0] == '.' &&
        type_read(graph->cpython, graph->nodes.items[chain->nodes[0]].address, &type))
        parts = 3;
    FILE *out = open_memstream(&name, &size);
    if (!out)
        return NULL;
    for (size_t i = 0; i < parts; i++)
        fputs(path->steps.items[i], out);
    fclose(out);
    return name;
}

bool holders_path(const struct holder_graph *graph, uint64_t target, struct holder_path *path)
{
    *path = (struct holder_path){0};
    uint32_t number = address_map_get(&graph->by_address, target);
    struct chain chain;
    if (number == ADDRESS_MAP_ABSENT || !graph->nodes.items[number].settled ||
        !build_chain(graph, number, &chain))
        return true;
    const struct graph_node *top = &graph->nodes.items[chain.nodes[0]];
    const struct root *root = &graph->roots->items.items[top->root];
    path->reachable = true;
    path->root = root->kind;
    path->exact = is_exact(graph, &chain) && root->kind <= ROOT_FRAME;
    if (!add_step(path, strdup(root->name)) ||
        !add_step(path, root_step(graph, root, top->address)) || !add_steps(graph, &chain, path))
        return false;
    path->holder = holder_name(graph, &chain, path);
    return path->holder != NULL;
}

void holder_path_free(struct holder_path *path)
{
    for (size_t i = 0; i < path->steps.count; i++)
        free(path->steps.items[i]);
    vector_free(&path->steps);
    free(path->holder);
    path->holder = NULL;
}

bool holders_passes(const struct holder_graph *graph, uint64_t target, const char *type)
{
    uint32_t number = address_map_get(&graph->by_address, target);
    struct chain chain;
    if (number == ADDRESS_MAP_ABSENT || !graph->nodes.items[number].settled ||
        !build_chain(graph, number, &chain))
        return false;
    for (size_t i = 0; i + 1 < chain.count; i++) {
        uint64_t object = graph->nodes.items[chain.nodes[i]].address;
        char *name = type_qualified_name(graph->cpython, object_type(graph->cpython, object));
        bool same = name && strcmp(name, type) == 0;
        free(name);
        if (same)
            return true;
    }
    return false;
}
