#include "runtime/internal.h"

#include <string.h>

#define GC_BYTES_MAX    1024
#define STATS_BYTES_MAX 8192

/* A generation is {next, prev, int threshold, int count} in every version. */
#define GENERATION_BYTES     24
#define GENERATION_THRESHOLD 16
#define GENERATION_COUNT     20

/* Bytes of a struct; a field that lies outside makes `ok` false. */
struct record {
    const uint8_t *bytes;
    size_t size;
    bool ok;
};

static void take(struct record *record, int64_t offset, void *value, size_t size)
{
    if (offset < 0 || (uint64_t)offset > record->size || record->size - (size_t)offset < size) {
        record->ok = false;
        memset(value, 0, size);
        return;
    }
    memcpy(value, record->bytes + offset, size);
}

static int32_t take_int(struct record *record, int64_t offset)
{
    int32_t value;
    take(record, offset, &value, sizeof value);
    return value;
}

static uint64_t take_word(struct record *record, int64_t offset)
{
    uint64_t value;
    take(record, offset, &value, sizeof value);
    return value;
}

/* ---- statistics ------------------------------------------------------------------------------ */

struct statistics {
    int64_t collections, collected, uncollectable;
};

static void take_inline_statistics(const struct cpython *cpython, struct record *gc,
                                   struct statistics statistics[COLLECTOR_GENERATIONS])
{
    for (int i = 0; i < COLLECTOR_GENERATIONS; i++) {
        int64_t place = cpython->at.gc_generation_stats + i * (int64_t)sizeof *statistics;
        take(gc, place, &statistics[i], sizeof *statistics);
    }
}

static struct statistics take_entry(const struct layout_offsets *at, struct record *block,
                                    int64_t entry)
{
    return (struct statistics){
        .collections = (int64_t)take_word(block, entry + at->gc_stats_entry_collections),
        .collected = (int64_t)take_word(block, entry + at->gc_stats_entry_collected),
        .uncollectable = (int64_t)take_word(block, entry + at->gc_stats_entry_uncollectable),
    };
}

/*
 * The newest entry of the ring at `ring`, whose index stands behind the entries. Each entry holds
 * totals, so the newest is the one with the most collections; unlike the index, that cannot point
 * to an entry that is just being replaced.
 */
static struct statistics take_ring(const struct layout_offsets *at, struct record *block,
                                   int64_t ring, int32_t index_place)
{
    struct statistics newest = {.collections = -1};
    int32_t size = at->size_of_gc_stats_entry;
    for (int32_t place = 0; size > 0 && place + size <= index_place; place += size) {
        struct statistics entry = take_entry(at, block, ring + place);
        if (entry.collections > newest.collections)
            newest = entry;
    }
    if (newest.collections < 0)
        block->ok = false;
    return newest;
}

static bool read_rings(const struct cpython *cpython, uint64_t address,
                       struct statistics statistics[COLLECTOR_GENERATIONS])
{
    const struct layout_offsets *at = &cpython->at;
    uint8_t bytes[STATS_BYTES_MAX];
    if (at->size_of_gc_stats_block <= 0 || at->size_of_gc_stats_block > STATS_BYTES_MAX)
        return false;
    struct record block = {bytes, (size_t)at->size_of_gc_stats_block, true};
    if (!target_read(cpython->target, address, bytes, block.size))
        return false;
    statistics[0] = take_ring(at, &block, at->gc_stats_young, at->gc_stats_young_index);
    for (int i = 1; i < COLLECTOR_GENERATIONS; i++)
        statistics[i] =
            take_ring(at, &block, at->gc_stats_old + (i - 1) * (int64_t)at->size_of_gc_stats_old,
                      at->gc_stats_old_index);
    return block.ok;
}

/* ---- epoch ----------------------------------------------------------------------------------- */

/*
 * The incremental collector does not count an increment that only marks, but it leaves the marking
 * phase by it and comes back by one that is counted. One that finds nothing to do changes nothing
 * (Python/gc.c 3.14.4, gc_collect_increment).
 */
static bool read_phase(const struct cpython *cpython, uint64_t gc, uint64_t *phase)
{
    int32_t value = 0;
    *phase = 0;
    if (!cpython->is.incremental)
        return true;
    if (!target_read(cpython->target, field_of(gc, cpython->at.gc_phase), &value, sizeof value))
        return false;
    *phase = value != 0;
    return true;
}

bool collector_epoch_read(const struct cpython *cpython, uint64_t gc, struct collector_epoch *epoch)
{
    const struct layout_offsets *at = &cpython->at;
    struct statistics statistics[COLLECTOR_GENERATIONS];
    bool inline_statistics = cpython->is.gc_stats == GC_STATS_INLINE;
    int32_t collecting;
    uint64_t rings, phase;
    /* The flag first: a collection that ends in between has then counted itself already. */
    struct read_request requests[] = {
        {.address = field_of(gc, at->gc_collecting), .buffer = &collecting, .size = 4},
        {.address = field_of(gc, at->gc_generation_stats),
         .buffer = inline_statistics ? (void *)statistics : &rings,
         .size = inline_statistics ? sizeof statistics : sizeof rings},
    };
    target_read_batch(cpython->target, requests, 2);
    if (!requests[0].ok || !requests[1].ok)
        return false;
    if (!inline_statistics && !read_rings(cpython, rings, statistics))
        return false;
    if (!read_phase(cpython, gc, &phase))
        return false;
    uint64_t sum = 0;
    for (int i = 0; i < COLLECTOR_GENERATIONS; i++)
        sum += (uint64_t)statistics[i].collections;
    *epoch = (struct collector_epoch){
        .collecting = collecting != 0,
        .collections = cpython->is.incremental ? 2 * sum + phase : sum,
    };
    return true;
}

/* ---- the whole state ------------------------------------------------------------------------- */

static void take_generations(const struct cpython *cpython, uint64_t gc, struct record *record,
                             struct collector_state *state)
{
    for (int i = 0; i < COLLECTOR_GENERATIONS; i++) {
        int64_t place = cpython->at.gc_generations + i * (int64_t)GENERATION_BYTES;
        state->heads[i] = gc + (uint64_t)place;
        state->generations[i].threshold = take_int(record, place + GENERATION_THRESHOLD);
        state->generations[i].count = take_int(record, place + GENERATION_COUNT);
    }
    if (!cpython->is.incremental)
        return;
    /* gc.get_count() gives the visited space first, gc.get_threshold() has no third (3.14.4). */
    state->generations[2].threshold = 0;
    if (take_int(record, cpython->at.gc_visited_space) != 0) {
        int64_t first = state->generations[1].count;
        state->generations[1].count = state->generations[2].count;
        state->generations[2].count = first;
    }
}

static int64_t take_optional(struct record *record, int32_t offset)
{
    return offset == LAYOUT_ABSENT ? -1 : (int64_t)take_word(record, offset);
}

static bool read_state(const struct cpython *cpython, uint64_t gc, struct collector_state *state)
{
    const struct layout_offsets *at = &cpython->at;
    struct statistics statistics[COLLECTOR_GENERATIONS];
    uint8_t bytes[GC_BYTES_MAX];
    if (at->size_of_gc <= 0 || at->size_of_gc > GC_BYTES_MAX)
        return false;
    struct record record = {bytes, (size_t)at->size_of_gc, true};
    if (!target_read(cpython->target, gc, bytes, record.size))
        return false;
    *state = (struct collector_state){
        .enabled = take_int(&record, at->gc_enabled) != 0,
        .collecting = take_int(&record, at->gc_collecting) != 0,
        .debug = take_int(&record, at->gc_debug),
        .garbage = sequence_length(cpython, take_word(&record, at->gc_garbage)),
        .long_lived_total = take_optional(&record, at->gc_long_lived_total),
        .long_lived_pending = take_optional(&record, at->gc_long_lived_pending),
        .permanent_head = field_of(gc, at->gc_permanent_generation),
    };
    take_generations(cpython, gc, &record, state);
    if (cpython->is.gc_stats == GC_STATS_INLINE)
        take_inline_statistics(cpython, &record, statistics);
    else if (!read_rings(cpython, take_word(&record, at->gc_generation_stats), statistics))
        return false;
    for (int i = 0; i < COLLECTOR_GENERATIONS; i++) {
        state->generations[i].collections = statistics[i].collections;
        state->generations[i].collected = statistics[i].collected;
        state->generations[i].uncollectable = statistics[i].uncollectable;
    }
    return record.ok;
}

bool collector_read(const struct cpython *cpython, uint64_t gc, struct collector_state *state)
{
    struct collector_epoch before, after;
    for (int attempt = 0; attempt < CHAIN_ATTEMPTS; attempt++) {
        if (!collector_epoch_read(cpython, gc, &before) || !read_state(cpython, gc, state) ||
            !collector_epoch_read(cpython, gc, &after))
            return false;
        if (before.collections == after.collections && before.collecting == after.collecting)
            break;
    }
    return true;
}
