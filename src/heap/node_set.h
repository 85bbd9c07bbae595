/*
 * node_set.h: which addresses are objects, as bits: one for each place where an object may begin
 * (8 bytes apart), that is 1/64 of the memory. Once sealed, objects are numbered in address order;
 * a number is found from an address, and an address from a number, by counting bits.
 */
#ifndef STETH_HEAP_NODE_SET_H
#define STETH_HEAP_NODE_SET_H

#include "base/region_hints.h"
#include "base/vector.h"
#include "target/target.h"

#define NODE_STEP 8 /* bytes between places */

/* Bits are counted by blocks of this much memory. */
#define NODE_BLOCK_BYTES UINT64_C(4096)
#define NODE_BLOCK_WORDS (NODE_BLOCK_BYTES / NODE_STEP / 64) /* of bits */

/* One mapping in which objects may lie. */
struct node_range {
    uint64_t start, end;
    uint64_t *bits;
    uint32_t *ranks;  /* per block: objects before it; after node_set_seal */
    uint64_t *within; /* per block: how many of its own lie before each word of bits but the first,
                         NODE_WITHIN_BITS each; after node_set_seal */
    size_t first_block; /* number of its first block among all */
    bool of_file;       /* static data of a program or library */
};

struct node_set {
    struct region_hints hints;
    struct node_range *ranges; /* sorted */
    size_t range_count;
    size_t block_count;
    uint32_t count; /* objects; after node_set_seal */
};

/* Makes room for the writable private memory of `target`. The caller frees with node_set_free. */
struct error *node_set_new(struct target *target, struct node_set **set);
void node_set_free(struct node_set *set);

/* What node_set_range does when the first guess is wrong. */
const struct node_range *node_set_search(const struct node_set *set, uint64_t address);

static inline bool node_range_around(const struct node_range *range, uint64_t address)
{
    return address - range->start < range->end - range->start;
}

/* The range around `address`, or NULL: there is none, or a search would find it. */
static inline const struct node_range *node_set_guess(const struct node_set *set, uint64_t address)
{
    size_t hint = region_hint(&set->hints, address);
    return hint < set->range_count && node_range_around(&set->ranges[hint], address)
               ? &set->ranges[hint]
               : NULL;
}

/* The range around `address`, or NULL where no object can be. */
static inline const struct node_range *node_set_range(const struct node_set *set, uint64_t address)
{
    const struct node_range *guess = node_set_guess(set, address);
    return guess ? guess : node_set_search(set, address);
}

/* Whether `address`, which lies in `range` and is a multiple of 8, is in the set. Thread-safe. */
static inline bool node_range_has(const struct node_range *range, uint64_t address)
{
    uint64_t place = (address - range->start) / NODE_STEP;
    return __atomic_load_n(&range->bits[place / 64], __ATOMIC_RELAXED) >> place % 64 & 1;
}
/* Adds it; false when it was there. Thread-safe. */
bool node_range_add(const struct node_range *range, uint64_t address);

/* Numbers the objects; none is added afterwards. False: more than can be numbered. */
bool node_set_seal(struct node_set *set);

/* Without an instruction for it, which not every processor has, a call for each would follow. */
static inline uint32_t node_count_bits(uint64_t word)
{
    word -= word >> 1 & UINT64_C(0x5555555555555555);
    word = (word & UINT64_C(0x3333333333333333)) + (word >> 2 & UINT64_C(0x3333333333333333));
    word = (word + (word >> 4)) & UINT64_C(0x0F0F0F0F0F0F0F0F);
    return (uint32_t)(word * UINT64_C(0x0101010101010101) >> 56);
}

/* A word of bits is one of eight of its block: seven counts of up to 448 leave a bit that is 0. */
#define NODE_WITHIN_BITS 9
static inline unsigned node_within_shift(uint64_t word)
{
    return (unsigned)((word + NODE_BLOCK_WORDS - 1) % NODE_BLOCK_WORDS) * NODE_WITHIN_BITS;
}

/* The number of an object that is in the set. */
static inline uint32_t node_range_number(const struct node_range *range, uint64_t address)
{
    uint64_t place = (address - range->start) / NODE_STEP, word = place / 64;
    uint64_t within = range->within[word / NODE_BLOCK_WORDS] >> node_within_shift(word);
    uint64_t below = range->bits[word] & ((UINT64_C(1) << place % 64) - 1);
    return range->ranks[word / NODE_BLOCK_WORDS] +
           (uint32_t)(within & ((1 << NODE_WITHIN_BITS) - 1)) + node_count_bits(below);
}

/* NODE_NONE (heap/rows.h) when there is none at `address`. */
uint32_t node_set_number(const struct node_set *set, uint64_t address);
uint64_t node_set_address(const struct node_set *set, uint32_t number);

/* The number behind the last one of `range`, which begin with range->ranks[0]; once sealed. */
uint32_t node_range_last(const struct node_range *range);

/* Block `block` of all: where it begins; its objects one after the other. */
struct node_cursor {
    const struct node_range *range;
    size_t word, last; /* of range->bits */
    uint64_t left;
    uint32_t number; /* of the next object */
};
void node_set_block(const struct node_set *set, size_t block, struct node_cursor *cursor);
/* The next address, 0 at the end of the block; *number (may be NULL) once sealed. */
uint64_t node_cursor_next(struct node_cursor *cursor, uint32_t *number);

/* The block in which `address` of `range` lies. */
static inline size_t node_range_block(const struct node_range *range, uint64_t address)
{
    return range->first_block + (size_t)((address - range->start) / NODE_BLOCK_BYTES);
}

#endif
