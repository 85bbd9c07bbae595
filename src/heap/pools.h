/*
 * pools.h: what the allocator of small blocks (pymalloc) holds and does not use. Its pools are
 * recognised where they lie, by headers whose fields must agree (Objects/obmalloc.c, struct
 * pool_header: the same in 3.8 to 3.15; pools of 4 KiB up to 3.9, then of 16 KiB).
 */
#ifndef STETH_HEAP_POOLS_H
#define STETH_HEAP_POOLS_H

#include "target/target.h"

struct pool_totals {
    uint64_t pools;
    uint64_t used_bytes;   /* blocks in use */
    uint64_t free_bytes;   /* blocks and whole pools that are free */
    uint64_t header_bytes; /* headers, and what is left at the ends of pools */
};

/* Counts the pools in the writable private memory. All zero when there are none (PYTHONMALLOC). */
void pools_count(struct target *target, struct pool_totals *totals);

#endif
