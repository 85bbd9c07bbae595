/* call_internal.h: between the files of calls. */
#ifndef STETH_AUDIT_CALL_INTERNAL_H
#define STETH_AUDIT_CALL_INTERNAL_H

#include "audit/resolver_internal.h"

/* ---- call_arguments.c ------------------------------------------------------------------------ */

/* The text that an argument is; NULL: it is none, or not known. */
const char *call_text(struct resolver *resolver, struct place_of_use place,
                      const struct expression *call, uint32_t position, const char *keyword);
/* What a call gives that is not understood. */
struct value call_not_followed(struct resolver *resolver, const struct module *module,
                               const struct expression *call);

/* ---- call_metaclass.c ------------------------------------------------------------------------ */

/* type(x), type("X", (A,), {}), Meta("X", (A,), {}), types.new_class("X", (A,)) */
struct value call_metaclass(struct resolver *resolver, struct place_of_use place, expression_id id,
                            class_number metaclass, bool new_class);
/* The bases of type("X", (A, B), {}): a tuple that is written out. */
bool call_add_bases(struct resolver *resolver, struct place_of_use place, expression_id id,
                    struct base_list *list);

/* ---- call_factory.c: functions that make classes --------------------------------------------- */

/* A class with the one base `base`, which is a builtin: namedtuple("N", …). */
struct value make_single_base(struct resolver *resolver, struct place_of_use place,
                              expression_id id, const char *base, bool slots);
/* TypedDict("T", {…}) */
struct value make_typed_dict(struct resolver *resolver, struct place_of_use place, expression_id id,
                             uint32_t defined_in);
struct value make_dataclass(struct resolver *resolver, struct place_of_use place, expression_id id);
/* with_metaclass(Meta, *bases): stands for them among the bases of a class. */
struct value make_stand_in(struct resolver *resolver, struct place_of_use place,
                           const struct expression *call);
/* SQLAlchemy's older way: a class named Base with a metaclass of theirs. */
struct value make_declarative_base(struct resolver *resolver, struct place_of_use place,
                                   expression_id id, uint32_t defined_in);
/* Django: class Manager(BaseManager.from_queryset(QuerySet)). */
struct value make_manager(struct resolver *resolver, struct place_of_use place, expression_id id);

#endif
