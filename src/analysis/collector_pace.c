#include "analysis/collector_pace.h"

#include <time.h>

#define WATCHED_NS   (200 * 1000 * 1000)
#define SOON_SECONDS 300.0

/* Container allocations since the start, as far as the statistics tell: those that are left over
 * when a young object dies are not in them. */
static double allocations(const struct collector_state *state)
{
    return (double)state->generations[0].collections * (double)state->generations[0].threshold +
           (double)state->generations[0].count;
}

/* Allocations from one collection of `generation` to the next. */
static double allocations_between(const struct collector_state *state, unsigned generation)
{
    double between = (double)state->generations[0].threshold;
    for (unsigned i = 1; i <= generation; i++)
        between *= (double)state->generations[i].threshold + 1;
    return between;
}

/* Collections of generation 1 until a quarter of the old objects is pending, at so many survivors
 * each as there were on average since the last full one. */
static double rounds_to_quarter(const struct collector_state *state)
{
    double missing = (double)state->long_lived_total / 4 - (double)state->long_lived_pending + 1;
    double rounds = (double)state->generations[2].count;
    if (state->long_lived_pending <= 0 || rounds < 1)
        return -1;
    return missing * rounds / (double)state->long_lived_pending;
}

/* Allocations that are still needed; negative when that cannot be told. */
static double needed(const struct collector_state *state, unsigned generation, bool quarter)
{
    if (!quarter || generation < COLLECTOR_GENERATIONS - 1)
        return allocations_between(state, generation);
    double rounds = rounds_to_quarter(state);
    return rounds < 0 ? -1 : rounds * allocations_between(state, 1);
}

bool collection_comes_soon(const struct look *look, size_t interpreter, unsigned generation)
{
    uint64_t gc = look->interpreters.items[interpreter].gc;
    bool quarter = look->cpython->is.full_needs_quarter;
    struct collector_state first, last;
    const struct timespec pause = {.tv_nsec = WATCHED_NS};
    if (!collector_read(look->cpython, gc, &first))
        return false;
    nanosleep(&pause, NULL);
    if (!collector_read(look->cpython, gc, &last))
        return false;
    double wanted = needed(&last, generation, quarter);
    double pace = (allocations(&last) - allocations(&first)) / (WATCHED_NS / 1e9);
    /* A full collection came just now: nothing is starved. */
    if (last.generations[generation].collections > first.generations[generation].collections)
        return true;
    return wanted >= 0 && pace > 0 && wanted / pace <= SOON_SECONDS;
}
