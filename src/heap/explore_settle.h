/* explore_settle.h: between the files of the search for holders. */
#ifndef STETH_HEAP_EXPLORE_SETTLE_H
#define STETH_HEAP_EXPLORE_SETTLE_H

#include "heap/graph.h"

/* Whether each target has some root, if a transient one. */
bool graph_all_rooted(const struct holder_graph *graph);
/* What no module reaches is reached from what is left, the better kinds of root first. */
void graph_settle_transient(struct holder_graph *graph);
/* What is left is held by what is no object: the reference counts say that there is something. */
void graph_settle_unexplained(struct holder_graph *graph);

#endif
