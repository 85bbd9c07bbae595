/*
 * Mutations of an image that mean something: words become other words of it, addresses inside of
 * it, or numbers at the edge of a range. Half of the time libFuzzer's own mutations are used.
 */
#include <string.h>

#include "input.h"

#define CHANGES_MAX 6

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t size_max);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t size_max, unsigned int seed);

static const uint64_t edges[] = {
    0,
    1,
    2,
    3,
    7,
    8,
    64,
    255,
    4096,
    INT32_MAX,
    UINT32_MAX,
    UINT64_C(1) << 32,
    UINT64_C(1) << 40,
    INT64_MAX,
    UINT64_C(1) << 63,
    UINT64_MAX - 7,
    UINT64_MAX,
};

struct mutation {
    uint8_t *data;
    size_t bytes_at, size; /* of the segments' bytes: from, to */
    size_t segments;
    uint64_t random;
};

/* Of the high bits, which are the good ones of this generator. */
static uint64_t next(struct mutation *mutation)
{
    mutation->random =
        mutation->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return mutation->random >> 24;
}

/* The place of a random word of the segments' bytes. */
static uint8_t *random_place(struct mutation *mutation)
{
    size_t words = (mutation->size - mutation->bytes_at) / sizeof(uint64_t);
    return mutation->data + mutation->bytes_at + next(mutation) % words * sizeof(uint64_t);
}

static uint64_t random_address(struct mutation *mutation)
{
    struct input_segment segment;
    size_t number = next(mutation) % mutation->segments;
    memcpy(&segment, mutation->data + sizeof(struct input_header) + number * sizeof segment,
           sizeof segment);
    uint64_t offset = segment.size ? next(mutation) % segment.size : 0;
    return segment.address + (offset & ~UINT64_C(7));
}

static void change_word(struct mutation *mutation)
{
    uint8_t *place = random_place(mutation), *other = random_place(mutation);
    uint64_t word, random = next(mutation);
    memcpy(&word, place, sizeof word);
    switch (random % 7) {
    case 0:
    case 1:
        memcpy(&word, other, sizeof word);
        break;
    case 2:
        word = random_address(mutation);
        break;
    case 3:
        word = edges[next(mutation) % (sizeof edges / sizeof *edges)];
        break;
    case 4:
        word += (random >> 8) % 64 - 32;
        break;
    case 5:
        word ^= UINT64_C(1) << (random >> 8) % 64;
        break;
    case 6: /* half of it */
        word = (word & UINT32_MAX) | edges[next(mutation) % (sizeof edges / sizeof *edges)] << 32;
        break;
    }
    memcpy(place, &word, sizeof word);
}

/* A struct becomes a copy of another. */
static void copy_block(struct mutation *mutation)
{
    uint8_t *from = random_place(mutation), *to = random_place(mutation);
    size_t bytes = (next(mutation) % 16 + 1) * sizeof(uint64_t);
    size_t left = (size_t)(mutation->data + mutation->size - (from > to ? from : to));
    memmove(to, from, bytes < left ? bytes : left);
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t size_max, unsigned int seed)
{
    struct mutation mutation = {.data = data, .size = size, .random = seed};
    mutation.bytes_at = input_bytes_at(data, size);
    next(&mutation);
    if (size - mutation.bytes_at < 64 || next(&mutation) % 8 == 0)
        return LLVMFuzzerMutate(data, size, size_max);
    mutation.segments =
        (mutation.bytes_at - sizeof(struct input_header)) / sizeof(struct input_segment);
    if (!mutation.segments)
        return LLVMFuzzerMutate(data, size, size_max);
    for (uint64_t i = next(&mutation) % CHANGES_MAX + 1; i > 0; i--) {
        if (next(&mutation) % 8)
            change_word(&mutation);
        else
            copy_block(&mutation);
    }
    return size;
}
