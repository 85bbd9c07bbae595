/* Queues between threads and between tasks. */
#include "runtime/asyncio_internal.h"

/* The deque, list or tuple in which a queue written in Python keeps its items; 0: in none. */
static uint64_t container_of(const struct cpython *cpython, uint64_t queue)
{
    switch (role_of(cpython, queue)) {
    case ROLE_QUEUE:
        return instance_get(cpython, queue, "queue");
    case ROLE_ASYNC_QUEUE:
    case ROLE_SIMPLE_QUEUE:
        return instance_get(cpython, queue, "_queue");
    default:
        return 0;
    }
}

int64_t queue_length(const struct cpython *cpython, uint64_t queue)
{
    int64_t length = simple_queue_length(cpython, queue);
    if (length >= 0)
        return length;
    uint64_t container = container_of(cpython, queue);
    if (!container)
        return -1;
    length = deque_length(cpython, container);
    return length >= 0 ? length : sequence_length(cpython, container);
}

bool queue_visit(const struct cpython *cpython, uint64_t queue, visit_item visit, void *context)
{
    if (simple_queue_length(cpython, queue) >= 0)
        return simple_queue_visit(cpython, queue, visit, context);
    uint64_t container = container_of(cpython, queue);
    if (!container)
        return false;
    return deque_length(cpython, container) >= 0
               ? deque_visit(cpython, container, visit, context)
               : sequence_visit(cpython, container, visit, context);
}
