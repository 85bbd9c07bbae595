/*
 * region_hints.h: where to look first in a sorted array of address ranges: for each 2 MiB of memory
 * the number of the largest range that has a part of it. A hint may be wrong, never out of bounds:
 * whoever takes one looks whether the address lies in that range, and searches if not. Only read
 * once filled, so threads share it.
 */
#ifndef STETH_BASE_REGION_HINTS_H
#define STETH_BASE_REGION_HINTS_H

#include <stdint.h>

#define REGION_SHIFT 21
#define REGION_HINTS 4096 /* of 8 GiB, then they share places */

struct region_hints {
    struct {
        uint64_t bytes; /* of the range */
        uint32_t range;
    } of[REGION_HINTS];
};

static inline uint32_t region_hint(const struct region_hints *hints, uint64_t address)
{
    return hints->of[address >> REGION_SHIFT & (REGION_HINTS - 1)].range;
}

/* Range number `range` is [start, end). */
static inline void region_hints_add(struct region_hints *hints, uint64_t start, uint64_t end,
                                    uint32_t range)
{
    uint64_t last = (end - 1) >> REGION_SHIFT, region = start >> REGION_SHIFT;
    for (uint64_t left = REGION_HINTS; region <= last && left; region++, left--) {
        uint64_t place = region & (REGION_HINTS - 1);
        if (hints->of[place].bytes < end - start) {
            hints->of[place].bytes = end - start;
            hints->of[place].range = range;
        }
    }
}

#endif
