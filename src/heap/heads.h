/*
 * heads.h: the sieve of a pass. Of every 16-byte slot of memory it tells whether a GC head with its
 * object may begin there: the links and the type lie between the first and the last byte that the
 * program may write (or the head is part of a running collection), the reference count is sane.
 * What passes is hardly more than the objects; recognise.c looks at the rest.
 */
#ifndef STETH_HEAP_HEADS_H
#define STETH_HEAP_HEADS_H

#include "layout/cpython.h"

#define GC_HEAD_BYTES      16
#define GC_PREV_FINALIZED  UINT64_C(1)
#define GC_PREV_COLLECTING UINT64_C(2)
#define GC_POINTER_MASK    (~UINT64_C(3)) /* Debian's 3.13 aligns list heads to 4 bytes only */

struct head_test {
    uint64_t low, span;             /* links and types lie in [low, low + span) */
    uint64_t count_mask, count_max; /* counts are 1 to count_max in the bits of the mask */
    uint64_t (*sieve)(const struct head_test *test, const uint64_t *words);
};

#define HEADS_BLOCK 64 /* slots looked at together */

/* What holds for every object of `cpython`, and the fastest way to test it on this processor. */
void heads_prepare(const struct cpython *cpython, struct head_test *test);

/*
 * Bit i is set when a head may begin at words[2 * i]. For a whole block; it reads two words beyond
 * it, the count and the type of the last slot's object.
 */
static inline uint64_t heads_sieve(const struct head_test *test, const uint64_t *words)
{
    return test->sieve(test, words);
}

/* The same for the first `slots` of a block. */
uint64_t heads_sieve_some(const struct head_test *test, const uint64_t *words, unsigned slots);

#endif
