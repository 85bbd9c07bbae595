/* Sets and frozensets: an open hash table of {key, hash}. */
#include "object/internal.h"

#define DUMMY_HASH                                                                                 \
    UINT64_MAX /* of a deleted entry (Objects/setobject.c); no object hashes to -1                 \
                */

bool set_visit(const struct cpython *cpython, uint64_t set, visit_item visit, void *context)
{
    struct shape shape;
    return shape_read(cpython, object_type(cpython, set), &shape) && shape.kind == SHAPE_SET &&
           set_table_visit(cpython, set, visit, context);
}

bool set_table_visit(const struct cpython *cpython, uint64_t set, visit_item visit, void *context)
{
    const struct layout_offsets *at = &cpython->at;
    uint64_t mask, table;
    if (!field_word(cpython, set, at->set_mask, &mask) ||
        !field_word(cpython, set, at->set_table, &table) || mask & (mask + 1) || mask >> 40)
        return false;
    struct words words;
    words_begin(&words, cpython, table, (mask + 1) * 2);
    size_t index = 0;
    for (uint64_t key, hash; words_next(&words, &key) && words_next(&words, &hash);)
        if (key && hash != DUMMY_HASH && !visit(context, index++, key))
            return true;
    return !words.fault;
}
