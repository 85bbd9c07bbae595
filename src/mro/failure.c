/* failure.c: why C3 found no order: the state in which it stopped, and who asked for what. */
#include <string.h>

#include "base/cleanup.h"
#include "mro/internal.h"
#include "mro/merge.h"

#define LISTS_MAX       256 /* beyond that the explanation is not worked out */
#define CLASH_STEPS_MAX (1u << 26)
#define ORIGIN_MAX      1000 /* steps down to the class that asked for an order */

void merge_failure_free(struct merge_failure *failure)
{
    vector_free(&failure->merged);
    for (size_t i = 0; i < failure->lists.count; i++)
        vector_free(&failure->lists.items[i].rest);
    vector_free(&failure->lists);
    vector_free(&failure->rejected);
    vector_free(&failure->clash);
    *failure = (struct merge_failure){0};
}

/* ---- the lists that are left ----------------------------------------------------------------- */

static bool keep_lists(const struct class_facts *facts, const merge_cursors *cursors,
                       struct merge_failure *failure)
{
    for (size_t i = 0; i < cursors->count; i++) {
        const struct merge_cursor *cursor = &cursors->items[i];
        struct merge_list list = {.owner = i < facts->base_count ? facts->bases[i].number
                                                                 : CLASS_UNKNOWN};
        if (cursor->head == CLASS_UNKNOWN)
            continue;
        struct mro_walk walk = cursor->walk;
        for (class_number next = cursor->head; next != CLASS_UNKNOWN; next = mro_next(&walk)) {
            if (!vector_push(&list.rest, next)) {
                vector_free(&list.rest);
                return false;
            }
        }
        if (!vector_push(&failure->lists, list)) {
            vector_free(&list.rest);
            return false;
        }
    }
    return true;
}

/* The first list that has `candidate` behind its head; the number of lists when there is none. */
static size_t find_blocker(const struct merge_failure *failure, class_number candidate)
{
    for (size_t i = 0; i < failure->lists.count; i++) {
        const class_numbers *rest = &failure->lists.items[i].rest;
        for (size_t j = 1; j < rest->count; j++)
            if (rest->items[j] == candidate)
                return i;
    }
    return failure->lists.count;
}

static bool keep_rejections(struct merge_failure *failure)
{
    for (size_t i = 0; i < failure->lists.count; i++) {
        struct merge_rejection rejection = {
            .candidate = failure->lists.items[i].rest.items[0],
            .list = (uint32_t)i,
        };
        rejection.blocker = (uint32_t)find_blocker(failure, rejection.candidate);
        bool known = rejection.blocker == failure->lists.count;
        for (size_t j = 0; j < failure->rejected.count && !known; j++)
            known = failure->rejected.items[j].candidate == rejection.candidate;
        if (!known && !vector_push(&failure->rejected, rejection))
            return false;
    }
    return true;
}

/* ---- who asks for an order ------------------------------------------------------------------- */

/* Whether `first` comes before `second` in a walk that has both. */
static bool precedes(struct mro_walk walk, class_number first, class_number second)
{
    bool seen = false;
    for (class_number next; (next = mro_next(&walk)) != CLASS_UNKNOWN;) {
        if (next == second)
            return seen;
        seen |= next == first;
    }
    return false;
}

static struct mro_walk walk_bases(const struct hierarchy *hierarchy, class_number number,
                                  class_numbers *bases)
{
    const struct class_facts *facts = class_facts(hierarchy, number);
    bases->count = 0;
    for (size_t i = 0; i < facts->base_count; i++)
        (void)vector_push(bases, facts->bases[i].number);
    return (struct mro_walk){.hierarchy = hierarchy,
                             .items = bases->items,
                             .left = bases->count,
                             .chain = CLASS_UNKNOWN};
}

/* Goes down from `owner`, whose MRO has `first` before `second`, to the statement that says so. */
static struct order_origin find_origin(const struct hierarchy *hierarchy, class_number owner,
                                       class_number first, class_number second)
{
    struct order_origin origin = {.first = first, .second = second, .source = owner};
    class_numbers bases = {0};
    for (int depth = 0; depth < ORIGIN_MAX; depth++) {
        origin.reason = ORDER_MERGED;
        struct mro_walk listed = walk_bases(hierarchy, origin.source, &bases);
        if (origin.source == first || precedes(listed, first, second)) {
            origin.reason = origin.source == first ? ORDER_INHERITANCE : ORDER_STATEMENT;
            break;
        }
        class_number next = CLASS_UNKNOWN;
        for (size_t i = 0; i < bases.count && next == CLASS_UNKNOWN; i++)
            if (precedes(mro_begin(hierarchy, bases.items[i]), first, second))
                next = bases.items[i];
        if (next == CLASS_UNKNOWN)
            break;
        origin.source = next;
    }
    vector_free(&bases);
    return origin;
}

static struct order_origin origin_in_list(const struct hierarchy *hierarchy, class_number number,
                                          const struct merge_list *list, class_number second)
{
    class_number first = list->rest.items[0];
    if (list->owner != CLASS_UNKNOWN)
        return find_origin(hierarchy, list->owner, first, second);
    return (struct order_origin){
        .first = first, .second = second, .source = number, .reason = ORDER_STATEMENT};
}

/* ---- the circle ------------------------------------------------------------------------------ */

static bool blocks(const struct merge_list *list, class_number candidate)
{
    for (size_t j = 1; j < list->rest.count; j++)
        if (list->rest.items[j] == candidate)
            return true;
    return false;
}

/* Two heads each of which stands behind the other somewhere: the usual case. */
static bool find_pair(const struct merge_failure *failure, size_t pair[2])
{
    for (size_t i = 0; i < failure->lists.count; i++) {
        class_number head = failure->lists.items[i].rest.items[0];
        for (size_t j = 0; j < failure->lists.count; j++) {
            const struct merge_list *other = &failure->lists.items[j];
            if (!blocks(other, head))
                continue;
            for (size_t k = 0; k < failure->lists.count; k++) {
                const struct merge_list *own = &failure->lists.items[k];
                if (own->rest.items[0] != head || !blocks(own, other->rest.items[0]))
                    continue;
                pair[0] = k;
                pair[1] = j;
                return true;
            }
        }
    }
    return false;
}

/* Follows from each head the list that blocks it, until a head comes again. */
static struct error *find_circle(const struct hierarchy *hierarchy, class_number number,
                                 struct merge_failure *failure)
{
    class_numbers heads = {0};
    size_t list = 0;
    class_number head = failure->lists.items[0].rest.items[0];
    struct error *error = NULL;
    for (;;) {
        size_t i = 0;
        while (i < heads.count && heads.items[i] != head)
            i++;
        if (i < heads.count) {
            /* The circle is what came since; each origin says "head of the blocker before head". */
            memmove(failure->clash.items, failure->clash.items + i,
                    (failure->clash.count - i) * sizeof *failure->clash.items);
            failure->clash.count -= i;
            break;
        }
        list = find_blocker(failure, head);
        if (list == failure->lists.count)
            break;
        struct order_origin origin =
            origin_in_list(hierarchy, number, &failure->lists.items[list], head);
        if (!vector_push(&heads, head) || !vector_push(&failure->clash, origin)) {
            error = error_no_memory();
            break;
        }
        head = failure->lists.items[list].rest.items[0];
    }
    vector_free(&heads);
    return error;
}

/* Each origin's first is the next one's second so far: turned round. */
static void turn_round(struct merge_failure *failure)
{
    for (size_t i = 0, j = failure->clash.count; j > i + 1; i++) {
        j--;
        struct order_origin swap = failure->clash.items[i];
        failure->clash.items[i] = failure->clash.items[j];
        failure->clash.items[j] = swap;
    }
}

static struct error *find_clash(const struct hierarchy *hierarchy, class_number number,
                                struct merge_failure *failure)
{
    size_t pair[2], total = 0;
    for (size_t i = 0; i < failure->lists.count; i++)
        total += failure->lists.items[i].rest.count;
    if (total * failure->lists.count * failure->lists.count > CLASH_STEPS_MAX)
        return NULL;
    if (!find_pair(failure, pair)) {
        struct error *error = find_circle(hierarchy, number, failure);
        turn_round(failure);
        return error;
    }
    for (int i = 0; i < 2; i++) {
        const struct merge_list *own = &failure->lists.items[pair[i]];
        class_number other = failure->lists.items[pair[1 - i]].rest.items[0];
        struct order_origin origin = origin_in_list(hierarchy, number, own, other);
        if (!vector_push(&failure->clash, origin))
            return error_no_memory();
    }
    return NULL;
}

/* ---- */

static struct error *describe(const struct hierarchy *hierarchy, class_number number,
                              const merge_cursors *cursors, struct merge_failure *failure)
{
    const struct class_facts *facts = class_facts(hierarchy, number);
    if (!keep_lists(facts, cursors, failure) || !keep_rejections(failure))
        return error_no_memory();
    return failure->lists.count ? find_clash(hierarchy, number, failure) : NULL;
}

struct error *merge_again(const struct hierarchy *hierarchy, class_number number, bool *failed,
                          struct merge_failure *failure)
{
    struct scratch scratch;
    class_numbers bases = {0};
    merge_cursors cursors = {0};
    *failure = (struct merge_failure){0};
    *failed = false;
    if (class_facts(hierarchy, number)->base_count > LISTS_MAX)
        return NULL;
    walk_bases(hierarchy, number, &bases);
    struct error *error = NULL;
    if (!scratch_new(hierarchy, &scratch) || !vector_push(&failure->merged, number)) {
        error = error_no_memory();
    } else {
        enum merge_result result =
            merge_run(hierarchy, bases.items, bases.count, &scratch, &failure->merged, &cursors);
        *failed = result == MERGE_FAILED;
        if (*failed)
            error = describe(hierarchy, number, &cursors, failure);
    }
    scratch_free(&scratch);
    vector_free(&bases);
    vector_free(&cursors);
    return error;
}
