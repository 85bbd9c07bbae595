#include "heap/match.h"

#define MATCHES_MAX ((size_t)4 << 20) /* of one worker */
#define FILTER_LOG2 18                /* bits: 32 KiB, in the first-level cache */

struct finder {
    match_vector matches;
    bool cut, failed;
};

struct pass {
    const struct address_map *wanted;
    uint64_t low, high; /* of the wanted addresses, which mostly lie together */
    uint64_t *filter;
    struct finder finders[STREAM_WORKERS_MAX];
};

static inline uint64_t filter_bit(uint64_t address)
{
    return address_hash(address) >> (64 - FILTER_LOG2);
}

static void keep(struct finder *finder, uint64_t location, uint64_t object)
{
    if (finder->matches.count >= MATCHES_MAX)
        finder->cut = true;
    else if (!vector_push(&finder->matches, ((struct match){location, object})))
        finder->failed = true;
}

static void visit_chunk(void *context, const struct stream_chunk *chunk)
{
    struct pass *pass = context;
    struct finder *finder = &pass->finders[chunk->worker];
    const uint64_t *filter = pass->filter;
    const uint64_t low = pass->low, span = pass->high - pass->low;
    const uint64_t *words = (const uint64_t *)(const void *)chunk->bytes;
    for (size_t i = 0; i < chunk->size / sizeof *words; i++) {
        /* References in frames carry tags in their low bits. */
        uint64_t value = words[i] & ~UINT64_C(3);
        if (value - low > span)
            continue;
        uint64_t bit = filter_bit(value);
        if (!(filter[bit / 64] >> (bit % 64) & 1))
            continue;
        if (address_map_get(pass->wanted, value) != ADDRESS_MAP_ABSENT)
            keep(finder, chunk->address + i * sizeof *words, value);
    }
}

static void fill_filter(struct pass *pass)
{
    size_t size = pass->wanted->log2_size ? (size_t)1 << pass->wanted->log2_size : 0;
    pass->low = UINT64_MAX;
    for (size_t i = 0; i < size; i++) {
        uint64_t key = pass->wanted->keys[i], bit = filter_bit(key);
        if (!key)
            continue;
        pass->filter[bit / 64] |= UINT64_C(1) << (bit % 64);
        pass->low = key < pass->low ? key : pass->low;
        pass->high = key > pass->high ? key : pass->high;
    }
}

static struct error *merge(struct pass *pass, match_vector *matches, bool *cut)
{
    for (size_t i = 0; i < STREAM_WORKERS_MAX; i++) {
        struct finder *finder = &pass->finders[i];
        *cut = *cut || finder->cut;
        if (finder->failed || !vector_reserve(matches, matches->count + finder->matches.count))
            return error_no_memory();
        for (size_t k = 0; k < finder->matches.count; k++)
            (void)vector_push(matches, finder->matches.items[k]);
    }
    return NULL;
}

struct error *match_words(struct target *target, const struct address_map *wanted,
                          match_vector *matches, bool *cut, struct stream_cost *cost)
{
    struct pass pass = {.wanted = wanted};
    struct stream_plan *plan;
    struct error *error = stream_plan_new(target, &plan);
    if (error)
        return error;
    pass.filter = calloc(((size_t)1 << FILTER_LOG2) / 64, sizeof *pass.filter);
    if (!pass.filter)
        error = error_no_memory();
    if (!error) {
        fill_filter(&pass);
        error = stream_run(target, plan, STREAM_POLITE, visit_chunk, &pass, cost);
    }
    if (!error)
        error = merge(&pass, matches, cut);
    for (size_t i = 0; i < STREAM_WORKERS_MAX; i++)
        vector_free(&pass.finders[i].matches);
    free(pass.filter);
    stream_plan_free(plan);
    return error;
}
