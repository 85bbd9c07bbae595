/* context_names.h: between the files of the uses of context variables. */
#ifndef STETH_ANALYSIS_CONTEXT_NAMES_H
#define STETH_ANALYSIS_CONTEXT_NAMES_H

#include "analysis/context_use.h"
#include "runtime/code_names.h"

/* A code object and the names of globals and attributes that it uses. */
struct used_names {
    uint64_t code;
    name_vector items;
    bool gets, sets, logs;
};

/* False: no memory. Release with used_names_free in any case. */
bool used_names_read(const struct cpython *cpython, uint64_t code, struct used_names *names);
void used_names_free(struct used_names *names);

#endif
