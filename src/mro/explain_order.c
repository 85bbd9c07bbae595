/* C3 in words: the lists that are merged, each step, and where it stops. */
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "mro/explain_internal.h"
#include "mro/merge.h"

static void write_lists(struct writer *writer, const class_numbers *bases)
{
    explain_line(writer, "C3 merges:");
    for (size_t i = 0; i < bases->count && i < LISTED_MAX; i++) {
        _cleanup_free_ char *mro = explain_join_mro(writer, bases->items[i]);
        if (mro)
            explain_line(writer, "  the MRO of %s: %s", explain_name(writer, bases->items[i]), mro);
    }
    _cleanup_free_ char *listed = explain_join(writer, bases);
    if (listed && bases->count > 1)
        explain_line(writer, "  the bases: %s", listed);
}

/* Where `number` comes from when it is taken: the first base that has it. */
static class_number giver(const struct writer *writer, const class_numbers *bases,
                          class_number number)
{
    for (size_t i = 0; i < bases->count; i++)
        if (class_derives(writer->hierarchy, bases->items[i], number))
            return bases->items[i];
    return CLASS_UNKNOWN;
}

static void write_steps(struct writer *writer, const class_numbers *order,
                        const class_numbers *bases)
{
    explain_line(writer, "step by step:");
    explain_line(writer, "  1. %s, the class itself", explain_name(writer, writer->number));
    for (size_t i = 1; i < order->count && i < STEPS_MAX; i++) {
        class_number from = giver(writer, bases, order->items[i]);
        explain_line(writer, "  %zu. %s, from the MRO of %s", i + 1,
                     explain_name(writer, order->items[i]),
                     from == CLASS_UNKNOWN ? "none" : explain_name(writer, from));
    }
    if (order->count > STEPS_MAX)
        explain_line(writer, "  … %zu more", order->count - STEPS_MAX);
}

static char *list_owner(const struct writer *writer, const struct merge_list *list)
{
    return list->owner == CLASS_UNKNOWN
               ? strdup("the bases")
               : text_format("the MRO of %s", explain_name(writer, list->owner));
}

static void write_failure(struct writer *writer, const struct merge_failure *failure)
{
    explain_line(writer, "what is left:");
    for (size_t i = 0; i < failure->lists.count; i++) {
        const struct merge_list *list = &failure->lists.items[i];
        _cleanup_free_ char *owner = list_owner(writer, list),
                            *rest = explain_join(writer, &list->rest);
        if (owner && rest)
            explain_line(writer, "  of %s: %s", owner, rest);
    }
    for (size_t i = 0; i < failure->rejected.count; i++) {
        const struct merge_rejection *rejection = &failure->rejected.items[i];
        const struct merge_list *blocker = &failure->lists.items[rejection->blocker];
        _cleanup_free_ char *owner = list_owner(writer, blocker);
        if (owner)
            explain_line(writer, "  %s is rejected: it stands behind %s in what is left of %s",
                         explain_name(writer, rejection->candidate),
                         explain_name(writer, blocker->rest.items[0]), owner);
    }
    explain_line(writer, "orders that clash:");
    for (size_t i = 0; i < failure->clash.count; i++) {
        const struct order_origin *origin = &failure->clash.items[i];
        static const char *const verbs[] = {
            [ORDER_STATEMENT] = "lists them so",
            [ORDER_INHERITANCE] = "derives from the other",
            [ORDER_MERGED] = "has them so in its MRO",
        };
        explain_line(writer, "  %s before %s: %s %s", explain_name(writer, origin->first),
                     explain_name(writer, origin->second), explain_name(writer, origin->source),
                     verbs[origin->reason]);
    }
}

/* The order that C3 gives, and whether it is the one that the class has. */
static void write_result(struct writer *writer, const class_numbers *order)
{
    struct mro_walk walk = mro_begin(writer->hierarchy, writer->number);
    bool same = true;
    for (size_t i = 0; same && i < order->count; i++)
        same = mro_next(&walk) == order->items[i];
    same = same && mro_next(&walk) == CLASS_UNKNOWN;
    _cleanup_free_ char *mro = explain_join_mro(writer, writer->number);
    if (!same)
        explain_line(writer, "its own mro() decides otherwise");
    if (mro)
        explain_line(writer, "MRO: %s", mro);
}

struct error *explain_order(struct writer *writer, const class_numbers *bases)
{
    struct merge_failure failure;
    bool failed;
    struct error *error = merge_again(writer->hierarchy, writer->number, &failed, &failure);
    if (error)
        return error;
    write_lists(writer, bases);
    if (!failure.merged.count)
        explain_line(writer, "these are more bases than are explained");
    else
        write_steps(writer, &failure.merged, bases);
    if (failed)
        write_failure(writer, &failure);
    if (failed && class_answer(writer->hierarchy, writer->number)->fault)
        explain_line(writer, "no class: there is no consistent order");
    else if (failure.merged.count)
        write_result(writer, &failure.merged);
    merge_failure_free(&failure);
    return NULL;
}
