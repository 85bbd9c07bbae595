#include "base/address_map.h"

#include <stdlib.h>

static size_t slot_of(const struct address_map *map, uint64_t key)
{
    size_t mask = ((size_t)1 << map->log2_size) - 1;
    size_t slot = (size_t)(address_hash(key) >> (64 - map->log2_size));
    while (map->keys[slot] && map->keys[slot] != key)
        slot = (slot + 1) & mask;
    return slot;
}

uint32_t address_map_get(const struct address_map *map, uint64_t key)
{
    if (!map->log2_size || !key)
        return ADDRESS_MAP_ABSENT;
    size_t slot = slot_of(map, key);
    return map->keys[slot] ? map->values[slot] : ADDRESS_MAP_ABSENT;
}

static bool grow(struct address_map *map)
{
    struct address_map larger = {.log2_size = map->log2_size ? map->log2_size + 1 : 6};
    size_t size = (size_t)1 << larger.log2_size;
    larger.keys = calloc(size, sizeof *larger.keys);
    larger.values = malloc(size * sizeof *larger.values);
    if (!larger.keys || !larger.values) {
        free(larger.keys);
        free(larger.values);
        return false;
    }
    size_t old_size = map->log2_size ? (size_t)1 << map->log2_size : 0;
    for (size_t i = 0; i < old_size; i++) {
        if (!map->keys[i])
            continue;
        size_t slot = slot_of(&larger, map->keys[i]);
        larger.keys[slot] = map->keys[i];
        larger.values[slot] = map->values[i];
    }
    larger.count = map->count;
    free(map->keys);
    free(map->values);
    *map = larger;
    return true;
}

bool address_map_put(struct address_map *map, uint64_t key, uint32_t value)
{
    if (!key)
        return false;
    bool full = !map->log2_size || map->count * 5 >= ((size_t)3 << map->log2_size);
    if (full && !grow(map))
        return false;
    size_t slot = slot_of(map, key);
    if (!map->keys[slot]) {
        map->keys[slot] = key;
        map->count++;
    }
    map->values[slot] = value;
    return true;
}

void address_map_free(struct address_map *map)
{
    free(map->keys);
    free(map->values);
    *map = (struct address_map){0};
}
