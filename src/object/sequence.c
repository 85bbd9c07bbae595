/* Lists and tuples. */
#include "object/internal.h"

#define HEAD_MAX 64

struct sequence {
    uint64_t items;
    int64_t length;
};

/* One read for the struct, one for the type's flags unless the type is the plain one. */
static bool sequence_read(const struct cpython *cpython, uint64_t object, struct sequence *sequence)
{
    const struct layout_offsets *at = &cpython->at;
    uint8_t head[HEAD_MAX];
    size_t size = (size_t)at->var_object_size + sizeof(uint64_t);
    if (!object || at->var_object_size < 0 || at->tuple_items < 0 || size > sizeof head ||
        !target_read(cpython->target, object, head, size))
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
    uint64_t allocated;
    if (!(flags & TYPE_LIST_SUBCLASS) ||
        !field_word(cpython, object, at->list_items, &sequence->items) ||
        !field_word(cpython, object, at->list_allocated, &allocated))
        return false;
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
