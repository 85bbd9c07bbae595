/*
 * metaclass.h: the choice of a metaclass, and the metaclass that would settle a conflict.
 */
#ifndef STETH_MRO_METACLASS_H
#define STETH_MRO_METACLASS_H

#include "mro/hierarchy.h"

/*
 * The metaclass that a class statement with these bases takes, starting from `named` (or the type
 * of the first base: CLASS_UNKNOWN). False: a conflict, at bases[*clash]; *winner is the best so
 * far, and comes from bases[*from] (NO_BASE: `named`). All metaclasses must be known.
 */
bool metaclass_choose(const struct hierarchy *hierarchy, class_number named,
                      const struct class_base *bases, size_t count, class_number *winner,
                      uint32_t *from, uint32_t *clash);

struct metaclass_combination {
    class_numbers bases;   /* of the combined metaclass: none derives from another, in an order that
                              C3 merges; empty: none does */
    class_numbers dropped; /* left out, for another one derives from them */
    class_numbers mro;     /* of the combined metaclass, after itself */
    class_number ready;    /* a class that exists already and derives from all; CLASS_UNKNOWN */
    bool reordered;        /* the order of the bases would not merge */
    enum class_fault obstacle; /* why there is none */
    enum class_fault next;     /* what the class statement runs into next, with such a metaclass */
    uint32_t next_first, next_second; /* which bases, as in class_answer */
};

/* The smallest combination for the bases of a class (and the metaclass it names). */
struct error *metaclass_combine(const struct hierarchy *hierarchy, class_number number,
                                struct metaclass_combination *combination);
void metaclass_combination_free(struct metaclass_combination *combination);

#endif
