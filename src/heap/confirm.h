/*
 * confirm.h: looks again at objects that carried the finalized mark in a pass. A pass over a
 * running heap also meets objects that are just being finalized and freed, and heads whose links
 * are borrowed by a running collection. What is left after two looks, both outside of any
 * collection and apart in time, is finalized and alive:
 *  - the collector sets the mark before it calls tp_finalize, but only while `collecting` is set
 *    (Python/gc.c, finalize_garbage);
 *  - the reference-count path sets it after the call, a few instructions before the object is
 *    untracked and freed unless it was resurrected (Objects/object.c, PyObject_CallFinalizer).
 */
#ifndef STETH_HEAP_CONFIRM_H
#define STETH_HEAP_CONFIRM_H

#include "heap/census.h"
#include "runtime/runtime.h"

struct confirmation {
    uint64_t torn_reads; /* looks that were interrupted by a collection, or met moving links */
    uint64_t undecided;  /* objects for which no quiet moment came, and no list told either */
};

/*
 * Keeps in `marked` the objects that are finalized and alive. When the collector never rests
 * within the patience of this function, its lists are asked (listed.h); what they do not tell
 * either is dropped and counted.
 */
struct error *confirm_marked(const struct cpython *cpython, const interpreter_vector *interpreters,
                             const struct type_table *types, marked_vector *marked,
                             struct confirmation *confirmation);

#endif
