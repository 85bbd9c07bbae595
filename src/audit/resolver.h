/*
 * resolver.h: names to what they stand for, across modules, without running anything. Values are
 * worked out when they are asked for; what cannot be known for certain is VALUE_UNKNOWN with a
 * reason.
 *
 *   lookup*.c        names in scopes and blocks
 *   imports.c        what import statements bring
 *   module_names.c   names of a module as others see it
 *   value.c          values as such
 *   patches.c        names of a module that others set
 *   evaluate.c       expressions
 *   tests.c          tests of if
 *   outcomes.c       outcomes of try
 *   reached.c        what is never reached
 *   call*.c          calls: what is called, classes that it makes
 *   returns.c        what functions and decorators return
 *   metaclass_new.c  what the __new__ of a metaclass makes
 *   statement.c      class statements
 *   entries.c        what stands between their parentheses
 *   decorators.c     what stands above them
 *   known_classes.c  the classes met so far, their ancestors and metaclasses
 */
#ifndef STETH_AUDIT_RESOLVER_H
#define STETH_AUDIT_RESOLVER_H

#include "audit/modules.h"
#include "mro/hierarchy.h"

enum value_kind {
    VALUE_UNKNOWN,  /* text: why */
    VALUE_UNBOUND,  /* there is no such name; text: why */
    VALUE_CLASS,    /* number: class_number */
    VALUE_MODULE,   /* number */
    VALUE_FUNCTION, /* module, number: its scope */
    VALUE_ALIAS, /* number: the class that it is an alias of; `named`: typing.List and the like */
    VALUE_SEQUENCE, /* module, number: expression, where it is evaluated */
    VALUE_STRING,   /* text */
    VALUE_INTEGER,  /* number */
    VALUE_TRUE,
    VALUE_FALSE,
    VALUE_NONE,
    VALUE_VERSION,       /* sys.version_info */
    VALUE_BUILTIN_NAMES, /* sys.builtin_module_names */
    VALUE_SPECIAL,       /* number: enum special; module: which defines it */
    VALUE_STAND_IN,      /* number: of `stand_ins`: with_metaclass(M, A, B) */
    VALUE_OBJECT,        /* some object that is no class; text: why */
};

/* Where a name is used. */
struct place_of_use {
    uint32_t module, scope, block, position;
};

struct value {
    enum value_kind kind;
    bool named;     /* VALUE_ALIAS */
    bool from_call; /* VALUE_CLASS: a call made it, perhaps another one each time */
    uint32_t module, number;
    const char *text; /* owned by a module or by the resolver */
    struct place_of_use place;
};

enum special {
    SPECIAL_NONE,
    SPECIAL_NAMED_TUPLE, /* typing.NamedTuple */
    SPECIAL_TYPED_DICT,
    SPECIAL_NAMEDTUPLE, /* collections.namedtuple */
    SPECIAL_CAST,
    SPECIAL_NEW_CLASS,
    SPECIAL_DATACLASS,
    SPECIAL_MAKE_DATACLASS,
    SPECIAL_ATTRS,         /* slots unless told */
    SPECIAL_ATTRS_CLASSIC, /* slots when told */
    SPECIAL_ATTRS_TYPED,   /* … with names that have types */
    SPECIAL_IDENTITY,      /* a decorator that returns its class */
    SPECIAL_IDENTITY_MAKER,
    SPECIAL_WITH_METACLASS,
    SPECIAL_ADD_METACLASS,
    SPECIAL_DECLARATIVE_BASE,
    SPECIAL_IMPORT_MODULE,
    SPECIAL_IMPORT_TOP,    /* __import__ */
    SPECIAL_FROM_QUERYSET, /* Django's BaseManager.from_queryset */
    SPECIAL_SIMPLE_ENUM,
    SPECIAL_ALIAS_MAKER,
    SPECIAL_GETATTR,
    SPECIAL_HASATTR,
};

struct stand_in {
    struct value metaclass;
    const char *metaclass_text;
    VECTOR(struct value) bases;
    VECTOR(const char *) texts;
};

enum class_origin { CLASS_FROM_TABLE, CLASS_FROM_STATEMENT, CLASS_FROM_CALL };

/* A class, as far as the resolver needs it; by class_number. */
struct known_class {
    enum class_origin origin;
    bool defined, defining;
    bool typed_dict;
    uint32_t module, index; /* statement, table type or call */
    class_numbers bases;
    bool bases_known;
    bool names_metaclass;
    class_number named_metaclass; /* or the one that a table says */
    class_number metaclass;       /* worked out; CLASS_UNKNOWN: not yet, or not known */
    bool metaclass_done;
    const char *not_made; /* why this Python never makes it; NULL */
};

/* Of one module, made when it is first asked about. */
struct module_memory {
    struct value *events;
    uint8_t *event_states; /* 0 not yet, 1 under way, 2 done */
    class_number *classes; /* by statement; CLASS_UNKNOWN: not yet */
    uint8_t *tries;        /* by construct: 0 not yet, else outcome + 1 */
    uint32_t *failures;    /* by construct: position and arm of a try that fails */
};

struct resolver {
    struct modules *modules;
    struct hierarchy *hierarchy;
    unsigned minor;
    unsigned depth;
    unsigned circles;   /* evaluations that met themselves */
    bool type_checking; /* names are looked up as type checkers see them */
    bool no_memory;
    VECTOR(struct known_class) classes;
    VECTOR(class_number) of_table; /* by type of the table */
    VECTOR(struct module_memory) memories;
    VECTOR(struct stand_in) stand_ins;
    VECTOR(char *) texts;            /* owned */
    struct address_map made_by_call; /* module and expression -> class_number */
    struct address_map attributes;   /* module and symbol -> of `attribute_values` */
    VECTOR(struct value) attribute_values;
    struct address_map patches; /* module and symbol -> the module that sets it */
};

struct error *resolver_open(struct resolver *resolver, struct modules *modules,
                            struct hierarchy *hierarchy, unsigned minor);
void resolver_close(struct resolver *resolver);

/* The class of a statement, with its bases; CLASS_UNKNOWN: no memory. */
class_number resolver_class(struct resolver *resolver, uint32_t module, uint32_t statement);
/* The classes that calls of a module make: X = type("X", (A, B), {}) and the like. */
void resolver_make_called(struct resolver *resolver, uint32_t module);
/* Which names of modules others set, as far as they are loaded. */
void resolver_note_patches(struct resolver *resolver);
/* The folders that a module puts on sys.path are searched, too. */
void resolver_add_paths(struct resolver *resolver, uint32_t module);
/* A dotted name "pkg.mod.Outer.Inner". */
struct value resolver_dotted(struct resolver *resolver, uint32_t from, const char *name);

#endif
