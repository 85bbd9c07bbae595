#include "heap/range.h"

#ifdef __x86_64__
#include <immintrin.h>
#endif

uint64_t range_sieve_some(const struct range_test *test, const uint64_t *words, unsigned count)
{
    uint64_t inside = 0;
    for (unsigned i = 0; i < count; i++)
        inside |= (uint64_t)(words[i] - test->low < test->span) << i;
    return inside;
}

static uint64_t sieve_portably(const struct range_test *test, const uint64_t *words)
{
    return range_sieve_some(test, words, RANGE_BLOCK);
}

#ifdef __x86_64__

/* AVX2 compares signed numbers: both sides are moved by 2^63. */
__attribute__((target("avx2"))) static uint64_t sieve_avx2(const struct range_test *test,
                                                           const uint64_t *words)
{
    const uint64_t sign = UINT64_C(1) << 63;
    const __m256i shift = _mm256_set1_epi64x((long long)(sign - test->low));
    const __m256i limit = _mm256_set1_epi64x((long long)(test->span ^ sign));
    uint64_t inside = 0;
    for (unsigned i = 0; i < RANGE_BLOCK; i += 4) {
        __m256i four = _mm256_loadu_si256((const __m256i *)(const void *)(words + i));
        __m256i below = _mm256_cmpgt_epi64(limit, _mm256_add_epi64(four, shift));
        inside |= (uint64_t)_mm256_movemask_pd(_mm256_castsi256_pd(below)) << i;
    }
    return inside;
}

#endif

void range_prepare(struct range_test *test)
{
    test->sieve = sieve_portably;
#ifdef __x86_64__
    if (__builtin_cpu_supports("avx2"))
        test->sieve = sieve_avx2;
#endif
}
