#include "heap/match.h"

#include "heap/range.h"

#define MATCHES_MAX ((size_t)4 << 20) /* of one worker */
#define FILTER_LOG2 18                /* bits: 32 KiB, in the first-level cache */
#define TAGS        UINT64_C(3)       /* low bits of references in frames */

struct finder {
    match_vector matches;
    bool cut, failed;
};

struct pass {
    const struct address_map *wanted;
    struct range_test range; /* of the wanted addresses, which mostly lie together */
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

static void look_at(const struct pass *pass, struct finder *finder,
                    const struct stream_chunk *chunk, size_t index)
{
    uint64_t value = ((const uint64_t *)(const void *)chunk->bytes)[index] & ~TAGS;
    uint64_t bit = filter_bit(value);
    if (pass->filter[bit / 64] >> (bit % 64) & 1 &&
        address_map_get(pass->wanted, value) != ADDRESS_MAP_ABSENT)
        keep(finder, chunk->address + index * sizeof value, value);
}

static void visit_chunk(void *context, const struct stream_chunk *chunk)
{
    struct pass *pass = context;
    const uint64_t *words = (const uint64_t *)(const void *)chunk->bytes;
    size_t count = chunk->size / sizeof *words;
    for (size_t first = 0; first < count; first += RANGE_BLOCK) {
        uint64_t inside =
            count - first >= RANGE_BLOCK
                ? range_sieve(&pass->range, words + first)
                : range_sieve_some(&pass->range, words + first, (unsigned)(count - first));
        for (; inside; inside &= inside - 1)
            look_at(pass, &pass->finders[chunk->worker], chunk,
                    first + (size_t)__builtin_ctzll(inside));
    }
}

static void fill_filter(struct pass *pass)
{
    size_t size = pass->wanted->log2_size ? (size_t)1 << pass->wanted->log2_size : 0;
    uint64_t low = UINT64_MAX, high = 0;
    for (size_t i = 0; i < size; i++) {
        uint64_t key = pass->wanted->keys[i], bit = filter_bit(key);
        if (!key)
            continue;
        pass->filter[bit / 64] |= UINT64_C(1) << (bit % 64);
        low = key < low ? key : low;
        high = key > high ? key : high;
    }
    range_prepare(&pass->range);
    pass->range.low = low;
    pass->range.span = high >= low ? high + TAGS + 1 - low : 0;
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
