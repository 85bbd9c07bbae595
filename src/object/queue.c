/* queue.SimpleQueue: a list whose first items are taken (up to 3.12), or a ring buffer. */
#include "object/internal.h"

/* Where the items lie: `first` of them up to the end of the array, the rest from its start on. */
struct run {
    uint64_t start; /* address of the array */
    uint64_t first; /* index of the oldest item */
    uint64_t size;  /* of the array, in items */
    uint64_t count;
};

static bool read_ring(const struct cpython *cpython, uint64_t queue, struct run *run)
{
    const struct layout_offsets *at = &cpython->at;
    return field_word(cpython, queue, at->simple_queue_ring_items, &run->start) &&
           field_word(cpython, queue, at->simple_queue_ring_get, &run->first) &&
           field_word(cpython, queue, at->simple_queue_ring_capacity, &run->size) &&
           field_word(cpython, queue, at->simple_queue_ring_count, &run->count) &&
           run->size <= INT64_MAX / sizeof(uint64_t) && run->first < run->size;
}

static bool read_list(const struct cpython *cpython, uint64_t queue, struct run *run)
{
    const struct layout_offsets *at = &cpython->at;
    uint64_t list = field_pointer(cpython, queue, at->simple_queue_list);
    int64_t length = list ? sequence_length(cpython, list) : -1;
    if (length < 0 || !(object_type_flags(cpython, list) & TYPE_LIST_SUBCLASS) ||
        !field_word(cpython, queue, at->simple_queue_position, &run->first) ||
        !field_word(cpython, list, at->list_items, &run->start))
        return false;
    run->size = (uint64_t)length;
    run->count = run->size - run->first;
    return run->first <= run->size;
}

static bool run_read(const struct cpython *cpython, uint64_t queue, struct run *run)
{
    struct shape shape;
    if (!shape_read(cpython, object_type(cpython, queue), &shape) || shape.kind != SHAPE_QUEUE)
        return false;
    bool read = cpython->at.simple_queue_list >= 0 ? read_list(cpython, queue, run)
                                                   : read_ring(cpython, queue, run);
    return read && run->count <= run->size;
}

int64_t simple_queue_length(const struct cpython *cpython, uint64_t queue)
{
    struct run run;
    return run_read(cpython, queue, &run) ? (int64_t)run.count : -1;
}

static bool visit_words(const struct cpython *cpython, uint64_t address, uint64_t count,
                        size_t index, visit_item visit, void *context, bool *stopped)
{
    struct words words;
    words_begin(&words, cpython, address, count);
    for (uint64_t item; !*stopped && words_next(&words, &item); index++)
        if (item && !visit(context, index, item))
            *stopped = true;
    return !words.fault;
}

bool simple_queue_visit(const struct cpython *cpython, uint64_t queue, visit_item visit,
                        void *context)
{
    struct run run;
    if (!run_read(cpython, queue, &run))
        return false;
    uint64_t ahead = run.size - run.first;
    uint64_t straight = run.count < ahead ? run.count : ahead;
    bool stopped = false;
    return visit_words(cpython, run.start + run.first * sizeof(uint64_t), straight, 0, visit,
                       context, &stopped) &&
           visit_words(cpython, run.start, run.count - straight, (size_t)straight, visit, context,
                       &stopped);
}
