/* The references of many objects, without a visit where their type has a plan. */
#include "object/referents_internal.h"

#define BATCH 64

struct batch {
    const struct cpython *cpython;
    take_referents take;
    void *context;
    size_t count;
    bool exact;
    uint64_t words[BATCH];
};

static void hand_over(struct batch *batch)
{
    if (batch->count)
        batch->take(batch->context, batch->words, batch->count, batch->exact);
    batch->count = 0;
}

static inline void put(struct batch *batch, uint64_t word, bool exact)
{
    if (batch->count == BATCH || batch->exact != exact) {
        hand_over(batch);
        batch->exact = exact;
    }
    batch->words[batch->count++] = word;
}

static bool put_edge(void *context, const struct edge *edge)
{
    put(context, edge->referent, edge->exact);
    return true;
}

static bool any_word(void *context, uint64_t address)
{
    (void)context;
    (void)address;
    return true;
}

static bool put_words(struct batch *batch, uint64_t address, uint64_t count)
{
    struct words words;
    words_begin(&words, batch->cpython, address, count);
    for (uint64_t word; words_next(&words, &word);)
        put(batch, word, true);
    return !words.fault;
}

static bool put_items(struct batch *batch, const struct referents_type *type,
                      const struct lent_object *object)
{
    const struct layout_offsets *at = &batch->cpython->at;
    int64_t length = (int64_t)load_word(object->bytes, at->var_object_size);
    uint64_t items = object->address + (uint64_t)at->tuple_items;
    if (type->shape.kind == SHAPE_LIST) {
        int64_t allocated = (int64_t)load_word(object->bytes, at->list_allocated);
        items = load_word(object->bytes, at->list_items);
        if (length > allocated || allocated > INT64_MAX / (int64_t)sizeof items)
            return false;
    }
    return length == 0 || (length > 0 && put_words(batch, items, (uint64_t)length));
}

static bool put_key_and_value(void *context, uint64_t key, uint64_t value)
{
    put(context, key, true);
    put(context, value, true);
    return true;
}

/* The table of a dict: where it is lent, without a call for each entry. */
static bool put_table(struct batch *batch, uint64_t table, uint64_t values)
{
    struct target *target = batch->cpython->target;
    struct dict_keys keys;
    if (!dict_keys_read(batch->cpython, table, &keys))
        return false;
    size_t stride = keys.entry_words * sizeof(uint64_t), first = keys.key_word * sizeof(uint64_t);
    const uint8_t *entry = target_lend(target, keys.entries, keys.count * stride);
    const uint8_t *split = values ? target_lend(target, values, keys.count * sizeof values) : NULL;
    if (!entry || (values && !split))
        return dict_table_visit(batch->cpython, table, values, put_key_and_value, batch);
    for (uint64_t i = 0; i < keys.count; i++, entry += stride) {
        uint64_t key = load_word(entry + first, 0);
        uint64_t value =
            split ? load_word(split + i * sizeof value, 0) : load_word(entry + first, sizeof key);
        if (key && value)
            put_key_and_value(batch, key, value);
    }
    return true;
}

static bool put_dict(struct batch *batch, const struct lent_object *object)
{
    const struct layout_offsets *at = &batch->cpython->at;
    uint64_t values = load_word(object->bytes, at->dict_values);
    return put_table(batch, load_word(object->bytes, at->dict_keys),
                     values ? values + (uint64_t)at->dict_values_items : 0);
}

static bool put_kind(struct batch *batch, const struct referents_type *type,
                     const struct lent_object *object)
{
    switch (type->shape.kind) {
    case SHAPE_LIST:
    case SHAPE_TUPLE:
        return put_items(batch, type, object);
    case SHAPE_DICT:
        return put_dict(batch, object);
    default:
        return true;
    }
}

static bool put_attributes(struct batch *batch, const struct referents_type *type, uint64_t object)
{
    const struct type_view *view = &type->shape.type;
    uint64_t keys, values, dict = instance_dict(batch->cpython, object, view);
    if (dict)
        put(batch, dict, true);
    else if (instance_values(batch->cpython, object, view, &keys, &values))
        return put_words(batch, values, type->plan.values);
    return true;
}

static bool follow_plan(struct batch *batch, const struct referents_type *type,
                        const struct lent_object *object)
{
    const struct referents_plan *plan = &type->plan;
    if (type->shape.type.flags & TYPE_HEAPTYPE)
        put(batch, type->shape.type.address, true);
    bool complete = put_kind(batch, type, object);
    if (plan->managed && !put_attributes(batch, type, object->address))
        complete = false;
    for (size_t i = 0; i < plan->at.count; i++)
        put(batch, load_word(object->bytes, (int32_t)plan->at.items[i]), i < plan->references);
    return complete;
}

bool referents_take(const struct cpython *cpython, const struct lent_object *object,
                    const struct referents_type *type, take_referents take, void *context)
{
    struct batch batch;
    batch.cpython = cpython;
    batch.take = take;
    batch.context = context;
    batch.count = 0;
    batch.exact = true;
    bool complete =
        type->plan.made && object->size >= (uint64_t)type->shape.type.basicsize
            ? follow_plan(&batch, type, object)
            : referents_visit_bare(cpython, object->address, type, any_word, put_edge, &batch);
    hand_over(&batch);
    return complete;
}
