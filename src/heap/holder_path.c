/* Paths of an explored graph as text. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "heap/graph.h"
#include "heap/steps.h"

typedef VECTOR(uint64_t) address_vector;

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

static bool chain_addresses(const struct holder_graph *graph, const chain_vector *chain,
                            address_vector *addresses)
{
    for (size_t i = 0; i < chain->count; i++)
        if (!vector_push(addresses, address_at(graph, chain, i)))
            return false;
    return true;
}

/* The texts of the steps go over to the path. */
static bool take_steps(const struct holder_graph *graph, const chain_vector *chain, bool values,
                       struct holder_path *path)
{
    address_vector addresses = {0};
    struct chain_steps steps = {0};
    bool good = chain_addresses(graph, chain, &addresses) &&
                chain_steps_find(graph->cpython, root_of(graph, chain), addresses.items,
                                 addresses.count, values, &steps) &&
                vector_reserve(&path->steps, steps.items.count);
    for (size_t i = 0; i < steps.items.count && good; i++) {
        path->steps.items[path->steps.count++] = steps.items.items[i].text;
        steps.items.items[i].text = NULL;
    }
    chain_steps_free(&steps);
    vector_free(&addresses);
    return good;
}

bool holders_path(const struct holder_graph *graph, uint64_t target, bool values,
                  struct holder_path *path)
{
    *path = (struct holder_path){0};
    chain_vector chain = {0};
    bool good = !holders_reach(graph, target);
    if (build_chain(graph, target, &chain)) {
        path->exact = is_exact(graph, &chain);
        good = take_steps(graph, &chain, values, path);
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
    char *step = chain_step_root(graph->cpython, root, top), *attribute = NULL;
    /* Through a class the attribute belongs to the name. */
    address_vector addresses = {0};
    if (root->kind == ROOT_MODULE && chain->count > 1 && type_read(graph->cpython, top, &type) &&
        chain_addresses(graph, chain, &addresses))
        attribute =
            chain_step_next(graph->cpython, addresses.items, addresses.count, named, false, NULL);
    vector_free(&addresses);
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
