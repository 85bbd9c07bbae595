/*
 * vector.h: a growable array of one element type. VECTOR(type) declares the struct; the owner
 * releases `items` with vector_free(). Growth is amortised; a failed growth leaves it unchanged.
 */
#ifndef STETH_BASE_VECTOR_H
#define STETH_BASE_VECTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

#define VECTOR(type)                                                                               \
    struct {                                                                                       \
        type *items;                                                                               \
        size_t count;                                                                              \
        size_t capacity;                                                                           \
    }

/* Grows *items to hold at least `needed` elements of `size` bytes. False when there is no memory.
 */
bool vector_reserve_bytes(void **items, size_t *capacity, size_t needed, size_t size);

#define vector_reserve(vector, needed)                                                             \
    vector_reserve_bytes((void **)&(vector)->items, &(vector)->capacity, (needed),                 \
                         sizeof *(vector)->items)

/* Appends `value`; evaluates to false when there is no memory. */
#define vector_push(vector, value)                                                                 \
    (vector_reserve((vector), (vector)->count + 1)                                                 \
         ? ((vector)->items[(vector)->count++] = (value), true)                                    \
         : false)

#define vector_free(vector)                                                                        \
    do {                                                                                           \
        free((vector)->items);                                                                     \
        (vector)->items = NULL;                                                                    \
        (vector)->count = (vector)->capacity = 0;                                                  \
    } while (0)

#endif
