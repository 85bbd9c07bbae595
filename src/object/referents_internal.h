/* referents_internal.h: one visit of an object's references, shared by referents_*.c and step.c. */
#ifndef STETH_OBJECT_REFERENTS_INTERNAL_H
#define STETH_OBJECT_REFERENTS_INTERNAL_H

#include "base/vector.h"
#include "object/internal.h"
#include "object/referents.h"

#define HEAD_BYTES_MAX 2048
#define GOOD_TYPES     16
#define SCAN_BYTES_MAX (UINT64_C(1) << 20)

/* Where all references of every instance of a type lie, but for those that its kind tells. */
struct referents_plan {
    bool made;           /* false: only a visit tells */
    bool managed;        /* a dict or values outside of the body */
    uint64_t values;     /* how many these are */
    VECTOR(uint64_t) at; /* offsets in the body: of references, then of words of unknown meaning */
    size_t references;   /* how many the former are */
};

/* What an instance owns beyond tp_basicsize: referents_bytes.c. */
enum own_bytes {
    OWN_UNPLANNED, /* only a look at its shape tells */
    OWN_FIXED,     /* nothing */
    OWN_ITEMS,
    OWN_CHARACTERS,
    OWN_LIST,
    OWN_DICT,
    OWN_VALUES,        /* in a block of their own, in place of a dict */
    OWN_INLINE_VALUES, /* at the end of the body */
};

struct referents_type {
    struct shape shape;
    VECTOR(uint64_t) members; /* offsets of those that are objects: __slots__, C structs */
    struct referents_plan plan;
    enum own_bytes own;
    uint64_t bytes_before;
    uint64_t values_bytes; /* where values lie in a block of their own */
};

/* Whether the word at `offset` is part of the body of every instance. */
static inline bool type_covers(const struct type_view *type, int64_t offset)
{
    return offset >= 0 && offset <= type->basicsize - (int64_t)sizeof(uint64_t);
}

/* Fills type->plan from the rest of it; false when there is no memory. */
bool referents_plan_make(const struct cpython *cpython, struct referents_type *type);

/* The same for what comes after the plan. */
void referents_plan_bytes(const struct cpython *cpython, struct referents_type *type);

struct referents {
    const struct cpython *cpython;
    uint64_t object;
    struct shape shape;
    bool (*is_object)(void *context, uint64_t address);
    visit_edge visit;
    void *context;
    const struct referents_type *bare; /* NULL: with labels */
    uint64_t only;   /* 0, or the one referent that matters: nothing is read for the others */
    bool in_dict;    /* the attributes being told are those in the object's own dict */
    bool stopped;    /* by the visitor */
    bool incomplete; /* something could not be read */
    uint8_t head[HEAD_BYTES_MAX]; /* the first bytes of the body */
    size_t head_bytes;
    uint64_t told[HEAD_BYTES_MAX / sizeof(uint64_t) / 64]; /* words of `head` that are explained */
    uint64_t good_types[GOOD_TYPES];                       /* met while scanning */
};

/* Whether an edge to `referent` would be shown at all. */
static inline bool referents_wants(const struct referents *visit, uint64_t referent)
{
    return referent && !visit->stopped && (!visit->only || visit->only == referent);
}

/* Shows one edge; false once the visitor has stopped. */
bool referents_tell(struct referents *visit, const struct edge *edge);

/* ATTRIBUTE when the key is a str, KEY_VALUE otherwise. */
bool referents_tell_attribute(struct referents *visit, uint64_t key, uint64_t value);

/* Marks a word of the body as explained. */
void referents_explain(struct referents *visit, int64_t offset);
bool referents_explained(const struct referents *visit, uint64_t offset);

/* Conservative: shows the words of [address, address + bytes) that are addresses of objects. */
void referents_scan(struct referents *visit, uint64_t address, uint64_t bytes);
/* The same for the body from `start` to `end`, without its explained words. */
void referents_scan_body(struct referents *visit, uint64_t start, uint64_t end);

/* The references that only one kind of object has. */
void referents_of_container(struct referents *visit);
void referents_of_struct(struct referents *visit);
void referents_of_frame(struct referents *visit);

/* Runs a visit whose first members and shape are set. */
bool referents_run(struct referents *visit);

#endif
