/* gather.h: what a worker gathers in a pass over the heap; private to the files of the census. */
#ifndef STETH_HEAP_GATHER_H
#define STETH_HEAP_GATHER_H

#include "heap/census.h"
#include "heap/type_filter.h"

/*
 * A type met lately whose instances are all objects of the collector; most objects are of few
 * types. Those that were met while it stands here are counted here.
 */
struct near_type {
    uint64_t address;
    uint32_t type;
    uint32_t count;
};
#define NEAR_TYPES 256

struct gatherer {
    struct type_cache types;
    struct near_type near[NEAR_TYPES]; /* by near_slot() */
    struct type_filter filter;
    struct cpython remembered; /* for the filter, by a target that remembers */
    VECTOR(uint64_t) counts;   /* per type, without those of `near` */
    marked_vector marked;
    /* Of the objects of `slot`, when there is an index: room for as many as a slot may hold. */
    uint64_t *addresses;
    uint64_t *nexts;
    uint32_t *type_numbers;
    size_t kept;
    size_t slot;
    VECTOR(struct buffer_owner) buffers;
    uint64_t deque_blocks_left;
    bool failed; /* out of memory */
};

struct pass {
    const struct cpython *cpython;
    const struct census_options *options;
    struct census *census;
    struct head_test test;
    struct gatherer gatherers[STREAM_WORKERS_MAX];
};

/* What a worker is shown: one chunk. */
struct sight {
    struct pass *pass;
    struct gatherer *gatherer;
    const struct stream_chunk *chunk;
};

static inline size_t near_slot(uint64_t type)
{
    return (type >> 4 ^ type >> 12) % NEAR_TYPES;
}

/* The four words {next, previous, count, type} that the sieve let through at `offset`. */
static inline const uint64_t *sight_head(const struct sight *sight, size_t offset)
{
    return (const uint64_t *)(const void *)(sight->chunk->bytes + offset);
}

/* How many slots of 16 bytes can be looked at: the four words may reach into the overlap. */
static inline size_t sight_slots(const struct sight *sight)
{
    const struct stream_chunk *chunk = sight->chunk;
    size_t end = chunk->extent < 32 ? 0 : chunk->extent - 16;
    return (end < chunk->size ? end : chunk->size) / 16;
}

/* The heads of the block of slots at `offset`, or of what is left of one. */
static inline uint64_t sight_sieve(const struct sight *sight, size_t offset)
{
    const struct head_test *test = &sight->pass->test;
    size_t left = sight_slots(sight) - offset / 16;
    if (left >= HEADS_BLOCK)
        return heads_sieve(test, sight_head(sight, offset));
    return heads_sieve_some(test, sight_head(sight, offset), (unsigned)left);
}

static inline uint64_t sight_object(const struct sight *sight, size_t offset)
{
    return sight->chunk->address + offset + GC_HEAD_BYTES;
}

/* A word of the object or in front of it, from the chunk where possible; 0 when unreadable. */
uint64_t sight_word(const struct sight *sight, uint64_t object, int64_t offset);

/* ---- recognise.c ----------------------------------------------------------------------------- */

/* More references are rare enough to look twice: a low address is a plausible count, too. */
#define REFERENCES_MANY 0x10000

/* Whether the head needs more than a known type to count as an object. */
static inline bool is_doubtful(const struct head_test *test, const uint64_t *words)
{
    return (words[2] & test->count_mask) >= REFERENCES_MANY || (words[1] & GC_PREV_FINALIZED);
}

/* Whether the next object's address may be the count of an immortal one instead: those end at 2^32.
 * Few programs have objects of the collector so low. */
static inline bool may_be_immortal(const uint64_t *words)
{
    return words[0] <= UINT32_MAX;
}

/* The type of the object whose head lies at `offset`, TYPE_UNKNOWN when there is none. */
uint32_t recognise(const struct sight *sight, size_t offset);

/* ---- keep.c ---------------------------------------------------------------------------------- */

/* Makes room for the index; false when there is no memory. */
bool keep_prepare(const struct pass *pass, struct gatherer *gatherer);

void keep_count(struct gatherer *gatherer, uint32_t type, uint64_t objects);

/* Keeps the object whose head lies at `offset` in the index, if there is one. */
void keep_object(const struct sight *sight, size_t offset, uint32_t type);

/* Hands what was gathered of the current slot to the index. */
void keep_close_slot(const struct pass *pass, struct gatherer *gatherer);

void gatherer_free(const struct pass *pass, struct gatherer *gatherer);

#endif
