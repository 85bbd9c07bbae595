#include "heap/heads.h"

#ifdef __x86_64__
#include <immintrin.h>
#endif

uint64_t heads_sieve_some(const struct head_test *test, const uint64_t *words, unsigned slots)
{
    uint64_t heads = 0;
    uint64_t linked = words[0] - test->low < test->span;
    for (unsigned i = 0; i < slots; i++) {
        /* A slot's count is the next slot's link. */
        uint64_t word = words[2 * i + 2];
        uint64_t counted = (word & test->count_mask) - 1 < test->count_max;
        heads |= (linked & counted) << i;
        linked = word - test->low < test->span;
    }
    return heads;
}

static uint64_t sieve_portably(const struct head_test *test, const uint64_t *words)
{
    return heads_sieve_some(test, words, HEADS_BLOCK);
}

#ifdef __x86_64__

/* The same four slots at a time. AVX2 compares signed numbers: both sides are moved by 2^63. */
__attribute__((target("avx2"))) static uint64_t sieve_avx2(const struct head_test *test,
                                                           const uint64_t *words)
{
    const uint64_t sign = UINT64_C(1) << 63;
    const __m256i link_shift = _mm256_set1_epi64x((long long)(sign - test->low));
    const __m256i link_limit = _mm256_set1_epi64x((long long)(test->span ^ sign));
    const __m256i count_mask = _mm256_set1_epi64x((long long)test->count_mask);
    const __m256i count_shift = _mm256_set1_epi64x((long long)(sign - 1));
    const __m256i count_limit = _mm256_set1_epi64x((long long)(test->count_max ^ sign));
    uint64_t linked = 0, counted = 0;
    for (unsigned slot = 0; slot < HEADS_BLOCK; slot += 4) {
        const __m256i *pairs = (const __m256i *)(const void *)(words + 2 * (size_t)slot);
        __m256i mixed =
            _mm256_unpacklo_epi64(_mm256_loadu_si256(pairs), _mm256_loadu_si256(pairs + 1));
        __m256i first = _mm256_permute4x64_epi64(mixed, _MM_SHUFFLE(3, 1, 2, 0));
        __m256i link = _mm256_add_epi64(first, link_shift);
        __m256i count = _mm256_add_epi64(_mm256_and_si256(first, count_mask), count_shift);
        __m256d links = _mm256_castsi256_pd(_mm256_cmpgt_epi64(link_limit, link));
        __m256d counts = _mm256_castsi256_pd(_mm256_cmpgt_epi64(count_limit, count));
        linked |= (uint64_t)_mm256_movemask_pd(links) << slot;
        counted |= (uint64_t)_mm256_movemask_pd(counts) << slot;
    }
    uint64_t last = (words[2 * HEADS_BLOCK] & test->count_mask) - 1 < test->count_max;
    return linked & (counted >> 1 | last << (HEADS_BLOCK - 1));
}

#endif

static void choose_sieve(struct head_test *test)
{
    test->sieve = sieve_portably;
#ifdef __x86_64__
    if (__builtin_cpu_supports("avx2"))
        test->sieve = sieve_avx2;
#endif
}

void heads_prepare(const struct cpython *cpython, struct head_test *test)
{
    size_t count;
    const struct mapping *mappings = target_mappings(cpython->target, &count);
    uint64_t low = UINT64_MAX, high = 0;
    /* Stacks too: the heads of a running collection's lists are local variables of C. */
    for (size_t i = 0; i < count; i++) {
        if (!mappings[i].writable)
            continue;
        low = low < mappings[i].start ? low : mappings[i].start;
        high = mappings[i].end;
    }
    test->low = low;
    test->span = high > low ? high - low : 0;
    test->types_low = count && mappings[0].start ? mappings[0].start : 1; /* 0 is no address */
    test->types_span = count ? mappings[count - 1].end - test->types_low : 0;
    if (cpython->is.refcount == REFCOUNT_WORD) {
        test->count_mask = UINT64_MAX;
        test->count_max = (UINT64_C(1) << 40) - 1;
    } else {
        /* 32 bits of count, 16 of overflow, and few flags (3.14+, Include/refcount.h). */
        test->count_mask = UINT64_C(0xFF00FFFFFFFFFFFF);
        test->count_max = UINT32_MAX;
    }
    choose_sieve(test);
}
