/*
 * listed.h: which marked objects are alive while a collection is under way all the time, as it is
 * when finalizers that run inside of collections let other threads in. What a collection is about
 * to free is on a list of its own (Python/gc.c up to 3.15: `unreachable`, a local variable); so
 * what stands, marked, on a list of an older generation was marked by an earlier collection.
 */
#ifndef STETH_HEAP_LISTED_H
#define STETH_HEAP_LISTED_H

#include "heap/census.h"
#include "runtime/runtime.h"

/*
 * Keeps in `marked` the objects that are found marked on a list of an older generation, or frozen,
 * in each of several passes.
 */
struct error *listed_keep(const struct cpython *cpython, const interpreter_vector *interpreters,
                          marked_vector *marked);

#endif
