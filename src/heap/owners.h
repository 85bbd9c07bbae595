/*
 * owners.h: which objects a word in the target's memory may belong to: the one whose body it lies
 * in, the one whose buffer it lies in, a small object without GC support, a root.
 */
#ifndef STETH_HEAP_OWNERS_H
#define STETH_HEAP_OWNERS_H

#include "heap/index.h"
#include "heap/roots.h"
#include "heap/types.h"

#define OWNERS_MAX 4

struct owner {
    uint64_t object; /* 0 when it is a root */
    uint32_t root;
};

/* Where owners are looked for; all but the cache is borrowed. */
struct owner_search {
    const struct cpython *cpython;
    const struct heap_index *index;
    const struct type_table *types;
    struct roots *roots;
    struct address_map small_types; /* words met as types: whether they are one without GC */
};
void owner_search_free(struct owner_search *search);

/* Proposes owners of the word at `location`; returns how many. */
size_t owners_propose(struct owner_search *search, uint64_t location,
                      struct owner owners[OWNERS_MAX]);

#endif
