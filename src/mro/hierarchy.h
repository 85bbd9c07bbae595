/*
 * mro: what a class statement does, as pure functions: which metaclass is chosen, whether the
 * layouts of the bases go together, which method resolution order (MRO) comes out, or why none.
 * Classes are data here, wherever they come from: source or a live process. Includes base only.
 *
 * hierarchy.h: the classes and the answers. merge.h explains an order, metaclass.h a metaclass and
 * how to combine some, explain.h writes both out as lines. The order of the tests is that of
 * CPython: metaclass, layouts and __slots__, duplicate bases, MRO (Objects/typeobject.c: type_new,
 * best_base, mro_internal).
 *
 *   hierarchy_new -> hierarchy_declare (names, any order) -> hierarchy_define -> hierarchy_solve
 *   -> class_answer, mro_begin …
 */
#ifndef STETH_MRO_HIERARCHY_H
#define STETH_MRO_HIERARCHY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/vector.h"

typedef uint32_t class_number;
typedef VECTOR(class_number) class_numbers;

#define CLASS_UNKNOWN UINT32_MAX /* something that could not be resolved */
#define CLASS_OBJECT  0          /* declared and defined by hierarchy_new; may be defined anew */
#define CLASS_TYPE    1

enum base_form {
    BASE_PLAIN,    /* the statement has the class */
    BASE_ALIAS,    /* … something that stands for it: Box[int] */
    BASE_NAMED,    /* … List[int], List: typing's names for classes of other names */
    BASE_IMPLICIT, /* … neither: what aliases and type parameters add */
};

struct class_base {
    class_number number; /* CLASS_UNKNOWN: see `text` */
    const char *text;    /* as the statement writes it, or why it is not known; may be NULL */
    enum base_form form;
};

enum layout_kind {
    LAYOUT_STATEMENT, /* made by a class statement: follows from the bases and __slots__ */
    LAYOUT_SIZES,     /* known numbers: builtins, live classes */
    LAYOUT_OWN,       /* implemented in C with fields of its own, their size not known */
    LAYOUT_AS_BASE,   /* implemented in C without fields of its own */
    LAYOUT_UNKNOWN,   /* implemented in C, seen in a stub only: layouts are not checked */
};

struct class_layout {
    enum layout_kind kind;
    /* LAYOUT_STATEMENT */
    bool has_slots;     /* sets __slots__, also to nothing */
    bool slots_unknown; /* … to something that cannot be read from the source */
    uint32_t slots;     /* names other than the next two */
    bool slot_dict, slot_weakref;
    /* LAYOUT_SIZES, as __basicsize__, __itemsize__, __dictoffset__, __weakrefoffset__ */
    int64_t basicsize, itemsize, dictoffset, weaklistoffset;
    class_number base; /* __base__; CLASS_UNKNOWN: as chosen from the bases */
    bool heap_type;    /* made at run time: trailing dict and weak reference words do not count */
};

/* What is known of a class. Everything is copied by hierarchy_define. */
struct class_facts {
    const char *file; /* NULL: unknown */
    unsigned line;
    unsigned asserted_line;         /* in which a test asserts that the statement fails; 0: none */
    const struct class_base *bases; /* in statement order, after __mro_entries__; none: object */
    size_t base_count;
    bool names_metaclass;         /* the statement has metaclass=… */
    class_number named_metaclass; /* … which may be CLASS_UNKNOWN */
    const char *metaclass_text;   /* … as it is written; NULL */
    const char *keywords;         /* the others, as they are written; NULL */
    const char *parameters;       /* "[T]"; NULL */
    bool has_metaclass;           /* its metaclass is known, whatever the bases say: */
    class_number metaclass;
    const class_number *mro; /* its MRO is known (live, from a table), itself first; or NULL */
    size_t mro_length;
    struct class_layout layout;
    bool overrides_mro; /* defines mro(): the order of its instances, when they are classes, is its
                           own affair */
    bool is_final;      /* accepts no subclass (bool, NoneType …) */
    bool made_by_statement;     /* shown as a class of Python, whatever its layout's kind */
    bool has_finalizer;         /* defines __del__ … */
    const char *finalizer_file; /* … here; NULL: as `file` */
    unsigned finalizer_line;
    const char *distribution, *version; /* that it belongs to; NULL: none or unknown */
    const char *not_checked;            /* why nothing can be said about it; NULL */
};

/* What class statements do differently from one CPython to the next. */
struct class_rules {
    bool dict_in_struct;       /* 3.8 to 3.10: __dict__ is a word of the instance's struct */
    bool dict_in_sized_struct; /* 3.8 to 3.11: … when the instances vary in size (int, tuple) */
    bool weakref_in_struct;    /* 3.8 to 3.11 */
    bool tuple_slots;          /* 3.15: subclasses of tuple may have __slots__, and every class
                                  __dict__ and __weakref__ among them */
};
/* The rules of CPython 3.`minor`. */
struct class_rules class_rules_for(unsigned minor);

struct hierarchy;

struct hierarchy *hierarchy_new(const struct class_rules *rules); /* NULL: no memory */
void hierarchy_free(struct hierarchy *hierarchy);

/*
 * A class of this qualified name ("package.module.Outer.Inner"; builtins bare; "f.<locals>.C" in
 * functions). Several may share a name. CLASS_UNKNOWN: no memory, or too many.
 */
class_number hierarchy_declare(struct hierarchy *hierarchy, const char *name);
/* The class's facts, copied. False: no memory, or bounds were exceeded (see class_answer). */
bool hierarchy_define(struct hierarchy *hierarchy, class_number number,
                      const struct class_facts *facts);
/* Answers every class that was not answered yet. */
struct error *hierarchy_solve(struct hierarchy *hierarchy);

/* ---- what is known --------------------------------------------------------------------------- */

size_t hierarchy_count(const struct hierarchy *hierarchy);
const char *class_name(const struct hierarchy *hierarchy, class_number number);
/* What stands behind the last dot of the name. */
const char *class_short_name(const struct hierarchy *hierarchy, class_number number);
/* Owned by the hierarchy; `bases` has `object` where the statement has none. */
const struct class_facts *class_facts(const struct hierarchy *hierarchy, class_number number);
/* The first class with this name, or else the first whose name ends so after a dot (searches all).
 */
bool hierarchy_find(const struct hierarchy *hierarchy, const char *name, class_number *number);

/* ---- the answers ----------------------------------------------------------------------------- */

enum class_fault {
    CLASS_SOUND,
    CLASS_METACLASS_CONFLICT, /* META001 */
    CLASS_BASE_FINAL,         /* MRO002: a base accepts no subclass */
    CLASS_LAYOUT_CONFLICT,    /* MRO002: two bases have fields of their own */
    CLASS_SLOTS_REFUSED,      /* MRO002: __slots__ that its base cannot have */
    CLASS_BASE_TWICE,         /* MRO003 */
    CLASS_NO_ORDER,           /* MRO001 */
};

#define NO_BASE UINT32_MAX

struct class_answer {
    bool answered;
    const char *reason; /* why it is not: one sentence without a full stop */
    enum class_fault fault;
    class_number metaclass; /* CLASS_UNKNOWN: none was found */
    /*
     * The places in `bases` that clash. META001: whose metaclass was the best so far (NO_BASE: the
     * one that the statement names), and whose metaclass does not go with it.
     */
    uint32_t clash_first, clash_second;
    size_t mro_length;   /* 0: it has none */
    bool layout_checked; /* false: a base's layout is not known; taken as no conflict */
};

/* Valid until the hierarchy changes. */
const struct class_answer *class_answer(const struct hierarchy *hierarchy, class_number number);

/* Walks an MRO, the class itself first; CLASS_UNKNOWN at its end. */
struct mro_walk {
    const struct hierarchy *hierarchy;
    const class_number *items;
    size_t left;
    class_number chain;
};
struct mro_walk mro_begin(const struct hierarchy *hierarchy, class_number number);
class_number mro_next(struct mro_walk *walk);

/*
 * Tells each answered class whose MRO is not the one that C3 makes of its bases' MROs: the order of
 * a class that exists may be its metaclass's own affair. The visitor returns false to stop.
 */
struct error *mro_compare(const struct hierarchy *hierarchy,
                          bool (*differs)(void *context, class_number number), void *context);

/* Whether `number`'s MRO has `ancestor` (also itself), as PyType_IsSubtype would say. */
bool class_derives(const struct hierarchy *hierarchy, class_number number, class_number ancestor);
/* Whether it is a metaclass: derives from type. */
bool class_is_metaclass(const struct hierarchy *hierarchy, class_number number);
/* The base that decides the layout (__base__), and the class that last added fields. */
class_number class_best_base(const struct hierarchy *hierarchy, class_number number);
class_number class_solid_base(const struct hierarchy *hierarchy, class_number number);

#endif
