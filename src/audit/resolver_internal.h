/* resolver_internal.h: between the files of the resolver. */
#ifndef STETH_AUDIT_RESOLVER_INTERNAL_H
#define STETH_AUDIT_RESOLVER_INTERNAL_H

#include "audit/resolver.h"

#define SYS_IMPLEMENTATION "sys.implementation is an object written in C"
#define RESOLVER_DEEPEST   800 /* evaluations within one another */

enum truth { TRUTH_UNKNOWN, TRUTH_NO, TRUTH_YES };
enum outcome { OUTCOME_UNKNOWN, OUTCOME_SUCCEEDS, OUTCOME_FAILS };

/* value.c */
struct value value_unknown(struct resolver *resolver, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
struct value value_of_kind(enum value_kind kind);
struct value value_class(class_number number);
bool value_same(const struct value *a, const struct value *b);
/* A text that lives as long as the resolver. */
const char *resolver_keep(struct resolver *resolver, char *text);

static inline const struct module *resolver_module(const struct resolver *resolver, uint32_t number)
{
    return &resolver->modules->entries.items[number]->module;
}
static inline const struct module_entry *resolver_entry(const struct resolver *resolver,
                                                        uint32_t number)
{
    return resolver->modules->entries.items[number];
}
/* NULL: no memory, or the module has no source. */
struct module_memory *resolver_memory(struct resolver *resolver, uint32_t module);

/* lookup.c */
struct value lookup_name(struct resolver *resolver, struct place_of_use place, symbol_id name);
/* `name` as the scope leaves it in the end. */
struct value lookup_in_scope(struct resolver *resolver, uint32_t module, uint32_t scope,
                             symbol_id name);

/* lookup_event.c */
/* What one event binds its name to. */
struct value lookup_event(struct resolver *resolver, uint32_t module, uint32_t event);

/* imports.c */
uint32_t import_module(struct resolver *resolver, uint32_t from, const struct import *import);
struct value import_value(struct resolver *resolver, uint32_t from, const struct import *import);
/* What `from x import *` binds `name` to, if it does (*certain); VALUE_UNBOUND: nothing. */
struct value import_star(struct resolver *resolver, uint32_t from, const struct import *import,
                         const char *name, bool *certain);
enum truth import_succeeds(struct resolver *resolver, uint32_t from, const struct import *import);

/* module_names.c */
struct value module_attribute(struct resolver *resolver, uint32_t module, const char *name);
struct value builtin_value(struct resolver *resolver, const char *name);
struct value value_module(uint32_t number);
/* A module of the package `module`, or `otherwise`. */
struct value submodule(struct resolver *resolver, uint32_t module, const char *name,
                       struct value otherwise);

/* patches.c */
/* Whether a module that is loaded assigns the name of another. */
bool set_by_another(const struct resolver *resolver, uint32_t module, symbol_id name);

/* evaluate.c */
struct value evaluate(struct resolver *resolver, struct place_of_use place, expression_id id);
struct value class_attribute(struct resolver *resolver, class_number number, const char *name,
                             unsigned depth);
struct value value_attribute(struct resolver *resolver, const struct value *value,
                             const char *name);

/* tests.c */
enum truth truth_of(const struct value *value);
enum truth decide(struct resolver *resolver, struct place_of_use place, expression_id test);
struct value compare(struct resolver *resolver, struct place_of_use place,
                     const struct expression *expression);

/* outcomes.c */
/* *arm: the handler that runs; *position: where the body stopped. */
enum outcome decide_try(struct resolver *resolver, uint32_t module, uint32_t construct,
                        uint32_t *arm, uint32_t *position);

/* The line in which a test asserts that a block raises TypeError; 0: none in its function. */
unsigned type_error_asserted(const struct module *module, uint32_t scope, uint32_t block);

/* reached.c */
/* Why this Python never comes to a block; NULL: it may. */
const char *never_reached(struct resolver *resolver, uint32_t module, uint32_t scope,
                          uint32_t block, uint32_t position);

/* call.c */
struct value evaluate_call(struct resolver *resolver, struct place_of_use place, expression_id id);

/* call_arguments.c */
/* An expression as it is written, as far as that is known. */
const char *expression_written(struct resolver *resolver, const struct module *module,
                               expression_id id);
expression_id call_value(const struct module *module, const struct expression *call,
                         uint32_t position, const char *keyword);
uint32_t call_positional(const struct module *module, const struct expression *call);

/* metaclass_new.c */
/* Why the __new__ of a metaclass makes another class than the statement says; NULL: it does not. */
const char *metaclass_departs(struct resolver *resolver, class_number metaclass);

/* returns.c */
/* The next return statement of a function at or behind *index; NULL: no more. */
const struct returned *function_next_return(const struct module *module, uint32_t scope,
                                            uint32_t *index);
struct value function_result(struct resolver *resolver, const struct value *function,
                             struct place_of_use place, const struct expression *call);
/* Whether a decorator, or what it returns when it is `called`, gives back the class it gets. */
bool decorator_keeps(struct resolver *resolver, const struct value *function, bool called);
/* Whether a method returns nothing but what the method of its base class does. */
bool only_asks_super(const struct resolver *resolver, const struct value *function);
/* Whether a function is a with_metaclass(meta, *bases). */
bool is_with_metaclass(struct resolver *resolver, const struct value *function);

/* known_classes.c */
class_number class_from_table(struct resolver *resolver, uint32_t type);
class_number declare_class(struct resolver *resolver, const char *name, enum class_origin origin,
                           uint32_t module, uint32_t index);
/* False: no memory. */
bool remember_bases(struct known_class *class, const struct class_base *bases, size_t count);
class_number metaclass_of(struct resolver *resolver, class_number number);
bool derives(const struct resolver *resolver, class_number number, class_number ancestor);
class_number known_class_named(struct resolver *resolver, const char *module, const char *name);

/* decorators.c */
/* What decorators do to the class that they are given. */
enum field_style { FIELDS_NONE, FIELDS_DATACLASS, FIELDS_ATTRS };

struct decorated {
    bool slots;              /* made anew, with its fields as __slots__ */
    enum field_style fields; /* what its fields are */
    enum truth auto_attribs; /* of attrs: names with types; unknown: if no others are there */
    bool more_fields;        /* the decorator names some */
    bool names_metaclass;    /* six.add_metaclass */
    class_number metaclass;
    class_number remade_from; /* enum._simple_enum(E): made anew with this one base */
    const char *replaced;     /* why the name may stand for something else; NULL */
};
struct decorated decorations(struct resolver *resolver, struct place_of_use place,
                             const struct class_statement *statement);

/* The same for the statement itself. */
struct decorated class_decorations(struct resolver *resolver, uint32_t module,
                                   const struct class_statement *statement);

/* slots_made.c */
/* Adds the __slots__ that a decorator makes; facts->bases are known. */
void slots_make(struct resolver *resolver, uint32_t module, uint32_t index,
                const struct decorated *decorated, struct class_facts *facts);

/* slots.c */
/* The last binding of a name in the class's own body; NONE. */
uint32_t class_own_event(const struct module *module, const struct class_statement *statement,
                         const char *name);
/* The layout that the statement asks for; facts->bases are known. */
void class_set_layout(struct resolver *resolver, uint32_t number,
                      const struct class_statement *statement, const struct decorated *decorated,
                      struct class_facts *facts);

/* statement.c */
/* The value of a class's name after its decorators. */
struct value decorated_class(struct resolver *resolver, uint32_t module, uint32_t statement);

/* special.c */
enum special special_for(const char *module, const char *name);

/* entries.c */
struct base_list {
    VECTOR(struct class_base) bases;
    const char *not_checked; /* NULL */
    bool names_metaclass;
    class_number metaclass;     /* CLASS_UNKNOWN: not known */
    const char *metaclass_text; /* as it is written; NULL */
    const char *keywords;       /* the others; NULL */
    bool typed_dict, named_tuple;
    uint32_t typed_dict_module;
};
void base_list_free(struct base_list *list);
/* What `args` of a class statement come to: bases after __mro_entries__, the metaclass. */
void base_list_fill(struct resolver *resolver, struct place_of_use place, expression_id arguments,
                    bool type_parameters, struct base_list *list);
/* The same for values. */
void base_list_from_values(struct resolver *resolver, const struct value *values,
                           const char *const *texts, size_t count, bool type_parameters,
                           struct base_list *list);

/* call_metaclass.c */
/* Declares and defines a class that a call makes. */
struct class_of_call {
    const char *name;
    const char *module; /* that it says it is from; NULL: where the call stands */
    bool has_slots, slots_unknown;
    uint32_t slots;
};
struct value make_class(struct resolver *resolver, struct place_of_use place, expression_id call,
                        const struct class_of_call *shape, struct base_list *list);

#endif
