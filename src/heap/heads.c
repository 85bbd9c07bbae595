#include "heap/heads.h"

#ifdef __x86_64__
#include <immintrin.h>
#endif

/* Small numbers are no addresses. */
#define LOWEST UINT64_C(4096)

uint64_t heads_sieve_some(const struct head_test *test, const uint64_t *words, unsigned slots)
{
    uint64_t heads = 0;
    for (unsigned i = 0; i < slots; i++, words += 2) {
        uint64_t links = (words[0] - test->low < test->span) &
                         ((words[1] - test->low < test->span) | !!(words[1] & GC_PREV_COLLECTING));
        uint64_t object = ((words[2] & test->count_mask) - 1 < test->count_max) &
                          (words[3] - test->low < test->span);
        heads |= (links & object) << i;
    }
    return heads;
}

static uint64_t sieve_portably(const struct head_test *test, const uint64_t *words)
{
    return heads_sieve_some(test, words, HEADS_BLOCK);
}

#ifdef __x86_64__

/* AVX2 compares signed numbers: both sides of a comparison are moved by 2^63. */
#define SIGN      (UINT64_C(1) << 63)
#define ALL(word) _mm256_set1_epi64x((long long)(word))

/* Two slots two slots apart, so that unpacking puts the words of four into their order. */
__attribute__((target("avx2"))) static inline __m256i two_slots(const uint64_t *words)
{
    const __m128i *slots = (const __m128i *)(const void *)words;
    return _mm256_inserti128_si256(_mm256_castsi128_si256(_mm_loadu_si128(slots)),
                                   _mm_loadu_si128(slots + 2), 1);
}

/* The same four slots at a time. The second word of a slot is a link here and a type there. */
__attribute__((target("avx2"))) static uint64_t sieve_avx2(const struct head_test *test,
                                                           const uint64_t *words)
{
    const __m256i shift = ALL(SIGN - test->low), limit = ALL(test->span ^ SIGN);
    const __m256i count_mask = ALL(test->count_mask);
    const __m256i count_shift = ALL(SIGN - 1), count_limit = ALL(test->count_max ^ SIGN);
    uint64_t linked = 0, objects = 0;
    for (unsigned slot = 0; slot < HEADS_BLOCK; slot += 4) {
        const __m256i even = two_slots(words + 2 * slot), odd = two_slots(words + 2 * slot + 2);
        const __m256i first = _mm256_unpacklo_epi64(even, odd);
        const __m256i second = _mm256_unpackhi_epi64(even, odd);
        __m256i next = _mm256_cmpgt_epi64(limit, _mm256_add_epi64(first, shift));
        __m256i inside = _mm256_cmpgt_epi64(limit, _mm256_add_epi64(second, shift));
        __m256i collecting = _mm256_slli_epi64(second, 62); /* the flag becomes the sign */
        __m256i link = _mm256_and_si256(next, _mm256_or_si256(inside, collecting));
        __m256i count = _mm256_add_epi64(_mm256_and_si256(first, count_mask), count_shift);
        __m256i object = _mm256_and_si256(inside, _mm256_cmpgt_epi64(count_limit, count));
        linked |= (uint64_t)_mm256_movemask_pd(_mm256_castsi256_pd(link)) << slot;
        objects |= (uint64_t)_mm256_movemask_pd(_mm256_castsi256_pd(object)) << slot;
    }
    /* A slot's object begins with the next slot. */
    const uint64_t *last = words + 2 * HEADS_BLOCK;
    bool is_object = (last[0] & test->count_mask) - 1 < test->count_max;
    is_object = is_object && last[1] - test->low < test->span;
    return linked & (objects >> 1 | (uint64_t)is_object << (HEADS_BLOCK - 1));
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
    low = low < LOWEST ? LOWEST : low;
    test->low = low;
    test->span = high > low ? high - low : 0;
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
