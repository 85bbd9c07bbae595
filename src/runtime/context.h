/*
 * context.h: contextvars as Python/context.c and Python/hamt.c keep them: which variables are set
 * in a Context, and the Context that a thread runs in. Read afresh, fails softly.
 */
#ifndef STETH_RUNTIME_CONTEXT_H
#define STETH_RUNTIME_CONTEXT_H

#include "runtime/runtime.h"

struct context_entry {
    uint64_t variable; /* a ContextVar */
    uint64_t value;
};
typedef VECTOR(struct context_entry) context_entries;

/*
 * The variables that are set in `context`, a contextvars.Context; 0 stands for an empty one, as in
 * a thread that never had any. False, with no entries, when it is none or cannot be read as a
 * whole. The caller frees `entries` with vector_free.
 */
bool context_read(const struct cpython *cpython, uint64_t context, context_entries *entries);

bool context_has(const context_entries *entries, uint64_t variable);

/* The name that a ContextVar was made with; NULL when `object` is none. The caller frees. */
char *context_variable_name(const struct cpython *cpython, uint64_t object);

/* The Context that a thread runs in now, 0 when it has none yet. False when it cannot be read. */
bool thread_context_read(const struct cpython *cpython, const struct thread_view *thread,
                         uint64_t *context);

#endif
