/*
 * noise.h: when is more than before more than chance? A steady population of n that come and go
 * independently varies by the square root of n (Poisson), the difference of two looks by the square
 * root of both counts together. Beyond five of these chance goes once in three million times: once
 * in a thousand looks at a process of some thousand types. A hundredth and a few stand for what
 * does not come and go independently: a burst of requests, a pool that fills.
 */
#ifndef STETH_ANALYSIS_NOISE_H
#define STETH_ANALYSIS_NOISE_H

#include <stdbool.h>
#include <stdint.h>

#include "finding/diff_rows.h"

static inline bool noise_exceeded(uint64_t before, uint64_t after, uint64_t few)
{
    if (after <= before || after - before <= few || after - before <= before / DIFF_SHARE)
        return false;
    double more = (double)(after - before);
    return more * more > DIFF_DEVIATIONS * DIFF_DEVIATIONS * ((double)before + (double)after);
}

/* Large objects are few: of them the bytes count. */
static inline bool noise_bytes_exceeded(uint64_t before, uint64_t after)
{
    return after > before && after - before > DIFF_BYTES &&
           after - before > before / DIFF_BYTES_SHARE;
}

#endif
