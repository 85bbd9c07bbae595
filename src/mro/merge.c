/* merge.c: the C3 linearisation (Objects/typeobject.c: pmerge). A class may be taken when it is in
 * the tail of no list; how often each one is, is counted instead of searched. */
#include "mro/merge.h"

#include <string.h>

#include "mro/internal.h"

bool scratch_new(const struct hierarchy *hierarchy, struct scratch *scratch)
{
    *scratch = (struct scratch){.steps = MERGE_STEPS_MAX};
    scratch->counts = calloc(hierarchy->entries.count + 1, sizeof *scratch->counts);
    return scratch->counts;
}

void scratch_free(struct scratch *scratch)
{
    free(scratch->counts);
    scratch->counts = NULL;
}

static bool take_steps(struct scratch *scratch, uint64_t steps)
{
    if (scratch->steps - scratch->floor < steps)
        return false;
    scratch->steps -= steps;
    return true;
}

/* ---- the merge ------------------------------------------------------------------------------- */

static bool open_lists(const struct hierarchy *hierarchy, const class_number *bases, size_t count,
                       merge_cursors *cursors)
{
    for (size_t i = 0; i <= count; i++) {
        struct merge_cursor cursor = {
            .walk = {
                .hierarchy = hierarchy, .items = bases, .left = count, .chain = CLASS_UNKNOWN}};
        if (i < count)
            cursor.walk = mro_begin(hierarchy, bases[i]);
        cursor.head = mro_next(&cursor.walk);
        if (!vector_push(cursors, cursor))
            return false;
    }
    return true;
}

/* Adds `sign` for each class in what follows the heads; false when there is too much. */
static bool count_tails(const merge_cursors *cursors, struct scratch *scratch, uint32_t sign)
{
    for (size_t i = 0; i < cursors->count; i++) {
        struct mro_walk rest = cursors->items[i].walk;
        for (class_number next; (next = mro_next(&rest)) != CLASS_UNKNOWN;) {
            scratch->counts[next] += sign;
            if (sign == 1 && !take_steps(scratch, 1))
                return false;
        }
    }
    return true;
}

/* The first head that is in no tail; CLASS_UNKNOWN: none, *left says whether heads are left. */
static class_number find_candidate(const merge_cursors *cursors, const struct scratch *scratch,
                                   bool *left)
{
    *left = false;
    for (size_t i = 0; i < cursors->count; i++) {
        class_number head = cursors->items[i].head;
        if (head == CLASS_UNKNOWN)
            continue;
        if (scratch->counts[head] == 0)
            return head;
        *left = true;
    }
    return CLASS_UNKNOWN;
}

static void advance(merge_cursors *cursors, struct scratch *scratch, class_number taken)
{
    for (size_t i = 0; i < cursors->count; i++) {
        struct merge_cursor *cursor = &cursors->items[i];
        if (cursor->head != taken)
            continue;
        cursor->head = mro_next(&cursor->walk);
        if (cursor->head != CLASS_UNKNOWN)
            scratch->counts[cursor->head]--;
    }
}

static enum merge_result merge_lists(merge_cursors *cursors, struct scratch *scratch,
                                     class_numbers *order)
{
    for (;;) {
        bool left;
        class_number candidate = find_candidate(cursors, scratch, &left);
        if (candidate == CLASS_UNKNOWN)
            return left ? MERGE_FAILED : MERGE_DONE;
        if (order->count >= MRO_LENGTH_MAX || !take_steps(scratch, 2 * cursors->count))
            return MERGE_TOO_LONG;
        if (!vector_push(order, candidate))
            return MERGE_NO_MEMORY;
        advance(cursors, scratch, candidate);
    }
}

/* After too much work the counts are not told apart from others any more. */
static void clear_counts(const struct hierarchy *hierarchy, struct scratch *scratch)
{
    memset(scratch->counts, 0, hierarchy->entries.count * sizeof *scratch->counts);
}

enum merge_result merge_run(const struct hierarchy *hierarchy, const class_number *bases,
                            size_t count, struct scratch *scratch, class_numbers *order,
                            merge_cursors *cursors)
{
    merge_cursors own = {0};
    if (!cursors)
        cursors = &own;
    enum merge_result result = MERGE_NO_MEMORY;
    scratch->floor = scratch->steps > MERGE_STEPS_MAX ? scratch->steps - MERGE_STEPS_MAX : 0;
    if (open_lists(hierarchy, bases, count, cursors)) {
        result = count_tails(cursors, scratch, 1) ? merge_lists(cursors, scratch, order)
                                                  : MERGE_TOO_LONG;
        if (result == MERGE_FAILED)
            count_tails(cursors, scratch, UINT32_MAX);
        else if (result != MERGE_DONE)
            clear_counts(hierarchy, scratch);
    }
    vector_free(&own);
    return result;
}

struct error *merge_bases(const struct hierarchy *hierarchy, const class_number *bases,
                          size_t count, class_numbers *order)
{
    struct scratch scratch;
    if (!scratch_new(hierarchy, &scratch))
        return error_no_memory();
    enum merge_result result = merge_run(hierarchy, bases, count, &scratch, order, NULL);
    scratch_free(&scratch);
    if (result != MERGE_DONE)
        order->count = 0;
    return result == MERGE_NO_MEMORY ? error_no_memory() : NULL;
}
