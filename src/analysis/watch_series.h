/*
 * watch_series.h: what samples of one event loop add up to; knows no target.
 *
 * The delay of a sample is how long ago the turn under way began, 0 while the loop waits in its
 * selector: so long it has not looked at what became ready meanwhile. Seen at random moments, the
 * age of turns and what is left of them are distributed alike: it is also how long a callback that
 * becomes ready at such a moment waits.
 *
 * The time of a call is the share of samples that met it times the time watched: right in the mean
 * for calls of every length, also for those much shorter than the time between two samples.
 */
#ifndef STETH_ANALYSIS_WATCH_SERIES_H
#define STETH_ANALYSIS_WATCH_SERIES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/vector.h"

#define CALL_UNKNOWN UINT32_MAX

struct loop_sample {
    double when;       /* CLOCK_MONOTONIC, seconds */
    bool waits;        /* in its selector */
    double turn_began; /* on the same clock; NAN: not told */
    int64_t turn_step; /* number of the callback in this turn, from 0; -1: none, or not told */
    uint32_t function; /* that the callback is in, a number of the caller's; CALL_UNKNOWN */
    unsigned line;
    int64_t ready; /* length of its queue, -1: not told */
};

/* What was seen of one line that callbacks were in. */
struct call_time {
    uint32_t function;
    unsigned line;
    uint64_t samples;
    double longest; /* seconds that one callback seen here had run, at least; 0: not told */
};

struct loop_series {
    struct loop_sample last, begun; /* the latest; the first that met the same callback */
    uint64_t samples, busy;
    VECTOR(double) delays; /* seconds; of the samples in which it was told */
    VECTOR(int64_t) ready;
    VECTOR(struct call_time) calls;
};

/* False when there is no memory. */
bool loop_series_add(struct loop_series *series, struct loop_sample sample);
void loop_series_free(struct loop_series *series);

/* Share of the samples in which the loop was not in its selector; NAN without any. */
double loop_series_utilisation(const struct loop_series *series);

/* Sorts the delays. */
void loop_series_end(struct loop_series *series);

/* The smallest of sorted values that `share` of them do not exceed; NAN of none. */
double percentile(const double *sorted, size_t count, double share);

#endif
