/* text_map.h: a hash map from texts to 32-bit numbers. Keys are copied. */
#ifndef STETH_AUDIT_TEXT_MAP_H
#define STETH_AUDIT_TEXT_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct text_map {
    char **keys;
    uint32_t *values;
    size_t count;
    unsigned log2_size; /* 0 while empty */
};

#define TEXT_MAP_ABSENT UINT32_MAX

uint32_t text_map_get(const struct text_map *map, const char *key);
/* False: no memory. */
bool text_map_put(struct text_map *map, const char *key, uint32_t value);
void text_map_free(struct text_map *map);

#endif
