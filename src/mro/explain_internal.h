/* explain_internal.h: between the files that put a derivation in words. */
#ifndef STETH_MRO_EXPLAIN_INTERNAL_H
#define STETH_MRO_EXPLAIN_INTERNAL_H

#include "mro/explain.h"
#include "mro/internal.h"

#define LISTED_MAX 400 /* classes named in one line */
#define STEPS_MAX  400 /* steps of a linearisation that are written out */

/* ---- explain_write.c: lines and lists of names ----------------------------------------------- */

struct writer {
    const struct hierarchy *hierarchy;
    class_number number;
    text_lines *lines;
    bool failed; /* no memory */
};

void explain_line(struct writer *writer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static inline const char *explain_name(const struct writer *writer, class_number number)
{
    return class_name(writer->hierarchy, number);
}

/* Names with commas; "none" for nothing. NULL: no memory. The caller frees. */
char *explain_join(const struct writer *writer, const class_numbers *numbers);
char *explain_join_mro(const struct writer *writer, class_number number);

/* ---- explain_metaclass.c, explain_order.c ---------------------------------------------------- */

void explain_metaclass(struct writer *writer);
/* C3 step by step, from the bases to the order or to what is in its way. */
struct error *explain_order(struct writer *writer, const class_numbers *bases);

#endif
