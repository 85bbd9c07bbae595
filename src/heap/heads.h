/*
 * heads.h: the sieve of a pass. Of every 16-byte slot of memory it tells whether a GC head with its
 * object may begin there, by two of the four words: the next link and the reference count. What
 * passes is a little more than the objects; census.c looks at the rest. Private to census.c.
 */
#ifndef STETH_HEAP_HEADS_H
#define STETH_HEAP_HEADS_H

#include "layout/cpython.h"

struct head_test {
    uint64_t low, span; /* links point into [low, low + span) */
    uint64_t types_low, types_span;
    uint64_t count_mask, count_max; /* counts are 1 to count_max in the bits of the mask */
    uint64_t (*sieve)(const struct head_test *test, const uint64_t *words);
};

#define HEADS_BLOCK 64 /* slots looked at together */

/* What holds for every object of `cpython`, and the fastest way to test it on this processor. */
void heads_prepare(const struct cpython *cpython, struct head_test *test);

/*
 * Bit i is set when a head may begin at words[2 * i]. For a whole block; it reads one word beyond
 * it, the count of the last slot's object.
 */
static inline uint64_t heads_sieve(const struct head_test *test, const uint64_t *words)
{
    return test->sieve(test, words);
}

/* The same for the first `slots` of a block. */
uint64_t heads_sieve_some(const struct head_test *test, const uint64_t *words, unsigned slots);

#endif
