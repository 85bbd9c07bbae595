/*
 * escape.h: whether a finalizer lets its object escape. The body is walked with the values that
 * its names have; functions and methods of the same file are walked into. Only the escape*.c files
 * and finalizer.c use this.
 */
#ifndef STETH_AUDIT_ESCAPE_H
#define STETH_AUDIT_ESCAPE_H

#include "audit/scopes.h"

/* Where a value comes from, in the order of how far it reaches. */
enum origin {
    ORIGIN_OTHER,   /* nothing that can hold anything for long */
    ORIGIN_FRESH,   /* made here; it goes when the function ends, unless it escapes itself */
    ORIGIN_OWN,     /* an attribute of the object, made by the object itself */
    ORIGIN_PART,    /* an attribute of the object; from where is not known */
    ORIGIN_UNKNOWN, /* the result of a call that cannot be followed */
    ORIGIN_GIVEN,   /* an attribute of the object that was handed to it from outside */
    ORIGIN_LIVE,    /* of a module or class: lives on */
};

enum value_kind {
    KIND_UNKNOWN,
    KIND_CONTAINER, /* a list, dict, set, queue … of the standard library */
    KIND_CLASS,     /* the class `scope` (NOWHERE: of another file) */
    KIND_INSTANCE,  /* of the class `scope` */
    KIND_FUNCTION,  /* the function `scope` */
    KIND_METHOD,    /* … bound to what the other members describe */
    KIND_SUPER,     /* super() in the class `scope` */
    KIND_THREAD,    /* not started */
};

struct value {
    enum origin origin;
    enum value_kind kind;
    bool is_self; /* the object itself */
    bool holds;   /* … or something that refers to it */
    bool weak;    /* keeps nothing alive */
    uint32_t scope;
    uint32_t receiver_class; /* of KIND_METHOD and of self; NOWHERE: unknown */
    struct slice method;     /* "append" of `add = bin_.append`; empty: no such alias */
    bool of_container;       /* … of something that is known to be a container */
};

enum certainty { ESCAPE_POSSIBLE, ESCAPE_LIKELY, ESCAPE_CERTAIN };

struct escape {
    enum certainty certainty;
    unsigned line;          /* in the finalizer */
    unsigned store_line;    /* where it is stored, in the same file */
    struct slice statement; /* in that line */
    struct slice container, target;
    const char *where; /* what keeps it; static */
    struct slice by;   /* the function that stores it; empty: the finalizer itself */
    unsigned frame, branches;
};

struct variable {
    struct slice name;
    struct value value;
};

struct frame {
    struct frame *outer; /* the frame of the function around a nested one */
    struct frame *caller;
    uint32_t scope;
    unsigned number;
    unsigned branches; /* conditions around what is being walked */
    unsigned handlers; /* of them, those of exceptions */
    VECTOR(struct variable) variables;
    struct value returned;
    TSNode statement;
    TSNode type_of; /* "(x)" of a `type(x).y = z`, which the grammar takes for a type alias */
};

struct escape_search {
    const struct scopes *scopes;
    uint32_t class_scope; /* whose object dies */
    VECTOR(struct escape) found;
    unsigned steps_left, depth, frames;
    unsigned line; /* the finalizer's own statement */
    bool no_memory;
};

/*
 * Walks `function`, with self as its first argument, as the finalizer of `class_scope`. The caller
 * releases search->found.
 */
void escape_walk_finalizer(struct escape_search *search, uint32_t function);

/* ---- between the escape*.c files ------------------------------------------------------------- */

struct argument {
    struct slice name; /* keyword; empty: positional */
    bool splat;        /* *args or **kwargs */
    struct value value;
    TSNode node;
};
typedef VECTOR(struct argument) argument_list;

void escape_walk(struct escape_search *search, struct frame *frame, TSNode node);
void escape_walk_match(struct escape_search *search, struct frame *frame, TSNode node);
struct value escape_evaluate(struct escape_search *search, struct frame *frame, TSNode node);
/* The function that a definition or a lambda makes, with what it captures. */
struct value escape_function(struct escape_search *search, struct frame *frame, TSNode node);
struct value escape_call(struct escape_search *search, struct frame *frame, TSNode node);

/* Whether calling a function runs nothing yet: a coroutine function, a generator. */
bool escape_is_deferred(const struct scopes *scopes, uint32_t function);
/* Runs a function of this file; *first: what its first argument has become. */
struct value escape_invoke(struct escape_search *search, struct frame *caller, uint32_t function,
                           const struct argument *arguments, size_t count, struct value *first);

#define ESCAPE_FORM_STEPS    8 /* of value_of_form within itself */
#define ESCAPE_BINDINGS_MOST 8 /* of one name */

/* What a name is that no frame has: a global, a class … */
struct value value_of_binding(const struct scopes *scopes, const struct binding *binding);
/* The attribute `name` of `object`; properties are run. */
struct value value_of_attribute(struct escape_search *search, struct frame *frame,
                                struct value object, struct slice name);
/* What `expression` makes, by its form alone: a container, an instance … */
struct value value_of_form(const struct scopes *scopes, uint32_t scope, TSNode expression,
                           unsigned steps);
struct value value_class_of(const struct value *object); /* type(object) */
struct value value_join(struct value a, struct value b);
struct value value_plain(enum origin origin);
struct value value_new(bool holds); /* made here */

/* The variable that `name` means in `frame`; NULL: none of a function that is being walked. */
struct variable *frame_variable(const struct scopes *scopes, struct frame *frame,
                                struct slice name);
/* `target = value` for a name; also of global names. */
void frame_assign(struct escape_search *search, struct frame *frame, TSNode name,
                  struct value value);

/* `value`, which holds self, is put into `container`, the text of which is `node`. */
struct store {
    TSNode container; /* may be null */
    struct value into;
    TSNode target;       /* the whole of "container[key]"; null: a call */
    struct slice method; /* by a method of the container; empty */
};
void escape_store(struct escape_search *search, struct frame *frame, const struct store *store);
/* Notes an escape at the statement that is being walked. */
void escape_note(struct escape_search *search, struct frame *frame, enum certainty certainty,
                 const char *where, struct slice container, struct slice target);
/* `text` was emptied, deleted or overwritten: what was put there before in this function is out. */
void escape_retract(struct escape_search *search, struct frame *frame, struct slice text);

#endif
