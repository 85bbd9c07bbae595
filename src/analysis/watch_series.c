#include "analysis/watch_series.h"

#include <math.h>

/* A turn begins at the time that the loop's clock told, give or take its resolution. */
#define CLOCK_SLACK 1e-3

/*
 * A frame that runs is read in pieces: a turn that can not have begun then is not believed. It is
 * the turn of the sample before, or began after that.
 */
static bool turn_possible(const struct loop_series *series, const struct loop_sample *sample)
{
    const struct loop_sample *last = &series->last;
    if (!(sample->turn_began <= sample->when + CLOCK_SLACK))
        return false;
    return !series->samples || sample->turn_began == last->turn_began ||
           sample->turn_began >= last->when - CLOCK_SLACK ||
           (isnan(last->turn_began) && !last->waits);
}

static bool same_callback(const struct loop_sample *a, const struct loop_sample *b)
{
    return !a->waits && !b->waits && a->turn_began == b->turn_began && a->turn_step == b->turn_step;
}

/* How long the callback in this sample has run, at least: the first of a turn is as old as that. */
static double callback_age(const struct loop_series *series, const struct loop_sample *sample)
{
    if (isnan(sample->turn_began) || sample->turn_step < 0)
        return 0;
    double since = sample->turn_step == 0 ? sample->turn_began : series->begun.when;
    return sample->when > since ? sample->when - since : 0;
}

static bool count_call(struct loop_series *series, const struct loop_sample *sample)
{
    struct call_time *call = NULL;
    for (size_t i = 0; i < series->calls.count && !call; i++)
        if (series->calls.items[i].function == sample->function &&
            series->calls.items[i].line == sample->line)
            call = &series->calls.items[i];
    if (!call) {
        struct call_time fresh = {.function = sample->function, .line = sample->line};
        if (!vector_push(&series->calls, fresh))
            return false;
        call = &series->calls.items[series->calls.count - 1];
    }
    double age = callback_age(series, sample);
    call->samples++;
    call->longest = age > call->longest ? age : call->longest;
    return true;
}

static bool add_delay(struct loop_series *series, const struct loop_sample *sample)
{
    if (isnan(sample->turn_began) && !sample->waits)
        return true;
    double delay = sample->waits ? 0 : sample->when - sample->turn_began;
    return vector_push(&series->delays, delay > 0 ? delay : 0);
}

bool loop_series_add(struct loop_series *series, struct loop_sample sample)
{
    if (sample.waits || !turn_possible(series, &sample)) {
        sample.turn_began = NAN;
        sample.turn_step = -1;
    }
    if (!series->samples || !same_callback(&series->last, &sample))
        series->begun = sample;
    bool kept = add_delay(series, &sample) &&
                (sample.ready < 0 || vector_push(&series->ready, sample.ready)) &&
                (sample.waits || sample.function == CALL_UNKNOWN || count_call(series, &sample));
    series->busy += !sample.waits;
    series->samples++;
    series->last = sample;
    return kept;
}

void loop_series_free(struct loop_series *series)
{
    vector_free(&series->delays);
    vector_free(&series->ready);
    vector_free(&series->calls);
}

double loop_series_utilisation(const struct loop_series *series)
{
    return series->samples ? (double)series->busy / (double)series->samples : NAN;
}

static int compare(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

void loop_series_end(struct loop_series *series)
{
    if (series->delays.count)
        qsort(series->delays.items, series->delays.count, sizeof *series->delays.items, compare);
}

double percentile(const double *sorted, size_t count, double share)
{
    if (!count)
        return NAN;
    double rank = share * (double)count;
    size_t index = (size_t)rank;
    if (index > 0 && (double)index == rank)
        index--;
    return sorted[index < count ? index : count - 1];
}
