/*
 * explain.h: how a class got its metaclass and its MRO, or why it did not, line by line.
 */
#ifndef STETH_MRO_EXPLAIN_H
#define STETH_MRO_EXPLAIN_H

#include "mro/hierarchy.h"

typedef VECTOR(char *) text_lines;

/* Appends lines: where the class is, its bases, the metaclass's derivation, C3 step by step. */
struct error *class_explain(const struct hierarchy *hierarchy, class_number number,
                            text_lines *lines);
/* "file:line", "module pkg.mod" … ; NULL: no memory. The caller frees. */
char *class_place(const struct hierarchy *hierarchy, class_number number);
void text_lines_free(text_lines *lines);

#endif
