/* clock.h: how much time has passed. */
#ifndef STETH_BASE_CLOCK_H
#define STETH_BASE_CLOCK_H

#include <time.h>

/* CLOCK_MONOTONIC. */
static inline double monotonic_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static inline double monotonic_milliseconds(void)
{
    return monotonic_seconds() * 1e3;
}

#endif
