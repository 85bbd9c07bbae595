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

static bool deque_read(const struct cpython *cpython, uint64_t object, struct deque *deque)
{
    const struct layout_offsets *at = &cpython->at;
    struct shape shape;
    return shape_read(cpython, object_type(cpython, object), &shape) && shape.kind == SHAPE_DEQUE &&
           field_word(cpython, object, at->var_object_size, &deque->length) &&
           field_word(cpython, object, at->deque_left_block, &deque->block) &&
           field_word(cpython, object, at->deque_left_index, &deque->index) &&
           deque->index <= BLOCK_ITEMS;
}

int64_t deque_length(const struct cpython *cpython, uint64_t object)
{
    struct deque deque;
    return deque_read(cpython, object, &deque) && deque.length <= INT64_MAX ? (int64_t)deque.length
                                                                            : -1;
}

bool deque_visit(const struct cpython *cpython, uint64_t object, visit_item visit, void *context)
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
