/* bits.h: a set of nodes, a bit for each. */
#ifndef STETH_HEAP_BITS_H
#define STETH_HEAP_BITS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

/* An empty set for nodes below `count`; free() releases it. NULL when there is no memory. */
static inline uint64_t *bits_new(uint32_t count)
{
    return calloc((size_t)count / 64 + 1, sizeof(uint64_t));
}

static inline bool bit_is_set(const uint64_t *bits, uint32_t number)
{
    return bits[number / 64] >> number % 64 & 1;
}

static inline void bit_set(uint64_t *bits, uint32_t number)
{
    bits[number / 64] |= UINT64_C(1) << number % 64;
}

#endif
