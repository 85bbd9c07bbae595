/* class_parts.h: what the files of findings about classes share; private to them. */
#ifndef STETH_ANALYSIS_CLASS_PARTS_H
#define STETH_ANALYSIS_CLASS_PARTS_H

#include "analysis/classes.h"

struct class_case {
    const struct hierarchy *hierarchy;
    class_number number;
    const struct class_facts *facts;
    const struct class_answer *answer;
    struct finding *finding;
};

/* The name of a class as the file of the judged one would have it: without their common module. */
const char *class_shown(const struct class_case *one, class_number number);
/* "Name (file:line)", or the name where the place is not known; NULL: no memory. */
char *class_with_place(const struct class_case *one, class_number number);
/* class_text.c */
/* The base as a statement writes it, or its short name where that cannot be written once more. */
const char *class_base_text(const struct hierarchy *hierarchy, const struct class_base *base);
/* "type(A)": its metaclass, as source. The caller frees; NULL: no memory. */
char *class_base_type(const struct hierarchy *hierarchy, const struct class_base *base);
/* "class C(A, B, keyword=…, metaclass=M):" with the bases in the order of `order` (NULL: as
 * listed); metaclass NULL: the one that it names itself. */
char *class_statement(const struct class_case *one, const uint32_t *order, size_t count,
                      const char *metaclass);
/* classes.c */
/* The names of classes as a fact that is a list. */
void class_fact_names(struct finding *finding, const char *name, const struct hierarchy *hierarchy,
                      const class_number *numbers, size_t count);

/* class_metaclass.c: META001 */
struct error *class_explain_conflict(const struct class_case *one);
/* class_order.c: MRO001 */
struct error *class_explain_order(const struct class_case *one);
/* The bases with enumerations last, where one is not and has to be; false: as they are. */
#define ORDERED_MAX 6 /* bases of which orders are tried */
bool class_order_of_enum(const struct class_case *one, uint32_t *order);
/* class_layout.c: MRO002 and MRO003 */
struct error *class_explain_layout(const struct class_case *one);
struct error *class_explain_twice(const struct class_case *one);

#endif
