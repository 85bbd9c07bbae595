/*
 * demos.h: the sick programs of `steth demo`, embedded from demos/NAME.py by tools/embed-demos.py.
 * Each gets into its state, prints READY and stays.
 */
#ifndef STETH_CLI_DEMOS_H
#define STETH_CLI_DEMOS_H

#include <stddef.h>

struct demo {
    const char *name;
    const char *summary; /* the first line of its docstring */
    const char *source;
};

/* All demos, sorted by name. */
extern const struct demo demos[];
extern const size_t demo_count;

#endif
