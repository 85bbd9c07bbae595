/* Lists and tuples. */
#include "object/internal.h"

#define HEAD_MAX 64

struct sequence {
    uint64_t items;
    int64_t length;
};

/* An empty tuple may end where memory does: less than a list's head is enough for it. */
static bool sequence_read(const struct cpython *cpython, uint64_t object, struct sequence *sequence)
{
    const struct layout_offsets *at = &cpython->at;
    uint8_t head[HEAD_MAX];
    if (!object || at->var_object_size < 0 || at->tuple_items < 0)
        return false;
    size_t least = (size_t)at->var_object_size + sizeof(uint64_t);
    size_t size = at->list_allocated < 0 ? least : (size_t)at->list_allocated + sizeof(uint64_t);
    if (least > size || size > sizeof head)
        return false;
    size_t got = target_read_some(cpython->target, object, head, size);
    if (got < least)
        return false;
    sequence->length = (int64_t)load_word(head, at->var_object_size);
    uint64_t type = load_word(head, at->object_type);
    uint64_t flags = type == cpython->list_type    ? TYPE_LIST_SUBCLASS
                     : type == cpython->tuple_type ? TYPE_TUPLE_SUBCLASS
                                                   : field_pointer(cpython, type, at->type_flags);
    if (sequence->length < 0)
        return false;
    if (flags & TYPE_TUPLE_SUBCLASS) {
        sequence->items = object + (uint64_t)at->tuple_items;
        return true;
    }
    if (!(flags & TYPE_LIST_SUBCLASS) || got < size)
        return false;
    uint64_t allocated = load_word(head, at->list_allocated);
    sequence->items = load_word(head, at->list_items);
    return (uint64_t)sequence->length <= allocated && allocated <= INT64_MAX / sizeof(uint64_t);
}

int64_t sequence_length(const struct cpython *cpython, uint64_t object)
{
    struct sequence sequence;
    return sequence_read(cpython, object, &sequence) ? sequence.length : -1;
}

bool sequence_visit(const struct cpython *cpython, uint64_t object, visit_item visit, void *context)
{
    struct sequence sequence;
    if (!sequence_read(cpython, object, &sequence))
        return false;
    struct words words;
    words_begin(&words, cpython, sequence.items, (uint64_t)sequence.length);
    size_t index = 0;
    for (uint64_t item; words_next(&words, &item); index++)
        if (item && !visit(context, index, item))
            return true;
    return !words.fault;
}
