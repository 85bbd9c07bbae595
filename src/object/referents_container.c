/* The references of containers: keys, values, items, elements. */
#include "object/referents_internal.h"

static bool tell_item(void *context, size_t index, uint64_t item)
{
    return referents_tell(context, &(struct edge){
                                       .kind = EDGE_ITEM,
                                       .referent = item,
                                       .index = index,
                                       .exact = true,
                                   });
}

static bool tell_element(void *context, size_t index, uint64_t element)
{
    (void)index;
    return referents_tell(context, &(struct edge){
                                       .kind = EDGE_ELEMENT,
                                       .referent = element,
                                       .exact = true,
                                   });
}

static bool tell_key_and_value(void *context, uint64_t key, uint64_t value)
{
    return referents_tell(context,
                          &(struct edge){
                              .kind = EDGE_KEY,
                              .referent = key,
                              .exact = true,
                          }) &&
           referents_tell(context, &(struct edge){
                                       .kind = EDGE_KEY_VALUE,
                                       .referent = value,
                                       .key = key,
                                       .exact = true,
                                   });
}

static bool tell_dict(struct referents *visit)
{
    const struct layout_offsets *at = &visit->cpython->at;
    if (!visit->bare)
        return dict_visit(visit->cpython, visit->object, tell_key_and_value, visit);
    if (at->size_of_dict <= 0 || visit->head_bytes < (size_t)at->size_of_dict)
        return false;
    uint64_t keys = load_word(visit->head, at->dict_keys);
    uint64_t values = load_word(visit->head, at->dict_values);
    return dict_table_visit(visit->cpython, keys,
                            values ? values + (uint64_t)at->dict_values_items : 0,
                            tell_key_and_value, visit);
}

static bool tell_hidden_items(struct referents *visit)
{
    int64_t length =
        visit->shape.hidden_items ? sequence_length(visit->cpython, visit->object) : -1;
    if (length < 0)
        return true;
    struct words words;
    words_begin(&words, visit->cpython,
                visit->object + (uint64_t)visit->cpython->at.tuple_items + (uint64_t)length * 8,
                visit->shape.hidden_items);
    for (uint64_t item; words_next(&words, &item); length++)
        if (!tell_item(visit, (size_t)length, item))
            break;
    return !words.fault;
}

void referents_of_container(struct referents *visit)
{
    const struct cpython *cpython = visit->cpython;
    bool complete = true;
    switch (visit->shape.kind) {
    case SHAPE_DICT:
        complete = tell_dict(visit);
        break;
    case SHAPE_LIST:
    case SHAPE_TUPLE:
        complete =
            sequence_visit(cpython, visit->object, tell_item, visit) && tell_hidden_items(visit);
        break;
    case SHAPE_SET:
        complete = set_table_visit(cpython, visit->object, tell_element, visit);
        break;
    case SHAPE_DEQUE:
        complete = deque_blocks_visit(cpython, visit->object, tell_item, visit);
        break;
    case SHAPE_QUEUE:
        /* Up to 3.12 the queue refers to a list, which any scan finds. */
        if (cpython->at.simple_queue_list < 0)
            complete = simple_queue_visit(cpython, visit->object, tell_item, visit);
        break;
    default:
        break;
    }
    if (!complete)
        visit->incomplete = true;
}
