/*
 * type_filter.h: rejects words that cannot be types, many with one system call and without a lock.
 * Memory is full of words that look like an object's type to the sieve (entries of dicts above
 * all); what is not rejected here is verified by types.h. Each worker has its own.
 */
#ifndef STETH_HEAP_TYPE_FILTER_H
#define STETH_HEAP_TYPE_FILTER_H

#include "base/address_map.h"
#include "layout/cpython.h"

#define TYPE_FILTER_LOG2  12
#define TYPE_FILTER_BATCH 256

struct type_filter {
    uint64_t rejected[1 << TYPE_FILTER_LOG2]; /* the latest ones, by address */
    struct address_map metatypes; /* what was met as the type of a word: 1 when it is one */
};
void type_filter_free(struct type_filter *filter);

static inline size_t type_filter_slot(uint64_t address)
{
    return (size_t)(address_hash(address) >> (64 - TYPE_FILTER_LOG2));
}

/* Whether `address` is remembered as rejected. */
static inline bool type_filter_rejects(const struct type_filter *filter, uint64_t address)
{
    return filter->rejected[type_filter_slot(address)] == address;
}

/* Rejects `address` until it is judged; false when it is rejected already. */
bool type_filter_suspect(struct type_filter *filter, uint64_t address);

/*
 * Looks at `count` suspects, at most TYPE_FILTER_BATCH, and no longer rejects those that may be
 * types.
 * `remembered`: the same CPython by a target that remembers, for the types of types.
 */
void type_filter_judge(struct type_filter *filter, const struct cpython *cpython,
                       const struct cpython *remembered, const uint64_t *addresses, size_t count);

#endif
