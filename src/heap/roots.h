/*
 * roots.h: where paths to an object begin, with the name a reader knows it by: globals of modules,
 * registries of the interpreter, locals of running frames, thread states, data of C libraries.
 */
#ifndef STETH_HEAP_ROOTS_H
#define STETH_HEAP_ROOTS_H

#include "base/address_map.h"
#include "runtime/runtime.h"

/* In order of preference: what a reader can act on first. */
enum root_kind {
    ROOT_MODULE,   /* a module of sys.modules: `name` is the module's */
    ROOT_FRAME,    /* a local variable of a running function */
    ROOT_THREAD,   /* a thread state: threading.local, exception being handled, context */
    ROOT_REGISTRY, /* the interpreter's own state: atexit, codecs … (may be a borrowed reference) */
    ROOT_NATIVE,   /* static data of a C library (may be a borrowed reference) */
    ROOT_CODE,     /* references that are counted, but lie where nothing is known of: C code */
};

struct root {
    enum root_kind kind;
    char *name;
    uint64_t object;         /* ROOT_MODULE: the module's dict; else 0 */
    struct frame_view frame; /* ROOT_FRAME */
};

struct root_range {
    uint64_t start, end;
    uint32_t root;
    uint32_t outer; /* 1 + the index of the range it lies in; 0: in none */
};

struct roots {
    VECTOR(struct root) items;
    struct address_map objects;       /* module dicts, running frame objects: address -> root */
    VECTOR(struct root_range) ranges; /* frames, thread and interpreter states; sorted */
    struct target *target;
};

#define ROOT_NONE UINT32_MAX

/* Collects the roots of all interpreters. The caller frees with roots_free. */
struct error *roots_collect(const struct cpython *cpython, const interpreter_vector *interpreters,
                            struct roots *roots);
void roots_free(struct roots *roots);

/* The root that is the object at `address`, or ROOT_NONE. */
uint32_t roots_object(const struct roots *roots, uint64_t address);

/* The frame, thread or interpreter in whose memory the word at `location` lies, or ROOT_NONE. */
uint32_t roots_at(const struct roots *roots, uint64_t location);

/* The C library in whose data `location` lies (added when it is new), or ROOT_NONE. `end`: of those
 * data, or NULL. */
uint32_t roots_native(struct roots *roots, uint64_t location, uint64_t *end);

/* C code of which nothing is known (added when it is new), or ROOT_NONE: no memory. */
uint32_t roots_code(struct roots *roots);

#endif
