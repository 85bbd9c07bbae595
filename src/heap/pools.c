#include "heap/pools.h"

#include <string.h>

#define POOL_SMALL  4096u
#define POOL_LARGE  16384u
#define BLOCK_STEP  16u /* ALIGNMENT */
#define BLOCK_MAX   512u
#define READ_POOLS  64
#define POOLS_LEAST 4 /* fewer say nothing about the size of pools */

/* Objects/obmalloc.c: struct pool_header. */
struct pool_header {
    uint64_t count; /* blocks in use, an unsigned int */
    uint64_t free_block, next_pool, previous_pool;
    uint32_t arena, size_index, next_offset, last_offset;
};

static bool is_pool(const struct pool_header *header, uint64_t address, uint32_t pool_bytes)
{
    uint32_t block = (header->size_index + 1) * BLOCK_STEP;
    uint32_t used = (uint32_t)header->count;
    return header->size_index < BLOCK_MAX / BLOCK_STEP &&
           header->last_offset == pool_bytes - block &&
           header->next_offset >= sizeof *header + block && header->next_offset <= pool_bytes &&
           header->next_offset % BLOCK_STEP == 0 && used <= (pool_bytes - sizeof *header) / block &&
           (!header->free_block || header->free_block - address < pool_bytes) &&
           header->next_pool % sizeof(uint64_t) == 0;
}

static void add_pool(const struct pool_header *header, uint32_t pool_bytes,
                     struct pool_totals *totals)
{
    uint32_t block = (header->size_index + 1) * BLOCK_STEP;
    uint32_t used = (uint32_t)header->count;
    uint32_t blocks = (pool_bytes - (uint32_t)sizeof *header) / block;
    totals->pools++;
    totals->used_bytes += (uint64_t)used * block;
    totals->free_bytes += used ? (uint64_t)(blocks - used) * block : pool_bytes;
    totals->header_bytes += used ? pool_bytes - (uint64_t)blocks * block : 0;
}

struct pool_count {
    struct target *target;
    uint32_t pool_bytes;
    struct pool_totals totals;
};

static void count_run(void *context, uint64_t start, uint64_t end)
{
    struct pool_count *count = context;
    struct pool_header headers[READ_POOLS];
    struct read_request requests[READ_POOLS];
    uint64_t pool = count->pool_bytes;
    start = (start + pool - 1) / pool * pool;
    while (start + pool <= end) {
        size_t pools = 0;
        for (; pools < READ_POOLS && start + (pools + 1) * pool <= end; pools++)
            requests[pools] = (struct read_request){start + pools * pool, &headers[pools],
                                                    sizeof headers[pools], false};
        target_read_batch(count->target, requests, pools);
        for (size_t i = 0; i < pools; i++)
            if (requests[i].ok && is_pool(&headers[i], requests[i].address, count->pool_bytes))
                add_pool(&headers[i], count->pool_bytes, &count->totals);
        start += pools * pool;
    }
}

static void count_all(struct pool_count *count)
{
    size_t mappings;
    const struct mapping *mapping = target_mappings(count->target, &mappings);
    for (size_t i = 0; i < mappings; i++, mapping++)
        if (mapping->readable && mapping->writable && !mapping->shared && mapping->path[0] != '/')
            target_visit_present(count->target, mapping->start, mapping->end, count_run, count);
}

void pools_count(struct target *target, struct pool_totals *totals)
{
    struct pool_count small = {.target = target, .pool_bytes = POOL_SMALL};
    struct pool_count large = {.target = target, .pool_bytes = POOL_LARGE};
    count_all(&small);
    count_all(&large);
    const struct pool_count *best = large.totals.pools >= small.totals.pools ? &large : &small;
    *totals = best->totals.pools < POOLS_LEAST ? (struct pool_totals){0} : best->totals;
}
