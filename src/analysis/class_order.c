/* class_order.c: MRO001, the step at which C3 stops and the orders that cannot both be kept. */
#include <stdio.h>
#include <string.h>

#include "analysis/class_parts.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "mro/merge.h"

#define REST_MAX 12

/* "A, B, object" */
static char *join_rest(const struct class_case *one, const class_numbers *numbers)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (!out)
        return NULL;
    for (size_t i = 0; i < numbers->count && i < REST_MAX; i++)
        fprintf(out, "%s%s", i ? ", " : "", class_shown(one, numbers->items[i]));
    if (numbers->count > REST_MAX)
        fputs(", …", out);
    fclose(out);
    return text;
}

static char *list_owner(const struct class_case *one, const struct merge_list *list)
{
    return list->owner == CLASS_UNKNOWN
               ? strdup("the bases as listed")
               : text_format("the MRO of %s", class_shown(one, list->owner));
}

static void add_lists(const struct class_case *one, const struct merge_failure *failure)
{
    name_list remaining = {0};
    for (size_t i = 0; i < failure->lists.count; i++) {
        _cleanup_free_ char *owner = list_owner(one, &failure->lists.items[i]);
        _cleanup_free_ char *rest = join_rest(one, &failure->lists.items[i].rest);
        _cleanup_free_ char *line = text_format("%s: %s", owner ? owner : "?", rest ? rest : "?");
        if (!line)
            continue;
        finding_add_evidence(one->finding, "left of %s", line);
        (void)name_list_add(&remaining, line);
    }
    finding_add_list(one->finding, "remaining", &remaining);
    name_list_free(&remaining);
}

static void add_rejections(const struct class_case *one, const struct merge_failure *failure)
{
    for (size_t i = 0; i < failure->rejected.count; i++) {
        const struct merge_rejection *rejection = &failure->rejected.items[i];
        const struct merge_list *blocker = &failure->lists.items[rejection->blocker];
        _cleanup_free_ char *owner = list_owner(one, blocker);
        finding_add_evidence(one->finding, "%s cannot be next: in %s it stands behind %s",
                             class_shown(one, rejection->candidate), owner ? owner : "?",
                             class_shown(one, blocker->rest.items[0]));
    }
}

static void add_clash(const struct class_case *one, const struct merge_failure *failure)
{
    static const char *const reasons[] = {
        [ORDER_STATEMENT] = "lists them in this order",
        [ORDER_INHERITANCE] = "derives from it",
        [ORDER_MERGED] = "has them in this order in its MRO",
    };
    class_numbers names = {0};
    for (size_t i = 0; i < failure->clash.count; i++) {
        const struct order_origin *origin = &failure->clash.items[i];
        _cleanup_free_ char *source = class_with_place(one, origin->source);
        finding_add_evidence(one->finding, "%s before %s: %s %s", class_shown(one, origin->first),
                             class_shown(one, origin->second), source ? source : "?",
                             reasons[origin->reason]);
        (void)vector_push(&names, origin->first);
    }
    class_fact_names(one->finding, "clash", one->hierarchy, names.items, names.count);
    vector_free(&names);
}

/* ---- what to write --------------------------------------------------------------------------- */

/* Whether the bases in this order merge. */
static bool merges(const struct class_case *one, const uint32_t *order, size_t count)
{
    class_number bases[ORDERED_MAX];
    class_numbers merged = {0};
    for (size_t i = 0; i < count; i++) {
        const struct class_base *base = &one->facts->bases[order[i]];
        if (base->form == BASE_IMPLICIT && i + 1 < count) /* it is put behind the others */
            return false;
        bases[i] = base->number;
    }
    struct error *error = merge_bases(one->hierarchy, bases, count, &merged);
    bool good = !error && merged.count;
    error_free(error);
    vector_free(&merged);
    return good;
}

static bool is_enum(const struct class_case *one, uint32_t index)
{
    const struct hierarchy *hierarchy = one->hierarchy;
    class_number base = one->facts->bases[index].number;
    struct mro_walk walk = mro_begin(hierarchy, class_answer(hierarchy, base)->metaclass);
    for (class_number next; (next = mro_next(&walk)) != CLASS_UNKNOWN;) {
        const char *name = class_name(hierarchy, next);
        if (strcmp(name, "enum.EnumType") == 0 || strcmp(name, "enum.EnumMeta") == 0)
            return true;
    }
    return false;
}

/* An enumeration has to be the last base (Lib/enum.py, _get_mixins_, 3.8 to 3.15). */
static bool enum_refuses(const struct class_case *one, const uint32_t *order, size_t count)
{
    bool some = false;
    for (size_t i = 0; i < count; i++)
        some |= is_enum(one, order[i]);
    return some && !is_enum(one, order[count - 1]);
}

bool class_order_of_enum(const struct class_case *one, uint32_t *order)
{
    size_t count = one->facts->base_count, kept = 0;
    if (count > ORDERED_MAX)
        return false;
    for (uint32_t i = 0; i < count; i++)
        order[i] = i;
    if (!count || !enum_refuses(one, order, count))
        return false;
    for (int enums = 0; enums < 2; enums++)
        for (uint32_t i = 0; i < count; i++)
            if (is_enum(one, i) == (enums == 1))
                order[kept++] = i;
    return merges(one, order, count);
}

/* Moves one base to another place: the smallest change that may help. */
static bool move_one(const struct class_case *one, uint32_t *order, size_t count)
{
    uint32_t moved[ORDERED_MAX];
    for (size_t from = 0; from < count; from++) {
        for (size_t to = 0; to < count; to++) {
            size_t at = 0;
            for (size_t i = 0; i < count; i++) {
                if (i == from)
                    continue;
                if (at == to)
                    moved[at++] = (uint32_t)from;
                moved[at++] = (uint32_t)i;
            }
            if (at < count)
                moved[at] = (uint32_t)from;
            if (from != to && merges(one, moved, count) && !enum_refuses(one, moved, count)) {
                memcpy(order, moved, count * sizeof *order);
                return true;
            }
        }
    }
    return false;
}

/* Whether another base derives from this one, which need not be listed then. */
static bool redundant(const struct class_case *one, size_t index)
{
    const struct class_base *bases = one->facts->bases;
    for (size_t i = 0; i < one->facts->base_count; i++)
        if (i != index && class_derives(one->hierarchy, bases[i].number, bases[index].number))
            return true;
    return false;
}

static bool propose_bases(const struct class_case *one)
{
    uint32_t order[ORDERED_MAX];
    size_t count = one->facts->base_count, kept = 0;
    bool proposed = false;
    if (count > ORDERED_MAX)
        return false;
    if (move_one(one, order, count)) {
        _cleanup_free_ char *statement = class_statement(one, order, count, NULL);
        finding_add_fix(one->finding, "%s ...", statement ? statement : "?");
        proposed = true;
    }
    for (size_t i = 0; i < count; i++)
        if (!redundant(one, i))
            order[kept++] = (uint32_t)i;
    if (kept < count && kept && merges(one, order, kept) && !enum_refuses(one, order, kept)) {
        _cleanup_free_ char *statement = class_statement(one, order, kept, NULL);
        finding_add_fix(one->finding, "%s%s ...  (the others come with these)",
                        proposed ? "or " : "", statement ? statement : "?");
        proposed = true;
    }
    return proposed;
}

static void propose(const struct class_case *one, const struct merge_failure *failure)
{
    bool proposed = propose_bases(one);
    for (size_t i = 0; !proposed && i < failure->clash.count; i++) {
        const struct order_origin *origin = &failure->clash.items[i];
        _cleanup_free_ char *source = class_with_place(one, origin->source);
        if (origin->reason == ORDER_STATEMENT && origin->source != one->number)
            finding_add_fix(one->finding, "%slist %s before %s in the bases of %s", i ? "or " : "",
                            class_short_name(one->hierarchy, origin->second),
                            class_short_name(one->hierarchy, origin->first), source ? source : "?");
    }
    finding_add_fix(one->finding,
                    "or composition: keep an instance of one of the bases in an attribute "
                    "instead of deriving from it");
}

struct error *class_explain_order(const struct class_case *one)
{
    struct merge_failure failure;
    bool failed;
    struct error *error = merge_again(one->hierarchy, one->number, &failed, &failure);
    if (error)
        return error;
    const char *name = class_name(one->hierarchy, one->number);
    if (failure.clash.count)
        one->finding->summary = text_format(
            "class %s cannot be made: no order keeps both %s before %s and %s before %s", name,
            class_shown(one, failure.clash.items[0].first),
            class_shown(one, failure.clash.items[0].second),
            class_shown(one, failure.clash.items[1 % failure.clash.count].first),
            class_shown(one, failure.clash.items[1 % failure.clash.count].second));
    else
        one->finding->summary =
            text_format("class %s cannot be made: its bases have no consistent order", name);
    _cleanup_free_ char *merged = join_rest(one, &failure.merged);
    if (merged)
        finding_add_evidence(one->finding, "merged so far: %s", merged);
    add_lists(one, &failure);
    add_rejections(one, &failure);
    add_clash(one, &failure);
    propose(one, &failure);
    merge_failure_free(&failure);
    return NULL;
}
