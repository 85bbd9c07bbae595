/*
 * zombie_family.h: the zombies by type while the report is made of them; private to zombies.c and
 * zombie_group.c.
 */
#ifndef STETH_ANALYSIS_ZOMBIE_FAMILY_H
#define STETH_ANALYSIS_ZOMBIE_FAMILY_H

#include "analysis/exempt.h"
#include "analysis/look.h"
#include "heap/holders.h"

/* Paths are searched for so many objects; more are represented by an even sample. */
#define ZOMBIE_PATHS_MAX 20000

/* All marked objects of one type. */
struct kin {
    uint32_t type; /* of the census */
    char *name;
    const struct exemption *exemption; /* that may cover them */
    VECTOR(uint64_t) objects;
    VECTOR(uint64_t) exempt_objects;
    const char *reason; /* of exempt_objects */
};

struct family {
    struct look *look;
    VECTOR(struct kin) kin;
    struct holder_graph *graph;
    bool some_resurrected; /* so that others may be garbage it kept (3.8, bpo-38379) */
};

/* Every how manieth of `count` objects is looked at when `most` are enough. */
static inline size_t zombie_stride(size_t count, size_t most)
{
    return count <= most ? 1 : (count + most - 1) / most;
}

/* Adds the objects of one type to the report: those that are findings, those that are exempt. */
struct error *zombie_add_group(const struct family *family, struct kin *kin,
                               const struct look_options *options, struct report *report);
struct error *zombie_add_exempt(struct kin *kin, struct report *report);

#endif
