/*
 * paths.h: why is it alive: the shortest paths from roots to given nodes, breadth first. Among
 * equally short ones the path from the better root is taken. O(nodes + edges), and it ends as soon
 * as all targets have what they were to have.
 *
 * Memory: 8 bytes a node that is reached, 12 a target, a bit a node.
 */
#ifndef STETH_HEAP_PATHS_H
#define STETH_HEAP_PATHS_H

#include "base/vector.h"
#include "heap/rows.h"

struct path_root {
    uint32_t node;
    uint32_t rank; /* 0 is the best: a module before a frame before something native */
};

/* The last edge of a path: one of the nodes that hold `target`. */
struct path_end {
    uint32_t target;
    uint32_t holder; /* NODE_NONE: it is a root itself */
};

struct paths {
    uint32_t count;
    uint32_t *before; /* by node: the one before it on the path, itself for a root, or NODE_NONE */
    VECTOR(struct path_end) ends; /* the nearest first */
    bool cut;                     /* there were more ends than `most` */
};

struct path_limits {
    uint32_t ends; /* paths to each target, which differ in the last holder */
    size_t most;   /* paths in all */
};

/*
 * A path does not lead through another target, nor through its own: so what holds a target is never
 * something that the target itself keeps alive. (To have such paths too, search for one target at a
 * time.) False when there is no memory; `paths` is then empty. The caller frees it.
 */
bool paths_find(const struct rows *edges, const struct path_root *roots, size_t root_count,
                const uint32_t *targets, size_t target_count, const struct path_limits *limits,
                struct paths *paths);

/*
 * The nodes of the path that ends in `end`, the target first, the root last. Returns how many they
 * are; the first `limit` are written.
 */
size_t paths_follow(const struct paths *paths, const struct path_end *end, uint32_t *path,
                    size_t limit);

void paths_free(struct paths *paths);

#endif
