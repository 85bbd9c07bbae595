/*
 * module.h: what one file says about names and classes, in the order in which it says it: enough
 * to resolve names later, when its tree is long gone. scan.h makes it.
 *
 * A module has scopes (itself, classes, functions). A scope has events, each of which binds one
 * name, at a position; positions count up within their scope. Events stand in blocks: the scope's
 * body, or an arm of an if, a try, a loop. Indices are 32 bits wide; NONE means that there is
 * nothing.
 */
#ifndef STETH_AUDIT_MODULE_H
#define STETH_AUDIT_MODULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address_map.h"
#include "base/vector.h"

#define NONE UINT32_MAX

typedef uint32_t symbol_id;     /* an interned text */
typedef uint32_t expression_id; /* of `expressions` */

enum expression_kind {
    EXPRESSION_OTHER,     /* what is not looked into; `text` says how it is written */
    EXPRESSION_NAME,      /* text */
    EXPRESSION_ATTRIBUTE, /* child 0 . text */
    EXPRESSION_SUBSCRIPT, /* child 0 [ children 1… ] */
    EXPRESSION_CALL,      /* child 0 ( children 1… ) */
    EXPRESSION_SEQUENCE,  /* a tuple, list or set of children; `text` is its opening bracket or ","
                           */
    EXPRESSION_STRING,    /* text */
    EXPRESSION_INTEGER,   /* `number` */
    EXPRESSION_TRUE,
    EXPRESSION_FALSE,
    EXPRESSION_NONE,
    EXPRESSION_STARRED,        /* *child */
    EXPRESSION_DOUBLE_STARRED, /* **child */
    EXPRESSION_KEYWORD,        /* text = child */
    EXPRESSION_AND,
    EXPRESSION_OR,
    EXPRESSION_NOT,
    EXPRESSION_CONDITIONAL,   /* child 0 if child 1 else child 2 */
    EXPRESSION_COMPARISON,    /* child 0 `text` child 1 */
    EXPRESSION_ADDITION,      /* child 0 + child 1 */
    EXPRESSION_DIVISION,      /* child 0 / child 1: of paths */
    EXPRESSION_COMPREHENSION, /* something for each of child 0, none left out */
};

struct expression {
    enum expression_kind kind;
    symbol_id text;
    int32_t number;
    uint32_t first; /* of `children` */
    uint32_t count;
    uint32_t line;
    symbol_id written; /* as the source has it; of arguments of a class statement only, else NONE */
};

enum event_kind {
    EVENT_ASSIGN,   /* = expression, as it is at `evaluated_at` */
    EVENT_CLASS,    /* class `index` */
    EVENT_FUNCTION, /* scope `index` */
    EVENT_IMPORT,   /* import `index` */
    EVENT_DELETE,   /* del */
    EVENT_OPAQUE,   /* bound to something that is not known: `why` */
};

struct event {
    enum event_kind kind;
    symbol_id name; /* STAR_NAME: all names of a module; with EVENT_OPAQUE: any */
    uint32_t block;
    uint32_t position;
    uint32_t evaluated_at;
    uint32_t previous; /* event of the same name in the same scope; NONE */
    uint32_t index;    /* class, scope, import or expression */
    uint32_t line;
    const char *why; /* static, EVENT_OPAQUE */
};

#define OPAQUE_CLASSES                                                                             \
    1               /* `index` of an EVENT_OPAQUE that binds any name: also those of classes       \
                     */
#define STAR_NAME 0 /* symbol 0 is "*" */
#define SELF_NAME "sys.modules[__name__]" /* bound when a module puts another in its place */

struct import {
    unsigned level;   /* dots in front */
    symbol_id module; /* dotted; NONE: only dots */
    symbol_id name;   /* from … import name; NONE: import module */
    bool bind_top;    /* import a.b binds a */
    uint32_t line;
};

enum arm_kind {
    ARM_BODY, /* of a scope */
    ARM_IF,   /* if, elif: `test` */
    ARM_ELSE, /* of an if, a loop, a try */
    ARM_TRY,
    ARM_EXCEPT, /* `test`: the exceptions; NONE: all */
    ARM_FINALLY,
    ARM_LOOP,
    ARM_CASE, /* of a match */
};

struct block {
    enum arm_kind kind;
    uint32_t parent;    /* NONE: the scope's body */
    uint32_t construct; /* number of the statement that it is an arm of; NONE */
    uint32_t next;      /* arm of the same statement; NONE */
    expression_id test;
    uint32_t start, end;             /* positions */
    uint32_t first_event, end_event; /* of `events`, with those of scopes within */
    uint32_t scope;
    uint32_t line;
    bool leaves;        /* ends with return, raise, continue, break */
    uint32_t left_at;   /* the position from which on nothing is reached; NONE */
    unsigned left_line; /* of the statement there */
    bool asserted;      /* ARM_EXCEPT: stands for a test's assertion that the exception is raised */
};

struct construct {
    uint32_t first; /* block */
    uint32_t start, end;
};

enum scope_kind { SCOPE_MODULE, SCOPE_CLASS, SCOPE_FUNCTION };

struct returned {
    uint32_t scope;
    expression_id value; /* NONE: none */
    uint32_t block, position;
};

struct scope {
    enum scope_kind kind;
    symbol_id name;
    uint32_t parent;   /* NONE: the module */
    uint32_t block;    /* of the parent, in which it stands … */
    uint32_t position; /* … and where */
    uint32_t body;     /* its own block */
    uint32_t end;      /* position behind its last event */
    uint32_t line;
    uint32_t class_index;     /* SCOPE_CLASS */
    uint32_t first_parameter; /* SCOPE_FUNCTION, of `parameters` */
    uint32_t parameter_count, first_return, return_count;
    uint32_t decorators; /* SCOPE_FUNCTION: an EXPRESSION_SEQUENCE; NONE */
    uint32_t raises;     /* number of raise statements */
    bool generator;      /* or a coroutine: what it returns is not what a call gives */
};

struct parameter {
    symbol_id name;
    char kind; /* ' ', '*', 'd' for ** */
};

struct class_statement {
    symbol_id name;
    uint32_t scope;      /* its own */
    uint32_t arguments;  /* an EXPRESSION_SEQUENCE */
    uint32_t decorators; /* an EXPRESSION_SEQUENCE, outermost first; NONE */
    uint32_t line;
    symbol_id type_parameters;       /* "[T]"; NONE */
    uint32_t first_field, end_field; /* of `fields`; those of classes within it as well */
    const char *not_checked;         /* static; NULL */
};

/* object.name = … */
struct attribute_set {
    expression_id object;
    symbol_id name;
    uint32_t scope, block, position;
};

/* A name of a class's body that dataclasses and attrs may make a field of. */
struct field {
    uint32_t class_index;
    symbol_id name;
    bool annotated, sure; /* with a type, and no ClassVar and the like */
    bool made;            /* by attr.ib() or field() */
};

struct module {
    char *path;
    char *name;    /* dotted */
    bool package;  /* its file is __init__ */
    bool stub;     /* .pyi */
    char *problem; /* why nothing is known of it; NULL */
    unsigned syntax_error;
    VECTOR(char *) texts;       /* by symbol_id */
    struct address_map by_hash; /* hash of a text -> symbol_id + 1, chained by `next_text` */
    VECTOR(uint32_t) next_text;
    VECTOR(struct expression) expressions;
    VECTOR(expression_id) children;
    VECTOR(struct event) events;
    VECTOR(struct import) imports;
    VECTOR(struct block) blocks;
    VECTOR(struct construct) constructs;
    VECTOR(struct scope) scopes; /* 0: the module itself */
    VECTOR(struct parameter) parameters;
    VECTOR(struct returned) returns;
    VECTOR(struct class_statement) classes;
    VECTOR(struct field) fields;
    VECTOR(uint32_t) leaving;            /* constructs: ifs one of whose arms leaves */
    VECTOR(expression_id) paths;         /* what it puts on sys.path */
    VECTOR(symbol_id) reassigned;        /* by functions, with global … */
    VECTOR(symbol_id) reassigned_around; /* … with nonlocal: names of functions around them */
    VECTOR(symbol_id) attributes;        /* that statements set on objects: A.b = c */
    VECTOR(struct attribute_set) attribute_sets; /* of them those of names and attributes */
    struct address_map last_event;               /* scope and name -> event */
    bool no_memory;
};

void module_free(struct module *module);

/* The symbol of a text, made when it is new; NONE: no memory (module->no_memory is set). */
symbol_id module_intern(struct module *module, const char *text, size_t size);
/* NONE: the module never mentions it. */
symbol_id module_symbol(const struct module *module, const char *text);

static inline const char *module_text(const struct module *module, symbol_id symbol)
{
    return symbol < module->texts.count ? module->texts.items[symbol] : "";
}

/* The last event of `name` in `scope`; NONE. */
uint32_t module_last_event(const struct module *module, uint32_t scope, symbol_id name);
void module_set_last_event(struct module *module, uint32_t scope, symbol_id name, uint32_t event);

/* Whether the module has a statement that sets the attribute on some object. */
static inline bool module_sets_attribute(const struct module *module, symbol_id name)
{
    for (size_t i = 0; i < module->attributes.count; i++) {
        if (module->attributes.items[i] == name)
            return true;
    }
    return false;
}

static inline const struct expression *module_expression(const struct module *module,
                                                         expression_id id)
{
    return &module->expressions.items[id];
}

/* The id of child `i`. */
static inline expression_id module_child(const struct module *module,
                                         const struct expression *expression, uint32_t i)
{
    return module->children.items[expression->first + i];
}

/* "Outer.f.<locals>.Inner" of a scope; the caller frees; NULL: no memory. */
char *module_qualified_name(const struct module *module, uint32_t scope);

#endif
