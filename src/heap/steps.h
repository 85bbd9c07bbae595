/*
 * steps.h: a chain of objects, each of which holds the next, as steps that a reader can follow:
 * "__main__", ".cache", "[3]", ".rows".
 */
#ifndef STETH_HEAP_STEPS_H
#define STETH_HEAP_STEPS_H

#include "base/vector.h"
#include "heap/roots.h"

struct chain_step {
    char *text; /* never NULL */
    size_t end; /* which object of the chain it leads to; the root itself: 0 */
};

struct chain_steps {
    VECTOR(struct chain_step) items; /* root first; the middle of a long chain is left out ("…") */
    bool exact;                      /* every step comes from a known layout */
};

/*
 * `chain` begins with the object that `root` holds; NULL: C code that nobody sees does. `values`:
 * whether keys of dicts may be shown. False when there is no memory; the caller frees in any case.
 */
bool chain_steps_find(const struct cpython *cpython, const struct root *root, const uint64_t *chain,
                      size_t count, bool values, struct chain_steps *steps);
void chain_steps_free(struct chain_steps *steps);

/* The step of a chain from object *i on; moves *i to the object it leads to. NULL when there is
 * none any more. `exact` (may be NULL) is cleared if the step is not. The caller frees. */
char *chain_step_next(const struct cpython *cpython, const uint64_t *chain, size_t count, size_t *i,
                      bool values, bool *exact);

/* The first step: what `root` calls the object that it holds. The caller frees. */
char *chain_step_root(const struct cpython *cpython, const struct root *root, uint64_t held);

#endif
