/*
 * merge.h: the C3 linearisation of one class, step by step, and why it fails.
 */
#ifndef STETH_MRO_MERGE_H
#define STETH_MRO_MERGE_H

#include "mro/hierarchy.h"

struct merge_list {
    class_number owner; /* the base whose MRO it is; CLASS_UNKNOWN: the bases as listed */
    class_numbers rest; /* what of it is not merged yet */
};

/* The candidate at the head of list `list` stands later in list `blocker`. */
struct merge_rejection {
    class_number candidate;
    uint32_t list, blocker;
};

enum order_reason {
    ORDER_STATEMENT,   /* `source` lists `first` before `second` among its bases */
    ORDER_INHERITANCE, /* `first` is `source` and derives from `second` */
    ORDER_MERGED,      /* neither: the linearisation of `source` put them so */
};

/* "`first` comes before `second`", and who says so. */
struct order_origin {
    class_number first, second, source;
    enum order_reason reason;
};

struct merge_failure {
    class_numbers merged;            /* what was merged before it failed, the class itself first */
    VECTOR(struct merge_list) lists; /* those that are left, none empty */
    VECTOR(struct merge_rejection) rejected;
    VECTOR(struct order_origin)
    clash; /* a circle, mostly of two: each one's second is the next
              one's first */
};

/* Merges the bases of a class again. *failed says whether that fails; `failure`, which the caller
 * releases, says how. */
struct error *merge_again(const struct hierarchy *hierarchy, class_number number, bool *failed,
                          struct merge_failure *failure);
void merge_failure_free(struct merge_failure *failure);

/*
 * The order of `bases`, without a class for them; empty when C3 has none. A base twice gives none.
 */
struct error *merge_bases(const struct hierarchy *hierarchy, const class_number *bases,
                          size_t count, class_numbers *order);

#endif
