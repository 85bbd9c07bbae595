/*
 * match.h: one streamed pass that finds every word in the target's memory which is the address of
 * one of a set of objects.
 */
#ifndef STETH_HEAP_MATCH_H
#define STETH_HEAP_MATCH_H

#include "base/address_map.h"
#include "base/vector.h"
#include "target/stream.h"

struct match {
    uint64_t location; /* of the word */
    uint64_t object;   /* its value, without tag bits */
};
typedef VECTOR(struct match) match_vector;

/* Finds the words that equal a key of `wanted`; `cut` when there were too many to keep. */
struct error *match_words(struct target *target, const struct address_map *wanted,
                          match_vector *matches, bool *cut, struct stream_cost *cost);

#endif
