#include "analysis/garbage.h"

#include <string.h>

#include "heap/holders.h"

/* 300 objects tell a share of 5 % within about 2.5 points. */
#define SAMPLE 300

static const struct holder_limits limits_of_search = {.levels = 60, .nodes = 300000, .seconds = 8};

/* A fixed sequence: the same heap gives the same answer. */
static uint64_t next_random(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return *state >> 33;
}

/* Chooses objects of the lists evenly at random (reservoir sampling). */
static size_t choose(const struct look *look, unsigned rings, uint32_t *numbers, int64_t *objects)
{
    const struct heap_index *index = look->census->index;
    const uint8_t *ring_of = look->rings.items[0].ring_of;
    uint64_t state = 1, seen = 0;
    size_t count = 0;
    for (uint32_t i = 0; i < index->count; i++) {
        if (ring_of[i] == RING_NONE || !(rings >> ring_of[i] & 1))
            continue;
        seen++;
        if (count < SAMPLE)
            numbers[count++] = i;
        else if (next_random(&state) % seen < SAMPLE)
            numbers[next_random(&state) % SAMPLE] = i;
    }
    *objects = (int64_t)seen;
    return count;
}

static void name_commonest(const struct look *look, const uint32_t *types, size_t count,
                           struct garbage_estimate *estimate)
{
    size_t best = 0, best_count = 0;
    for (size_t i = 0; i < count; i++) {
        size_t same = 0;
        for (size_t k = i; k < count; k++)
            same += types[k] == types[i];
        if (same > best_count) {
            best = i;
            best_count = same;
        }
    }
    if (best_count)
        estimate->type = type_qualified_name(
            look->cpython, type_table_get(look->census->types, types[best])->view.address);
}

static void judge(const struct look *look, const struct holder_graph *graph,
                  const uint32_t *numbers, size_t enough, struct garbage_estimate *estimate)
{
    uint32_t types[SAMPLE];
    size_t proved = 0;
    int64_t with_finalizer = 0;
    for (int64_t i = 0; i < estimate->sampled; i++) {
        struct index_entry entry = heap_index_at(look->census->index, numbers[i]);
        if (!holders_prove_garbage(graph, entry.address))
            continue;
        types[proved++] = entry.type;
        with_finalizer +=
            type_table_get(look->census->types, entry.type)->view.finalize && !entry.finalized;
    }
    if (proved < enough)
        return;
    estimate->is_much = true;
    estimate->proved = (int64_t)proved;
    estimate->estimate = estimate->objects * (int64_t)proved / estimate->sampled;
    estimate->with_finalizer = with_finalizer;
    name_commonest(look, types, proved, estimate);
}

/* How many of the sampled are enough; at least one. */
static size_t enough_of(const struct garbage_least *least, const struct garbage_estimate *estimate)
{
    double sampled = (double)estimate->sampled;
    const double wanted[] = {
        (double)least->proved,
        least->share * sampled,
        (double)least->objects * sampled / (double)estimate->objects,
    };
    size_t enough = 1;
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
        while ((double)enough < wanted[i])
            enough++;
    return enough;
}

struct error *garbage_sample(struct look *look, unsigned rings, const struct garbage_least *least,
                             struct garbage_estimate *estimate)
{
    *estimate = (struct garbage_estimate){0};
    uint32_t numbers[SAMPLE];
    uint64_t targets[SAMPLE];
    if (!look->rings.count)
        return NULL;
    size_t count = choose(look, rings, numbers, &estimate->objects);
    estimate->sampled = (int64_t)count;
    size_t enough = count ? enough_of(least, estimate) : 1;
    if (enough > count)
        return NULL;
    struct error *error = look_index(look);
    if (error)
        return error;
    for (size_t i = 0; i < count; i++)
        targets[i] = heap_index_at(look->census->index, numbers[i]).address;
    struct holder_limits limits = limits_of_search;
    limits.garbage = enough;
    struct holder_graph *graph;
    error = holders_explore(look->cpython, look->index->index, look->index->types, &look->roots,
                            targets, count, &limits, &graph);
    if (error)
        return error;
    judge(look, graph, numbers, enough, estimate);
    holders_free(graph);
    return NULL;
}
