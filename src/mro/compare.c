/* compare.c: whether classes that exist are in the order that C3 gives. */
#include "base/cleanup.h"
#include "mro/internal.h"

/* Whether the MRO of `number` is itself and then what `rest` gives. */
static bool continues(const struct hierarchy *hierarchy, class_number number, struct mro_walk rest)
{
    struct mro_walk own = mro_begin(hierarchy, number);
    if (mro_next(&own) != number)
        return false;
    for (;;) {
        class_number next = mro_next(&own);
        if (next != mro_next(&rest))
            return false;
        if (next == CLASS_UNKNOWN)
            return true;
    }
}

static enum merge_result merge_class(const struct hierarchy *hierarchy,
                                     const struct class_facts *facts, struct scratch *scratch,
                                     class_numbers *order)
{
    _cleanup_free_ class_number *bases = malloc(facts->base_count * sizeof *bases);
    if (!bases)
        return MERGE_NO_MEMORY;
    for (size_t i = 0; i < facts->base_count; i++)
        bases[i] = facts->bases[i].number;
    return merge_run(hierarchy, bases, facts->base_count, scratch, order, NULL);
}

static bool all_known(const struct class_facts *facts)
{
    for (size_t i = 0; i < facts->base_count; i++)
        if (facts->bases[i].number == CLASS_UNKNOWN)
            return false;
    return true;
}

/* Sets *same; false when there is no memory. */
static bool compare(const struct hierarchy *hierarchy, class_number number, struct scratch *scratch,
                    bool *same)
{
    const struct class_facts *facts = class_facts(hierarchy, number);
    *same = true;
    if (!class_answer(hierarchy, number)->mro_length || !facts->base_count || !all_known(facts))
        return true;
    if (facts->base_count == 1) {
        *same = continues(hierarchy, number, mro_begin(hierarchy, facts->bases[0].number));
        return true;
    }
    class_numbers order = {0};
    enum merge_result result = merge_class(hierarchy, facts, scratch, &order);
    const struct mro_walk merged = {
        .hierarchy = hierarchy, .items = order.items, .left = order.count, .chain = CLASS_UNKNOWN};
    if (result == MERGE_DONE || result == MERGE_FAILED)
        *same = result == MERGE_DONE && continues(hierarchy, number, merged);
    vector_free(&order);
    return result != MERGE_NO_MEMORY;
}

struct error *mro_compare(const struct hierarchy *hierarchy,
                          bool (*differs)(void *context, class_number number), void *context)
{
    struct scratch scratch;
    if (!scratch_new(hierarchy, &scratch))
        return error_no_memory();
    scratch.steps = ALL_STEPS_MAX;
    bool whole = true, more = true;
    for (class_number i = 0; i < hierarchy->entries.count && whole && more; i++) {
        bool same;
        whole = compare(hierarchy, i, &scratch, &same);
        more = !whole || same || differs(context, i);
    }
    scratch_free(&scratch);
    return whole ? NULL : error_no_memory();
}
