/*
 * builtins.h: the types that CPython implements in C, by version, from the table builtins.txt
 * (tools/builtins/regenerate.py, which describes it).
 */
#ifndef STETH_AUDIT_BUILTINS_H
#define STETH_AUDIT_BUILTINS_H

#include "audit/text_map.h"
#include "base/vector.h"

#define BUILTIN_MOST_BASES 8

struct builtin_type {
    const char *name; /* as Python says it; borrowed */
    uint32_t bases[BUILTIN_MOST_BASES];
    uint32_t base_count;
    uint32_t metaclass, base; /* TEXT_MAP_ABSENT: none */
    int64_t basicsize, itemsize, dictoffset, weakrefoffset;
    bool final, heap;
};

struct builtins {
    char *text; /* the lines of one version, cut into words */
    struct text_map types_by_key;
    VECTOR(struct builtin_type) types;
    struct text_map modules; /* name -> of `lines` */
    VECTOR(const char *) lines;
};

/* False: no memory. Release with builtins_free in either case. */
bool builtins_read(struct builtins *builtins, unsigned minor);
void builtins_free(struct builtins *builtins);

#define BUILTIN_NO_TYPE UINT32_MAX       /* bound, but to no type */
#define BUILTIN_UNBOUND (UINT32_MAX - 1) /* the module has no such name */

/* The type that `name` is bound to in table module `module`. */
uint32_t builtins_get(const struct builtins *builtins, uint32_t module, const char *name);

#endif
