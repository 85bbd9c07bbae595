#include "heap/retained_kinds.h"

#include <stdlib.h>

/* The tree of dominators, so that it can be walked down. */
struct tree {
    uint32_t *child, *sibling; /* of each node; the virtual root is number `count` */
};

static bool plant(const struct dominators *dominators, struct tree *tree)
{
    size_t count = (size_t)dominators->count + 1;
    tree->child = malloc(count * sizeof *tree->child);
    tree->sibling = malloc(count * sizeof *tree->sibling);
    if (!tree->child || !tree->sibling)
        return false;
    for (size_t i = 0; i < count; i++)
        tree->child[i] = tree->sibling[i] = NODE_NONE;
    for (uint32_t i = 0; i < dominators->reached; i++) {
        uint32_t node = dominators->order[i], parent = dominators->parent[node];
        tree->sibling[node] = tree->child[parent];
        tree->child[parent] = node;
    }
    return true;
}

struct walk {
    const uint64_t *retained;
    const uint32_t *kind_of;
    uint32_t *above; /* per kind: how many of the nodes above are of it */
    uint64_t *sums;
};

static void enter(struct walk *walk, uint32_t node)
{
    uint32_t kind = walk->kind_of[node];
    if (kind != NODE_NONE && !walk->above[kind]++)
        walk->sums[kind] += walk->retained[node];
}

static void leave(struct walk *walk, uint32_t node)
{
    uint32_t kind = walk->kind_of[node];
    if (kind != NODE_NONE)
        walk->above[kind]--;
}

/* Down to the children, then to the sibling, or up to the first one above that has one. */
static void walk_tree(const struct dominators *dominators, const struct tree *tree,
                      struct walk *walk)
{
    uint32_t node = tree->child[dominators->count];
    while (node != NODE_NONE) {
        enter(walk, node);
        if (tree->child[node] != NODE_NONE) {
            node = tree->child[node];
            continue;
        }
        leave(walk, node);
        while (tree->sibling[node] == NODE_NONE) {
            node = dominators->parent[node];
            if (node == dominators->count)
                return;
            leave(walk, node);
        }
        node = tree->sibling[node];
    }
}

static void add_unreachable(const struct dominators *dominators, struct walk *walk)
{
    for (uint32_t node = 0; node < dominators->count; node++)
        if (dominators->parent[node] == NODE_NONE && walk->kind_of[node] != NODE_NONE)
            walk->sums[walk->kind_of[node]] += walk->retained[node];
}

bool retained_by_kind(const struct dominators *dominators, const uint64_t *retained,
                      const uint32_t *kind_of, uint32_t kinds, uint64_t *sums)
{
    struct tree tree = {0};
    struct walk walk = {.retained = retained, .kind_of = kind_of, .sums = sums};
    walk.above = calloc((size_t)kinds + 1, sizeof *walk.above);
    bool done = walk.above && plant(dominators, &tree);
    if (done) {
        walk_tree(dominators, &tree, &walk);
        add_unreachable(dominators, &walk);
    }
    free(walk.above);
    free(tree.child);
    free(tree.sibling);
    return done;
}
