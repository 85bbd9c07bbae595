/* collections.deque: a doubly linked list of blocks of 64 items. */
#include "object/internal.h"

/* {left link, items, right link}: Modules/_collectionsmodule.c, 3.8 to 3.15. */
enum block_words {
    BLOCK_ITEMS = 64,
    BLOCK_FIRST = 1,
    BLOCK_RIGHT = BLOCK_FIRST + BLOCK_ITEMS,
    BLOCK_WORDS,
};

struct deque {
    uint64_t length, block, index;
};

static bool is_deque(const struct cpython *cpython, uint64_t object)
{
    struct shape shape;
    return shape_read(cpython, object_type(cpython, object), &shape) && shape.kind == SHAPE_DEQUE;
}

static bool deque_read(const struct cpython *cpython, uint64_t object, struct deque *deque)
{
    const struct layout_offsets *at = &cpython->at;
    return field_word(cpython, object, at->var_object_size, &deque->length) &&
           field_word(cpython, object, at->deque_left_block, &deque->block) &&
           field_word(cpython, object, at->deque_left_index, &deque->index) &&
           deque->index <= BLOCK_ITEMS;
}

int64_t deque_length(const struct cpython *cpython, uint64_t object)
{
    struct deque deque;
    return is_deque(cpython, object) && deque_read(cpython, object, &deque) &&
                   deque.length <= INT64_MAX
               ? (int64_t)deque.length
               : -1;
}

bool deque_counts_read(const struct cpython *cpython, uint64_t object, struct deque_counts *counts)
{
    const struct layout_offsets *at = &cpython->at;
    uint64_t type;
    struct shape shape;
    struct read_request requests[] = {
        {.address = object + (uint64_t)at->object_type, .buffer = &type, .size = 8},
        {.address = object + (uint64_t)at->var_object_size, .buffer = &counts->length, .size = 8},
        {.address = object + (uint64_t)at->deque_changes, .buffer = &counts->changes, .size = 8},
    };
    target_read_batch(cpython->target, requests, 3);
    if (!requests[0].ok || !requests[1].ok || !requests[2].ok || counts->length < 0 ||
        (type != counts->type && !(shape_read(cpython, type, &shape) && shape.kind == SHAPE_DEQUE)))
        return false;
    counts->type = type;
    return true;
}

bool deque_visit(const struct cpython *cpython, uint64_t object, visit_item visit, void *context)
{
    return is_deque(cpython, object) && deque_blocks_visit(cpython, object, visit, context);
}

bool deque_blocks_visit(const struct cpython *cpython, uint64_t object, visit_item visit,
                        void *context)
{
    struct deque deque;
    if (!deque_read(cpython, object, &deque))
        return false;
    /* A ring of blocks would never end: `mark` is an earlier block, moved on ever more rarely. */
    uint64_t mark = 0, steps = 0, next_mark = 1;
    size_t index = 0;
    for (uint64_t block = deque.block; index < deque.length; steps++) {
        uint64_t words[BLOCK_WORDS];
        if (block == mark || !target_read(cpython->target, block, words, sizeof words))
            return false;
        if (steps == next_mark) {
            mark = block;
            next_mark *= 2;
        }
        for (; deque.index < BLOCK_ITEMS && index < deque.length; deque.index++, index++) {
            uint64_t item = words[BLOCK_FIRST + deque.index];
            if (item && !visit(context, index, item))
                return true;
        }
        deque.index = 0;
        block = words[BLOCK_RIGHT];
    }
    return true;
}
