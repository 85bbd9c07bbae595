#include "heap/confirm.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "heap/listed.h"

/* So many objects are looked at within one quiet moment. */
#define GROUP            64
#define LOOKS_NEEDED     2
#define PATIENCE_SECONDS 1
#define STALE_MAX        3 /* looks at links that neither agree nor move: no object lives there */
#define LOOK_APART_NS    (4 * 1000 * 1000)
#define RETRY_NS         (500 * 1000)

static void rest(const struct cpython *cpython, long nanoseconds)
{
    if (target_is_live(cpython->target))
        nanosleep(&(struct timespec){.tv_nsec = nanoseconds}, NULL);
}

/* Sums the epochs of all interpreters; false when one is collecting or unreadable. */
static bool quiet_epoch(const struct cpython *cpython, const interpreter_vector *interpreters,
                        uint64_t *sum)
{
    *sum = 0;
    for (size_t i = 0; i < interpreters->count; i++) {
        struct collector_epoch epoch;
        if (!collector_epoch_read(cpython, interpreters->items[i].gc, &epoch) || epoch.collecting)
            return false;
        *sum += epoch.collections;
    }
    return true;
}

/* One object's head and what its neighbours in the list say of it. */
struct look {
    uint64_t words[4];      /* next, prev, refcount, type */
    uint64_t previous_next; /* prev->next */
    uint64_t next_previous; /* next->prev */
    bool readable, linked;
};

/* What is known of one object so far. */
struct record {
    struct marked_object object;
    uint64_t links; /* what its links and its neighbours' said when they did not agree */
    uint8_t looks;  /* quiet looks that found it alive */
    uint8_t stale;  /* looks since then at which they said the same */
    bool gone;
};

static void read_looks(const struct cpython *cpython, const struct record *records, size_t count,
                       struct look *looks)
{
    struct read_request heads[GROUP], links[2 * GROUP];
    for (size_t i = 0; i < count; i++)
        heads[i] = (struct read_request){records[i].object.address - GC_HEAD_BYTES, looks[i].words,
                                         sizeof looks[i].words, false};
    target_read_batch(cpython->target, heads, count);
    for (size_t i = 0; i < count; i++) {
        looks[i].readable = heads[i].ok;
        if (!heads[i].ok)
            memset(looks[i].words, 0, sizeof looks[i].words);
        links[2 * i] = (struct read_request){looks[i].words[1] & GC_POINTER_MASK,
                                             &looks[i].previous_next, 8, false};
        links[2 * i + 1] = (struct read_request){(looks[i].words[0] & GC_POINTER_MASK) + 8,
                                                 &looks[i].next_previous, 8, false};
    }
    target_read_batch(cpython->target, links, 2 * count);
    for (size_t i = 0; i < count; i++) {
        uint64_t head = records[i].object.address - GC_HEAD_BYTES;
        if (!links[2 * i].ok)
            looks[i].previous_next = 0;
        if (!links[2 * i + 1].ok)
            looks[i].next_previous = 0;
        looks[i].linked = links[2 * i].ok && links[2 * i + 1].ok &&
                          (looks[i].previous_next & GC_POINTER_MASK) == head &&
                          (looks[i].next_previous & GC_POINTER_MASK) == head;
    }
}

enum outcome { GONE, MOVING, ALIVE };

static enum outcome judge(const struct cpython *cpython, const struct look *look, uint64_t type)
{
    bool alive = look->readable && (look->words[1] & GC_PREV_FINALIZED) &&
                 (look->words[0] & GC_POINTER_MASK) && look->words[3] == type &&
                 refcount_decode(cpython, look->words[2]) > 0;
    if (!alive)
        return GONE;
    return look->linked ? ALIVE : MOVING;
}

struct round {
    const struct cpython *cpython;
    const interpreter_vector *interpreters;
    const struct type_table *types;
    struct confirmation *confirmation;
    struct timespec deadline;
};

static bool out_of_patience(const struct round *round)
{
    struct timespec now;
    if (!target_is_live(round->cpython->target))
        return true;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec > round->deadline.tv_sec ||
           (now.tv_sec == round->deadline.tv_sec && now.tv_nsec > round->deadline.tv_nsec) ||
           !target_alive(round->cpython->target);
}

static uint64_t links_of(const struct look *look)
{
    return look->words[0] ^ look->words[1] * 3 ^ look->previous_next * 5 ^ look->next_previous * 7;
}

static void apply(const struct round *round, struct record *record, const struct look *look)
{
    uint64_t type = type_table_get(round->types, record->object.type)->view.address;
    switch (judge(round->cpython, look, type)) {
    case GONE:
        record->gone = true;
        break;
    case MOVING:
        record->stale = record->links == links_of(look) ? record->stale + 1 : 0;
        round->confirmation->torn_reads += record->links && !record->stale;
        record->links = links_of(look);
        record->gone = record->stale >= STALE_MAX;
        break;
    case ALIVE:
        record->looks++;
        break;
    }
}

/* Looks at up to GROUP objects within one quiet moment; false when none came in time. */
static bool look_at_group(const struct round *round, struct record *records, size_t count)
{
    struct look looks[GROUP];
    uint64_t before, after;
    for (;;) {
        if (quiet_epoch(round->cpython, round->interpreters, &before)) {
            read_looks(round->cpython, records, count, looks);
            if (quiet_epoch(round->cpython, round->interpreters, &after) && before == after)
                break;
        }
        round->confirmation->torn_reads++;
        if (out_of_patience(round))
            return false;
        rest(round->cpython, RETRY_NS);
    }
    for (size_t i = 0; i < count; i++)
        apply(round, &records[i], &looks[i]);
    return true;
}

/* Drops what is gone; moves what has been seen often enough to the front. Returns how many such. */
static size_t sort_out(struct record *records, size_t *count)
{
    size_t kept = 0, sure = 0;
    for (size_t i = 0; i < *count; i++) {
        struct record record = records[i];
        if (record.gone)
            continue;
        records[kept] = record;
        if (record.looks >= LOOKS_NEEDED) {
            records[kept] = records[sure];
            records[sure++] = record;
        }
        kept++;
    }
    *count = kept;
    return sure;
}

/* Looks until everything is decided or patience ends; the sure ones are then at the front. */
static size_t look_until_sure(const struct round *round, struct record *records, size_t *count)
{
    size_t sure = 0;
    while (sure < *count) {
        for (size_t first = sure; first < *count; first += GROUP) {
            size_t left = *count - first;
            if (!look_at_group(round, records + first, left < GROUP ? left : GROUP))
                return sort_out(records, count);
        }
        sure = sort_out(records, count);
        if (sure < *count)
            rest(round->cpython, LOOK_APART_NS);
    }
    return sure;
}

/* What was left undecided because the collector never rested: its lists must tell. */
static struct error *decide_by_lists(const struct round *round, const struct record *records,
                                     size_t count, marked_vector *marked)
{
    marked_vector left = {0};
    struct error *error = NULL;
    for (size_t i = 0; i < count && !error; i++)
        if (!vector_push(&left, records[i].object))
            error = error_no_memory();
    if (!error)
        error = listed_keep(round->cpython, round->interpreters, &left);
    for (size_t i = 0; i < left.count && !error; i++)
        marked->items[marked->count++] = left.items[i]; /* it held them all before */
    vector_free(&left);
    return error;
}

/* What was recorded at two moments: a zombie is still there at the later one. */
static void keep_later(const struct round *round, marked_vector *marked)
{
    struct cpython later = *round->cpython;
    later.target = target_later(later.target);
    size_t kept = 0;
    for (size_t first = 0; later.target && first < marked->count; first += GROUP) {
        struct record records[GROUP] = {0};
        struct look looks[GROUP];
        size_t count = marked->count - first < GROUP ? marked->count - first : GROUP;
        for (size_t i = 0; i < count; i++)
            records[i].object = marked->items[first + i];
        read_looks(&later, records, count, looks);
        for (size_t i = 0; i < count; i++) {
            uint64_t type = type_table_get(round->types, records[i].object.type)->view.address;
            if (judge(&later, &looks[i], type) != GONE)
                marked->items[kept++] = records[i].object;
        }
    }
    if (later.target)
        marked->count = kept;
}

struct error *confirm_marked(const struct cpython *cpython, const interpreter_vector *interpreters,
                             const struct type_table *types, marked_vector *marked,
                             struct confirmation *confirmation)
{
    struct round round = {.cpython = cpython,
                          .interpreters = interpreters,
                          .types = types,
                          .confirmation = confirmation};
    if (!marked->count)
        return NULL;
    struct record *records = calloc(marked->count, sizeof *records);
    if (!records)
        return error_no_memory();
    for (size_t i = 0; i < marked->count; i++)
        records[i].object = marked->items[i];
    clock_gettime(CLOCK_MONOTONIC, &round.deadline);
    round.deadline.tv_sec += PATIENCE_SECONDS;
    size_t count = marked->count;
    size_t sure = look_until_sure(&round, records, &count);
    for (size_t i = 0; i < sure; i++)
        marked->items[i] = records[i].object;
    marked->count = sure;
    struct error *error = decide_by_lists(&round, records + sure, count - sure, marked);
    confirmation->undecided += count - marked->count;
    if (!error)
        keep_later(&round, marked);
    free(records);
    if (marked->count)
        qsort(marked->items, marked->count, sizeof *marked->items, marked_compare);
    return error;
}
