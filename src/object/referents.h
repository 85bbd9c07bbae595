/*
 * referents.h: what an object refers to (owns a reference to), with the name of each edge.
 */
#ifndef STETH_OBJECT_REFERENTS_H
#define STETH_OBJECT_REFERENTS_H

#include "object/object.h"

enum edge_kind {
    EDGE_ATTRIBUTE, /* label: attribute name; also module globals and class attributes */
    EDGE_ITEM,      /* index: position in a list, tuple, deque */
    EDGE_KEY_VALUE, /* key: the dict key object whose value it is */
    EDGE_KEY,       /* the referent is itself a key of the dict */
    EDGE_ELEMENT,   /* of a set */
    EDGE_SLOT,      /* label: name from __slots__ or a member of a C struct */
    EDGE_LOCAL,     /* label: local variable of a frame or generator */
    EDGE_STACK,     /* value stack of a frame or generator */
    EDGE_CELL,      /* contents of a closure cell */
    EDGE_TYPE,      /* the object's type */
    EDGE_INTERNAL,  /* a word of the body whose meaning is not known: conservative */
};

struct edge {
    enum edge_kind kind;
    uint64_t referent;
    const char *label; /* ATTRIBUTE, SLOT, LOCAL, borrowed for the duration of the visit; or NULL */
    uint64_t key;      /* KEY_VALUE */
    size_t index;      /* ITEM, LOCAL, STACK; byte offset for SLOT, INTERNAL */
    bool exact;        /* false: found by scanning, not by a known layout */
    bool by_dict;      /* ATTRIBUTE, KEY_VALUE: the reference is that of the object's own dict */
};

/* Returns false to stop. */
typedef bool (*visit_edge)(void *context, const struct edge *edge);

/*
 * Visits the owned references of `object`. Exact for dict, list, tuple, set, frozenset, deque,
 * instances (dict, managed and inline values, __slots__), cells, functions, methods, modules,
 * types, frames, generators and coroutines; the words of every other body that are addresses of
 * objects (checked by `is_object`, which may be NULL: then by reading a plausible head) are given
 * as INTERNAL. Weak references are not edges. False when it could not be read to the end.
 */
bool referents_visit(const struct cpython *cpython, uint64_t object,
                     bool (*is_object)(void *context, uint64_t address), visit_edge visit,
                     void *context);

/*
 * How the instances of one type refer to others, read once: for graphs of whole heaps, where the
 * same few types are met a million times. Not changed by visits: threads may share it.
 */
struct referents_type;
/* NULL when `type` is none, or without memory. The caller frees. */
struct referents_type *referents_type_read(const struct cpython *cpython, uint64_t type);
void referents_type_free(struct referents_type *type);
const struct type_view *referents_type_view(const struct referents_type *type);

/* Whether its instances refer to nothing at all. */
bool referents_type_is_leaf(const struct referents_type *type);

/*
 * As referents_visit, but with no labels, and with each reference where the collector would meet
 * it: the attributes in the dict of an instance are references of that dict alone.
 */
bool referents_visit_bare(const struct cpython *cpython, uint64_t object,
                          const struct referents_type *type,
                          bool (*is_object)(void *context, uint64_t address), visit_edge visit,
                          void *context);

/*
 * The same references in the same order, many at a time and as words only: `exact` ones, or (not
 * `exact`) words of unknown meaning, of which whoever takes them decides whether they are addresses
 * of objects. 0 is nothing. For graphs of whole heaps, of a target that holds still.
 */
typedef void (*take_referents)(void *context, const uint64_t *words, size_t count, bool exact);
bool referents_take(const struct cpython *cpython, const struct lent_object *object,
                    const struct referents_type *type, take_referents take, void *context);

/* Bytes that the object alone owns: what stands before its body, body, tables; not its dict. */
uint64_t referents_own_bytes(const struct cpython *cpython, const struct lent_object *object,
                             const struct referents_type *type);

/*
 * The edge from `holder` to `referent`, as a step of a path: ".name", "['key']", "[3]", "{…}"
 * for an element of a set, "<closure>" and so on. NULL when there is none (any more). The caller
 * frees. `exact` (may be NULL) as in struct edge. Keys of dicts are data of the program: without
 * `values` only their type is told ("[<str>]").
 */
char *referents_step(const struct cpython *cpython, uint64_t holder, uint64_t referent, bool values,
                     bool *exact);

#endif
