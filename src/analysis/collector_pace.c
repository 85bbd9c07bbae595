#include "analysis/collector_pace.h"

#define WATCHED_NS   (200 * 1000 * 1000)
#define SOON_SECONDS 300.0

/* Container allocations since the start, as far as the statistics tell: those that are left over
 * when a young object dies are not in them. An increment begins with the young objects, too, and
 * is counted as generation 1's. */
static double allocations(const struct collector_state *state, bool incremental)
{
    double collections = (double)state->generations[0].collections;
    if (incremental)
        collections += (double)state->generations[1].collections;
    return collections * (double)state->generations[0].threshold +
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

/* The collector's state at the two ends of a moment. */
struct moment {
    struct collector_state first, last;
    double pace; /* allocations in a second */
};

static bool watch(const struct look *look, size_t interpreter, struct moment *moment)
{
    uint64_t gc = look->interpreters.items[interpreter].gc;
    bool incremental = look->cpython->is.incremental;
    struct cpython later = *look->cpython;
    double seconds = WATCHED_NS / 1e9;
    if (!collector_read(look->cpython, gc, &moment->first))
        return false;
    if (target_is_live(later.target)) {
        process_files_wait(target_files(later.target), seconds);
    } else {
        seconds = target_seconds_recorded(later.target);
        later.target = target_later(later.target);
    }
    if (!later.target || !(seconds > 0) || !collector_read(&later, gc, &moment->last))
        return false;
    moment->pace =
        (allocations(&moment->last, incremental) - allocations(&moment->first, incremental)) /
        seconds;
    return true;
}

static bool is_soon(const struct moment *moment, double wanted)
{
    return wanted >= 0 && moment->pace > 0 && wanted / moment->pace <= SOON_SECONDS;
}

bool collection_comes_soon(const struct look *look, size_t interpreter, unsigned generation)
{
    struct moment moment;
    if (!watch(look, interpreter, &moment))
        return false;
    /* A full collection came just now: nothing is starved. */
    if (moment.last.generations[generation].collections >
        moment.first.generations[generation].collections)
        return true;
    return is_soon(&moment, needed(&moment.last, generation, look->cpython->is.full_needs_quarter));
}

/* Each increment examines at least as many old objects as there were young ones
 * (Python/gc.c, assess_work_to_do(), 3.14.0-4): a pass needs no more allocations than the heap has
 * objects; what died behind the pass waits for the next one. */
bool incremental_pass_comes_soon(const struct look *look, size_t interpreter)
{
    const struct rings *rings = &look->rings.items[interpreter];
    struct moment moment;
    if (!watch(look, interpreter, &moment))
        return false;
    double objects = (double)moment.last.generations[0].threshold;
    for (int i = 0; i < COLLECTOR_GENERATIONS; i++)
        objects += rings->counts[i] > 0 ? (double)rings->counts[i] : 0;
    return is_soon(&moment, 2 * objects);
}
