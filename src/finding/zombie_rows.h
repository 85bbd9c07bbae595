/*
 * zombie_rows.h: what `steth zombies` lists. Part of report.h.
 */
#ifndef STETH_FINDING_ZOMBIE_ROWS_H
#define STETH_FINDING_ZOMBIE_ROWS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/vector.h"

struct zombie_path {
    uint64_t address;     /* of the zombie */
    VECTOR(char *) steps; /* root first: "__main__", ".graveyard", "[0]" */
    bool exact;           /* false: an edge was found by a conservative scan */
    bool reachable;       /* false: no path from a root was found; `steps` is empty */
};

struct zombie_resource {
    const char *kind; /* "fd", "socket", "cursor", "mmap", "lock", "thread", "executor", … static */
    int number;       /* descriptor, or -1 */
    char *target;     /* what it is open on, or NULL */
    char *type;       /* the Python type that holds it */
    uint64_t address; /* of that object */
};

typedef VECTOR(struct zombie_resource) resource_vector;

struct zombie_group {
    char *type; /* "__main__.LeakyNode" */
    uint64_t count;
    uint64_t bytes;
    uint64_t retained_bytes; /* what would be freed with all of them; 0: not computed */
    struct {
        char *file; /* NULL: the finalizer is not a Python function */
        unsigned line;
        char *function;
    } finalizer;
    VECTOR(char *) held_by;             /* distinct holders, most objects first */
    VECTOR(uint64_t) held_count;        /* objects per holder */
    VECTOR(struct zombie_path) objects; /* a sample, see `objects_shown` of the options */
    resource_vector resources;
    uint64_t unreachable; /* of `count`: no root reaches them */
};

struct exempt_group {
    char *type;
    uint64_t count;
    char *reason;
};

#endif
