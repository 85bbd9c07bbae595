/* queue.SimpleQueue: since 3.13 a ring buffer, before that a list that any scan finds. */
#include "object/internal.h"

#define QUEUE_BYTES_MAX 256

/* RingBuf, a member of the queue's struct (Modules/_queuemodule.c, 3.13 to 3.15). */
struct ring {
    uint64_t put, get, items, capacity, count;
};

/* The five numbers prove one another, so that the ring is found wherever it lies. */
static bool is_ring(const struct ring *ring)
{
    return ring->capacity && ring->capacity <= INT64_MAX / sizeof(uint64_t) &&
           ring->count <= ring->capacity && ring->put < ring->capacity &&
           ring->get < ring->capacity && (ring->get + ring->count) % ring->capacity == ring->put &&
           ring->items && ring->items % sizeof(uint64_t) == 0;
}

static bool find_ring(const struct cpython *cpython, uint64_t queue, int64_t size,
                      struct ring *ring)
{
    uint8_t bytes[QUEUE_BYTES_MAX];
    if (size > QUEUE_BYTES_MAX || !target_read(cpython->target, queue, bytes, (size_t)size))
        return false;
    size_t first = (size_t)cpython->at.object_type + sizeof(uint64_t);
    for (size_t at = first; at + sizeof *ring <= (size_t)size; at += sizeof(uint64_t)) {
        memcpy(ring, bytes + at, sizeof *ring);
        if (is_ring(ring))
            return true;
    }
    return false;
}

static bool visit_run(const struct cpython *cpython, uint64_t items, uint64_t count, size_t index,
                      visit_item visit, void *context, bool *stopped)
{
    struct words words;
    words_begin(&words, cpython, items, count);
    for (uint64_t item; !*stopped && words_next(&words, &item); index++)
        if (item && !visit(context, index, item))
            *stopped = true;
    return !words.fault;
}

bool queue_visit(const struct cpython *cpython, uint64_t queue, const struct type_view *type,
                 visit_item visit, void *context)
{
    struct ring ring;
    if (!find_ring(cpython, queue, type->basicsize, &ring))
        return true;
    uint64_t ahead = ring.capacity - ring.get;
    uint64_t run = ring.count < ahead ? ring.count : ahead;
    bool stopped = false;
    return visit_run(cpython, ring.items + ring.get * sizeof(uint64_t), run, 0, visit, context,
                     &stopped) &&
           visit_run(cpython, ring.items, ring.count - run, (size_t)run, visit, context, &stopped);
}
