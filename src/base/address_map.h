/*
 * address_map.h: a hash map from a remote address (never 0) to a 32-bit number. Open addressing;
 * 12 bytes a slot; grows at 60 % load.
 */
#ifndef STETH_BASE_ADDRESS_MAP_H
#define STETH_BASE_ADDRESS_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct address_map {
    uint64_t *keys;
    uint32_t *values;
    size_t count;
    unsigned log2_size; /* 0 while empty */
};

#define ADDRESS_MAP_ABSENT UINT32_MAX

/* The value of `key`, or ADDRESS_MAP_ABSENT. */
uint32_t address_map_get(const struct address_map *map, uint64_t key);

/* Sets `key` (not 0) to `value`; false when there is no memory. */
bool address_map_put(struct address_map *map, uint64_t key, uint32_t value);

void address_map_free(struct address_map *map);

/* Spreads the bits of an address; the high bits of the result are the good ones. */
static inline uint64_t address_hash(uint64_t address)
{
    return (address >> 3) * UINT64_C(0x9E3779B97F4A7C15);
}

#endif
