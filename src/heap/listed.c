#include "heap/listed.h"

#include <time.h>

#include "heap/rings.h"

/* A pass is no instant: a chain of links may lead from one list to another. Not every time. */
#define PASSES   3
#define APART_NS (10 * 1000 * 1000)

static bool is_old(uint8_t ring)
{
    return ring != RING_NONE && ring != 0;
}

static void keep_old(const struct heap_index *index, const struct rings *rings,
                     marked_vector *marked)
{
    size_t kept = 0;
    for (size_t i = 0; i < marked->count; i++) {
        uint32_t number = heap_index_find(index, marked->items[i].address);
        if (number != INDEX_NONE && heap_index_at(index, number).finalized &&
            is_old(rings->ring_of[number]))
            marked->items[kept++] = marked->items[i];
    }
    marked->count = kept;
}

static struct error *walk_all(const struct cpython *cpython, const struct heap_index *index,
                              const interpreter_vector *interpreters, struct rings *rings)
{
    for (size_t i = 0; i < interpreters->count; i++) {
        struct collector_state state;
        if (!collector_read(cpython, interpreters->items[i].gc, &state))
            continue;
        if (!rings_walk(cpython, index, &state, rings))
            return error_no_memory();
    }
    return NULL;
}

static struct error *keep_by_one_pass(const struct cpython *cpython,
                                      const interpreter_vector *interpreters, marked_vector *marked)
{
    const struct census_options options = {
        .keep_index = true, .keep_links = true, .pace = STREAM_POLITE};
    struct rings rings = {0};
    struct census *census;
    struct error *error = census_take(cpython, &options, &census);
    if (error)
        return error;
    error = walk_all(cpython, census->index, interpreters, &rings);
    if (!error && rings.ring_of)
        keep_old(census->index, &rings, marked);
    else
        marked->count = 0;
    rings_free(&rings);
    census_free(census);
    return error;
}

struct error *listed_keep(const struct cpython *cpython, const interpreter_vector *interpreters,
                          marked_vector *marked)
{
    struct error *error = NULL;
    for (int pass = 0; pass < PASSES && marked->count && !error; pass++) {
        if (pass && target_is_live(cpython->target))
            nanosleep(&(struct timespec){.tv_nsec = APART_NS}, NULL);
        error = keep_by_one_pass(cpython, interpreters, marked);
    }
    return error;
}
