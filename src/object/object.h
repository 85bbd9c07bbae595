/*
 * object: typed, bounded views of remote Python objects. Each call reads what it needs, checks it
 * and fails softly (false, NULL, 0): the target may be racing or corrupted. Uses target and layout;
 * keeps nothing. Strings that are returned are UTF-8, owned by the caller.
 */
#ifndef STETH_OBJECT_OBJECT_H
#define STETH_OBJECT_OBJECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "layout/cpython.h"

/* Type flags that do not move between versions (Include/object.h). */
enum type_flags {
    TYPE_INLINE_VALUES = 1 << 2,   /* 3.13+ */
    TYPE_MANAGED_WEAKREF = 1 << 3, /* 3.12+ */
    TYPE_MANAGED_DICT = 1 << 4,    /* 3.11+ */
    TYPE_IMMUTABLE = 1 << 8,       /* 3.10+: implemented in C */
    TYPE_HEAPTYPE = 1 << 9,
    TYPE_BASETYPE = 1 << 10, /* may be subclassed */
    TYPE_READY = 1 << 12,
    TYPE_HAVE_GC = 1 << 14,
    TYPE_LONG_SUBCLASS = 1 << 24,
    TYPE_LIST_SUBCLASS = 1 << 25,
    TYPE_TUPLE_SUBCLASS = 1 << 26,
    TYPE_BYTES_SUBCLASS = 1 << 27,
    TYPE_UNICODE_SUBCLASS = 1 << 28,
    TYPE_DICT_SUBCLASS = 1 << 29,
    TYPE_EXC_SUBCLASS = 1 << 30,
};
#define TYPE_TYPE_SUBCLASS (UINT32_C(1) << 31)

/* The fixed facts of one type object. */
struct type_view {
    uint64_t address;
    uint64_t metatype;
    uint64_t flags;
    uint64_t name; /* tp_name, a C string in the target */
    int64_t basicsize, itemsize, dictoffset, weaklistoffset;
    uint64_t base, dict, mro, finalize;
};

/*
 * As type_read, or a type in C as it was compiled: up to 3.9 nobody calls PyType_Ready for those of
 * what asend() and athrow() return (Objects/genobject.c), so that they have neither bases nor an
 * MRO.
 */
bool type_read_compiled(const struct cpython *cpython, uint64_t address, struct type_view *view);

/* Reads and checks a type: READY, a metatype that is a type, sane sizes. False otherwise. */
bool type_read(const struct cpython *cpython, uint64_t address, struct type_view *view);

/* An object, and as many bytes from it on as the target lends: none where it has to be read. */
struct lent_object {
    uint64_t address;
    const uint8_t *bytes;
    uint64_t size;
};

/* The type of an object, 0 on a fault. */
uint64_t object_type(const struct cpython *cpython, uint64_t object);

/* References to an object; immortal objects give UINT32_MAX. False on a fault. */
bool object_refcount(const struct cpython *cpython, uint64_t object, uint64_t *count);
static inline uint64_t refcount_decode(const struct cpython *cpython, uint64_t word)
{
    uint32_t low = (uint32_t)word;
    switch (cpython->is.refcount) {
    case REFCOUNT_WORD:
        return word;
    case REFCOUNT_IMMORTAL_MAX:
        return low;
    case REFCOUNT_IMMORTAL_SIGN:
        return low & UINT32_C(1) << 31 ? UINT32_MAX : low;
    }
    return word;
}

/* Whether a reference count, as stored, is one that a live object may have. */
static inline bool refcount_plausible(const struct cpython *cpython, uint64_t word)
{
    /* 3.14+ keeps flags in the upper 16 bits; the 16 below them stay clear in every version. */
    uint64_t spill = cpython->is.refcount == REFCOUNT_IMMORTAL_SIGN ? word << 16 >> 48 : word >> 32;
    return !spill && refcount_decode(cpython, word) != 0;
}

/* "module.qualname" ("generator" for builtins), never NULL ("<type 0x…>" when unreadable). */
char *type_qualified_name(const struct cpython *cpython, uint64_t type);
/* The part after the module. */
char *type_short_name(const struct cpython *cpython, uint64_t type);

/* The value of a str object, NULL when it is not one; cut (with "…") beyond `limit` characters. */
char *str_value(const struct cpython *cpython, uint64_t object, size_t limit);
#define STR_LIMIT 512

/* An int that fits 64 bits. */
bool int_value(const struct cpython *cpython, uint64_t object, int64_t *value);

/* A float, or an int that fits 64 bits. */
bool float_value(const struct cpython *cpython, uint64_t object, double *value);

/* ---- containers: the visitor returns false to stop early ------------------------------------- */

typedef bool (*visit_entry)(void *context, uint64_t key, uint64_t value);
typedef bool (*visit_item)(void *context, size_t index, uint64_t item);

/* Entries of a dict (combined or split); false when it could not be read to the end. */
bool dict_visit(const struct cpython *cpython, uint64_t dict, visit_entry visit, void *context);
/* The value under a str key, 0 when absent. */
uint64_t dict_get(const struct cpython *cpython, uint64_t dict, const char *key);
/* The number of entries, -1 on a fault. */
int64_t dict_length(const struct cpython *cpython, uint64_t dict);

/* A PyDictKeysObject, checked. */
struct dict_keys {
    uint64_t indices; /* address of the hash table: numbers of entries */
    uint64_t entries; /* address of the first entry */
    uint64_t count;   /* entries ever used, deleted ones included */
    uint64_t slots;   /* of the hash table */
    uint64_t usable;  /* entries that still fit */
    unsigned entry_words, key_word;
    unsigned index_bytes; /* of a slot */
};
bool dict_keys_read(const struct cpython *cpython, uint64_t address, struct dict_keys *keys);

/* Items of a list or tuple (by the type's subclass flag); -1 length on a fault. */
bool sequence_visit(const struct cpython *cpython, uint64_t object, visit_item visit,
                    void *context);
int64_t sequence_length(const struct cpython *cpython, uint64_t object);

/* Elements of a set or frozenset. */
bool set_visit(const struct cpython *cpython, uint64_t set, visit_item visit, void *context);

/* Items of a collections.deque, left to right. */
bool deque_visit(const struct cpython *cpython, uint64_t deque, visit_item visit, void *context);
int64_t deque_length(const struct cpython *cpython, uint64_t deque);

/* How many items a deque has, and how many were ever put in or taken out, at one moment. */
struct deque_counts {
    uint64_t type; /* 0, or as the last look at the same deque left it: proved once */
    int64_t length;
    uint64_t changes;
};
bool deque_counts_read(const struct cpython *cpython, uint64_t deque, struct deque_counts *counts);

/* Items of a queue.SimpleQueue implemented in C, oldest first; -1 length on a fault. */
bool simple_queue_visit(const struct cpython *cpython, uint64_t queue, visit_item visit,
                        void *context);
int64_t simple_queue_length(const struct cpython *cpython, uint64_t queue);

/* The dict of a type's namespace (also of static types), 0 when it cannot be found. */
uint64_t type_namespace(const struct cpython *cpython, const struct type_view *type);

/*
 * Instance attributes, wherever this version keeps them (dict, managed values, inline values).
 * visit(key, value). False when they could not be read to the end.
 */
bool instance_visit(const struct cpython *cpython, uint64_t object, visit_entry visit,
                    void *context);
/* One attribute by name from the instance itself (no MRO lookup), 0 when absent. */
uint64_t instance_get(const struct cpython *cpython, uint64_t object, const char *name);
/* The materialized __dict__ of an instance, 0 when it has none (yet). */
uint64_t instance_dict(const struct cpython *cpython, uint64_t object,
                       const struct type_view *type);

/* The object in the slot `name`: of __slots__, or a member of a C struct; 0 when there is none. */
uint64_t member_get(const struct cpython *cpython, uint64_t object, const char *name);
/* Where instances of `type` have that slot. */
bool member_find(const struct cpython *cpython, const struct type_view *type, const char *name,
                 uint64_t *offset);

/* The slot of an attribute looked up along the type's MRO, with the class that defines it. */
uint64_t type_lookup(const struct cpython *cpython, uint64_t type, const char *name,
                     uint64_t *owner);

/* ---- classes --------------------------------------------------------------------------------- */

/* The classes of tp_bases and tp_mro, in order; false when they could not be read to the end. */
bool type_bases_visit(const struct cpython *cpython, const struct type_view *type, visit_item visit,
                      void *context);
bool type_mro_visit(const struct cpython *cpython, const struct type_view *type, visit_item visit,
                    void *context);
/* The direct subclasses that are alive, in no order. */
bool type_subclasses_visit(const struct cpython *cpython, const struct type_view *type,
                           visit_item visit, void *context);
/* Whether it was made by a class statement or a call of its metaclass, not by C code. */
bool type_is_python(const struct cpython *cpython, const struct type_view *type);

/* What the own namespace of a class says; addresses, 0 when absent. */
struct class_namespace {
    uint64_t module;   /* __module__: a str */
    uint64_t del;      /* __del__ */
    uint64_t mro;      /* mro */
    uint64_t line;     /* __firstlineno__ (3.13+) */
    uint64_t function; /* the first function of Python that is its own */
};
struct name_cache; /* which str objects are the names above */
struct name_cache *name_cache_new(void);
void name_cache_free(struct name_cache *cache);
bool class_namespace_read(const struct cpython *cpython, const struct type_view *type,
                          struct name_cache *names, struct class_namespace *found);

/* ---- places in source ------------------------------------------------------------------------ */

struct source_place {
    char *file;     /* NULL when unknown */
    char *function; /* qualified name, NULL when unknown */
    unsigned line;  /* 0 when unknown */
};
void source_place_free(struct source_place *place);

/* Where a function (through methods, partials of functools and __wrapped__) was defined. */
bool function_place(const struct cpython *cpython, uint64_t function, struct source_place *place);
bool code_place(const struct cpython *cpython, uint64_t code, struct source_place *place);

/* The name of variable `index` (locals, then cells, then free ones): owned, NULL when unknown. */
char *code_local_name(const struct cpython *cpython, uint64_t code, uint64_t index);

/* ---- sizes ----------------------------------------------------------------------------------- */

/*
 * Bytes of the object's own body from `object` on (basicsize, items, inline values), bounded;
 * 0 on a fault. `before` (may be NULL) receives the bytes in front of it (GC head, managed words).
 */
uint64_t object_body_bytes(const struct cpython *cpython, uint64_t object,
                           const struct type_view *type, uint64_t *before);

/* Shallow size: body, what stands before it, and the instance dict or values it alone owns. */
uint64_t object_shallow_bytes(const struct cpython *cpython, uint64_t object);

#endif
