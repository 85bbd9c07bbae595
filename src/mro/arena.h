/* arena.h: memory that is given back all at once; private to this room. */
#ifndef STETH_MRO_ARENA_H
#define STETH_MRO_ARENA_H

#include <stddef.h>

struct arena_block;

struct arena {
    struct arena_block *last;
};

/* NULL when there is no memory; aligned for pointers. */
void *arena_take(struct arena *arena, size_t size);
/* Copies; NULL stays NULL. */
char *arena_text(struct arena *arena, const char *text);
void *arena_copy(struct arena *arena, const void *bytes, size_t size);
void arena_free(struct arena *arena);

#endif
