/*
 * scopes.h: the scopes of one file, what each name in them is bound to, and what an expression is
 * called at home: "time.sleep" for `nap` after `from time import sleep as nap`.
 */
#ifndef STETH_AUDIT_SCOPES_H
#define STETH_AUDIT_SCOPES_H

#include "audit/syntax.h"
#include "base/address_map.h"
#include "base/error.h"
#include "base/vector.h"

enum scope_kind {
    SCOPE_MODULE,
    SCOPE_CLASS,
    SCOPE_INSTANCE, /* the attributes that a class's methods set on self; the class's number + 1 */
    SCOPE_FUNCTION, /* also a lambda */
};

enum binding_kind {
    BOUND_IMPORT,    /* `dotted` */
    BOUND_FUNCTION,  /* `node` is the definition */
    BOUND_CLASS,     /* `node` is the definition */
    BOUND_VALUE,     /* `node` is the expression */
    BOUND_PARAMETER, /* `node` is the parameter */
    BOUND_OTHER,     /* in a way that says nothing about what it is */
};

#define NOWHERE UINT32_MAX

struct binding {
    struct slice name;
    enum binding_kind kind;
    TSNode node;
    TSNode statement; /* that binds it */
    char *dotted;
    uint32_t scope;   /* it is a name of */
    uint32_t made_in; /* the scope in which `node` is to be read */
    uint32_t next;    /* the next binding of the same name in the same scope; NOWHERE */
};

struct scope {
    enum scope_kind kind;
    TSNode node; /* module, class_definition, function_definition, lambda */
    uint32_t parent;
    TSNode first_parameter; /* the identifier; null: none */
    bool is_method;         /* a function directly in a class, and no static method */
    bool class_method;
    struct slice name;
    VECTOR(struct slice) globals, nonlocals;
};

struct scopes {
    const struct source *source;
    VECTOR(struct scope) items; /* [0] is the module */
    VECTOR(struct binding) bindings;
    struct address_map by_node; /* node of a scope -> its number */
    struct address_map by_name;
    bool star_import; /* names may come from anywhere */
    bool no_memory;
};

struct error *scopes_build(const struct source *source, struct scopes *scopes);
void scopes_free(struct scopes *scopes);

/* The scope of a definition or lambda; NOWHERE. */
uint32_t scopes_of_node(const struct scopes *scopes, TSNode node);

/* The first binding of `name` in this very scope; NULL. The others follow by binding_next. */
const struct binding *scopes_in(const struct scopes *scopes, uint32_t scope, struct slice name);
const struct binding *binding_next(const struct scopes *scopes, const struct binding *binding);

/* The first binding that `name`, read in `scope`, means; NULL: a builtin, or unknown. */
const struct binding *scopes_find(const struct scopes *scopes, uint32_t scope, struct slice name);

/* The name in a parameter, without its default, annotation and stars. */
TSNode parameter_name(TSNode parameter);

/* The class in which a function stands as a method; NOWHERE. */
uint32_t scopes_class_of(const struct scopes *scopes, uint32_t function);

/*
 * The bases of a class that are classes of this file: the number-th one in the order in which they
 * are searched (depth first, itself as 0); NOWHERE at the end.
 */
uint32_t scopes_ancestor(const struct scopes *scopes, uint32_t class_scope, size_t number);

/* The first binding of an attribute in a class and its ancestors of this file; `instance`: of those
 * set on self. */
const struct binding *scopes_member(const struct scopes *scopes, uint32_t class_scope,
                                    struct slice name, bool instance);

/* "module.Outer.method", as __qualname__ has it. The caller frees; NULL: no memory. */
char *scopes_qualified(const struct scopes *scopes, uint32_t scope);

/*
 * What the expression is called at home: "time.sleep", "builtins.open().read"; "()" stands for a
 * call. NULL: not known, for certain. The caller frees it.
 */
char *scopes_dotted(const struct scopes *scopes, uint32_t scope, TSNode expression);

#endif
