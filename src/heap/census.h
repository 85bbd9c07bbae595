/*
 * heap: the objects of a target as a whole. census.h counts them in one streamed pass and keeps
 * the few whose finalizer has run; index.h remembers where each one lies; rings.h follows the
 * collector's lists in that memory; confirm.h looks again at what matters; holders.h finds who
 * refers to an object. Uses runtime, object, layout and target. Knows nothing of findings.
 *
 * A tracked object is recognised where it lies: 16 bytes of PyGC_Head {_gc_next, _gc_prev}, then
 * PyObject (CPython 3.8-3.15, Include/internal/pycore_gc.h). The head's next link points into the
 * heap, the reference count is sane, the type is a verified type with Py_TPFLAGS_HAVE_GC. Bit 0 of
 * _gc_prev says that tp_finalize has run; it stays while the rest of the word holds counts.
 */
#ifndef STETH_HEAP_CENSUS_H
#define STETH_HEAP_CENSUS_H

#include "heap/heads.h"
#include "heap/index.h"
#include "heap/types.h"
#include "object/object.h"
#include "target/stream.h"

/* An object seen with its finalized mark. */
struct marked_object {
    uint64_t address;
    uint32_t type; /* index into the type table */
};
typedef VECTOR(struct marked_object) marked_vector;

/* By address: for qsort. */
int marked_compare(const void *left, const void *right);

struct census {
    struct type_table *types; /* owned */
    uint64_t *counts;         /* per type; owned */
    size_t count_size;
    uint64_t objects;
    marked_vector marked;
    struct heap_index *index; /* NULL unless asked for; owned */
    struct stream_cost cost;
    double milliseconds;
};

struct census_options {
    bool keep_index;   /* address and type of every object: 12 bytes each */
    bool keep_links;   /* also its next link: 8 bytes each (rings.h) */
    bool keep_buffers; /* also who owns which list, dict, set … buffer (holders.h) */
    enum stream_pace pace;
};

/* One pass over the target's memory. The caller frees with census_free. */
struct error *census_take(const struct cpython *cpython, const struct census_options *options,
                          struct census **census);
void census_free(struct census *census);

#endif
