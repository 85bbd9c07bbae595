/* referents_internal.h: one visit of an object's references, shared by referents_*.c and step.c. */
#ifndef STETH_OBJECT_REFERENTS_INTERNAL_H
#define STETH_OBJECT_REFERENTS_INTERNAL_H

#include "base/vector.h"
#include "object/internal.h"
#include "object/referents.h"

#define HEAD_BYTES_MAX 2048
#define GOOD_TYPES     16
#define SCAN_BYTES_MAX (UINT64_C(1) << 20)

struct referents_type {
    struct shape shape;
    VECTOR(uint64_t) members; /* offsets of those that are objects: __slots__, C structs */
};

struct referents {
    const struct cpython *cpython;
    uint64_t object;
    struct shape shape;
    bool (*is_object)(void *context, uint64_t address);
    visit_edge visit;
    void *context;
    const struct referents_type *bare; /* NULL: with labels */
    uint64_t only;   /* 0, or the one referent that matters: nothing is read for the others */
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
