/*
 * actors.h: the objects of a heap that take part in waiting: tasks, futures, loops, executors,
 * locks, suspended coroutines … found by the role of their type in one census.
 */
#ifndef STETH_WAITS_ACTORS_H
#define STETH_WAITS_ACTORS_H

#include "heap/census.h"
#include "runtime/roles.h"

struct actor {
    uint64_t address;
    enum role role;
};

struct actors {
    VECTOR(struct actor) items;    /* in address order */
    VECTOR(uint64_t) coroutines;   /* coroutines, generators, async generators */
    struct address_map roles;      /* type -> role: a cache for actors_role */
    const struct cpython *cpython; /* borrowed */
};

/* Picks the actors out of a census that kept its index. The caller frees with actors_free. */
struct error *actors_find(const struct cpython *cpython, const struct census *census,
                          struct actors *actors);
void actors_free(struct actors *actors);

/* The role of any object, with the types that were met remembered. */
enum role actors_role(struct actors *actors, uint64_t object);

#endif
