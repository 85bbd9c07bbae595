/*
 * range.h: which words of memory lie between two addresses; many at a time where the processor can.
 */
#ifndef STETH_HEAP_RANGE_H
#define STETH_HEAP_RANGE_H

#include <stdint.h>

#define RANGE_BLOCK 64 /* words looked at together */

struct range_test {
    uint64_t low, span; /* [low, low + span) */
    uint64_t (*sieve)(const struct range_test *test, const uint64_t *words);
};

/* Chooses the fastest way on this processor; the caller sets the range. */
void range_prepare(struct range_test *test);

/* Bit i is set when words[i] lies in the range, for a whole block. */
static inline uint64_t range_sieve(const struct range_test *test, const uint64_t *words)
{
    return test->sieve(test, words);
}

/* The same for the first `count` words of a block. */
uint64_t range_sieve_some(const struct range_test *test, const uint64_t *words, unsigned count);

#endif
