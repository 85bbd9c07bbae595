/*
 * garbage.h: how much of a generation is garbage that no collection has come for. A random sample
 * is followed back to the roots; what is proved unreachable (holders.h) stands for the rest.
 */
#ifndef STETH_ANALYSIS_GARBAGE_H
#define STETH_ANALYSIS_GARBAGE_H

#include "analysis/look.h"

/* How much garbage is worth to be told. */
struct garbage_least {
    int64_t proved;  /* of the sampled */
    int64_t objects; /* scaled up */
    double share;    /* of the sampled */
};

struct garbage_estimate {
    int64_t objects; /* in the generation */
    int64_t sampled;
    bool is_much;           /* at least what was asked for; else the rest is 0 */
    int64_t proved;         /* of the sampled */
    int64_t estimate;       /* objects that are garbage, scaled up */
    int64_t with_finalizer; /* of the proved: their finalizer has not run yet */
    char *type;             /* the most frequent type among the proved, owned; NULL when none */
};

/*
 * Samples the lists of the set `rings` (bits by ring number), as far as it takes to tell whether
 * at least so much of them is garbage. Needs a look with generations.
 */
struct error *garbage_sample(struct look *look, unsigned rings, const struct garbage_least *least,
                             struct garbage_estimate *estimate);

#endif
