#include "audit/text_map.h"

#include <stdlib.h>
#include <string.h>

static uint64_t hash_text(const char *text)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (; *text; text++)
        hash = (hash ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
    return hash * UINT64_C(0x9E3779B97F4A7C15);
}

static size_t slot_of(const struct text_map *map, const char *key)
{
    size_t mask = ((size_t)1 << map->log2_size) - 1;
    size_t slot = (size_t)(hash_text(key) >> (64 - map->log2_size));
    while (map->keys[slot] && strcmp(map->keys[slot], key) != 0)
        slot = (slot + 1) & mask;
    return slot;
}

uint32_t text_map_get(const struct text_map *map, const char *key)
{
    if (!map->log2_size)
        return TEXT_MAP_ABSENT;
    size_t slot = slot_of(map, key);
    return map->keys[slot] ? map->values[slot] : TEXT_MAP_ABSENT;
}

static bool grow(struct text_map *map)
{
    struct text_map larger = {.count = map->count,
                              .log2_size = map->log2_size ? map->log2_size + 1 : 6};
    larger.keys = calloc((size_t)1 << larger.log2_size, sizeof *larger.keys);
    larger.values = calloc((size_t)1 << larger.log2_size, sizeof *larger.values);
    if (!larger.keys || !larger.values) {
        free(larger.keys);
        free(larger.values);
        return false;
    }
    size_t size = map->log2_size ? (size_t)1 << map->log2_size : 0;
    for (size_t i = 0; i < size; i++) {
        if (!map->keys[i])
            continue;
        size_t slot = slot_of(&larger, map->keys[i]);
        larger.keys[slot] = map->keys[i];
        larger.values[slot] = map->values[i];
    }
    free(map->keys);
    free(map->values);
    *map = larger;
    return true;
}

bool text_map_put(struct text_map *map, const char *key, uint32_t value)
{
    bool full = !map->log2_size || map->count * 5 >= ((size_t)3 << map->log2_size);
    if (full && !grow(map))
        return false;
    size_t slot = slot_of(map, key);
    if (!map->keys[slot]) {
        map->keys[slot] = strdup(key);
        if (!map->keys[slot])
            return false;
        map->count++;
    }
    map->values[slot] = value;
    return true;
}

void text_map_free(struct text_map *map)
{
    size_t size = map->log2_size ? (size_t)1 << map->log2_size : 0;
    for (size_t i = 0; i < size; i++)
        free(map->keys[i]);
    free(map->keys);
    free(map->values);
    *map = (struct text_map){0};
}
