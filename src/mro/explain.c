/* explain.c: the derivation of a class in words. Places stand in a block of their own, so that the
 * same class reads the same from its source and from a live process. */
#include "mro/explain.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "mro/internal.h"
#include "mro/merge.h"
#include "mro/metaclass.h"

#define LISTED_MAX 400 /* classes named in one line */
#define STEPS_MAX  400 /* steps of a linearisation that are written out */

void text_lines_free(text_lines *lines)
{
    for (size_t i = 0; i < lines->count; i++)
        free(lines->items[i]);
    vector_free(lines);
}

/* ---- writing --------------------------------------------------------------------------------- */

struct writer {
    const struct hierarchy *hierarchy;
    class_number number;
    text_lines *lines;
    bool failed; /* no memory */
};

static void write_line(struct writer *writer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void write_line(struct writer *writer, const char *format, ...)
{
    va_list arguments;
    char *line = NULL;
    va_start(arguments, format);
    if (vasprintf(&line, format, arguments) < 0)
        line = NULL;
    va_end(arguments);
    if (line && vector_push(writer->lines, line))
        return;
    free(line);
    writer->failed = true;
}

static const char *name_of(const struct writer *writer, class_number number)
{
    return class_name(writer->hierarchy, number);
}

/* The names of a walk with commas; "none" for nothing. NULL: no memory. */
static char *join_walk(const struct writer *writer, struct mro_walk walk)
{
    char *text = NULL;
    size_t size = 0, written = 0;
    FILE *out = open_memstream(&text, &size);
    if (!out)
        return NULL;
    class_number next;
    while ((next = mro_next(&walk)) != CLASS_UNKNOWN && written++ < LISTED_MAX)
        fprintf(out, "%s%s", written > 1 ? ", " : "", name_of(writer, next));
    if (next != CLASS_UNKNOWN)
        fputs(" …", out);
    if (!written)
        fputs("none", out);
    fclose(out);
    return text;
}

static char *join(const struct writer *writer, const class_numbers *numbers)
{
    const struct mro_walk walk = {.hierarchy = writer->hierarchy,
                                  .items = numbers->items,
                                  .left = numbers->count,
                                  .chain = CLASS_UNKNOWN};
    return join_walk(writer, walk);
}

static char *join_mro(const struct writer *writer, class_number number)
{
    return join_walk(writer, mro_begin(writer->hierarchy, number));
}

static bool base_numbers(const struct class_facts *facts, class_numbers *numbers)
{
    for (size_t i = 0; i < facts->base_count; i++)
        if (!vector_push(numbers, facts->bases[i].number))
            return false;
    return true;
}

/* ---- the class and its bases ----------------------------------------------------------------- */

char *class_place(const struct hierarchy *hierarchy, class_number number)
{
    const struct class_facts *facts = class_facts(hierarchy, number);
    if (facts->file && facts->line)
        return text_format("%s:%u", facts->file, facts->line);
    if (facts->file)
        return strdup(facts->file);
    return strdup(facts->layout.kind == LAYOUT_STATEMENT || facts->layout.heap_type
                      ? "place not known"
                      : "implemented in C");
}

static void write_bases(struct writer *writer)
{
    const struct class_facts *facts = class_facts(writer->hierarchy, writer->number);
    write_line(writer, "class %s", name_of(writer, writer->number));
    write_line(writer, "bases:");
    for (size_t i = 0; i < facts->base_count && i < LISTED_MAX; i++) {
        const struct class_base *base = &facts->bases[i];
        if (base->number == CLASS_UNKNOWN)
            write_line(writer, "  %zu. %s: not known", i + 1,
                       base->text ? base->text : "an expression");
        else
            write_line(writer, "  %zu. %s", i + 1, name_of(writer, base->number));
    }
}

/* ---- metaclass ------------------------------------------------------------------------------- */

static void write_choice(struct writer *writer, class_number winner, class_number metaclass,
                         const char *base)
{
    const struct hierarchy *hierarchy = writer->hierarchy;
    const char *best = name_of(writer, winner), *next = name_of(writer, metaclass);
    if (winner == metaclass)
        write_line(writer, "  %s has %s, too", base, next);
    else if (class_derives(hierarchy, winner, metaclass))
        write_line(writer, "  %s has %s: %s derives from it and stays", base, next, best);
    else if (class_derives(hierarchy, metaclass, winner))
        write_line(writer, "  %s has %s, which derives from %s and takes its place", base, next,
                   best);
    else
        write_line(writer, "  %s has %s: neither of %s and %s derives from the other", base, next,
                   best, next);
}

static void write_conflict(struct writer *writer)
{
    struct metaclass_combination combination;
    struct error *error = metaclass_combine(writer->hierarchy, writer->number, &combination);
    write_line(writer, "  result: metaclass conflict");
    _cleanup_free_ char *bases = error ? NULL : join(writer, &combination.bases);
    _cleanup_free_ char *dropped = error ? NULL : join(writer, &combination.dropped);
    if (bases && combination.dropped.count)
        write_line(writer, "  left out, as another one derives from it: %s", dropped);
    if (bases && combination.bases.count)
        write_line(writer, "  a metaclass with these bases would do: %s", bases);
    else if (bases)
        write_line(writer, "  no metaclass can derive from all of them");
    metaclass_combination_free(&combination);
    error_free(error);
}

static bool all_known(const struct writer *writer, const struct class_facts *facts)
{
    for (size_t i = 0; i < facts->base_count; i++) {
        class_number base = facts->bases[i].number;
        if (base == CLASS_UNKNOWN ||
            class_answer(writer->hierarchy, base)->metaclass == CLASS_UNKNOWN)
            return false;
    }
    return !facts->names_metaclass || facts->named_metaclass != CLASS_UNKNOWN;
}

/*
 * The metaclass that the statement names, if that makes a difference. Of a class that exists it is
 * known from this difference only.
 */
static class_number named_metaclass(const struct writer *writer, const struct class_facts *facts)
{
    class_number winner, result = class_answer(writer->hierarchy, writer->number)->metaclass;
    uint32_t from, clash;
    bool chosen = metaclass_choose(writer->hierarchy, CLASS_UNKNOWN, facts->bases,
                                   facts->base_count, &winner, &from, &clash);
    if (result == CLASS_UNKNOWN)
        return facts->names_metaclass ? facts->named_metaclass : CLASS_UNKNOWN;
    return chosen && winner == result ? CLASS_UNKNOWN : result;
}

/* The derivation from the bases' metaclasses. */
static void write_derivation(struct writer *writer, const struct class_facts *facts)
{
    class_number winner = named_metaclass(writer, facts);
    if (winner != CLASS_UNKNOWN)
        write_line(writer, "  the statement names %s", name_of(writer, winner));
    for (size_t i = 0; i < facts->base_count; i++) {
        class_number base = facts->bases[i].number;
        class_number metaclass = class_answer(writer->hierarchy, base)->metaclass;
        if (winner == CLASS_UNKNOWN) {
            write_line(writer, "  %s has %s", name_of(writer, base), name_of(writer, metaclass));
            winner = metaclass;
            continue;
        }
        write_choice(writer, winner, metaclass, name_of(writer, base));
        if (class_derives(writer->hierarchy, metaclass, winner))
            winner = metaclass;
        else if (!class_derives(writer->hierarchy, winner, metaclass))
            return;
    }
}

static void write_metaclass(struct writer *writer)
{
    const struct class_answer *answer = class_answer(writer->hierarchy, writer->number);
    const struct class_facts *facts = class_facts(writer->hierarchy, writer->number);
    write_line(writer, "metaclass:");
    if (all_known(writer, facts))
        write_derivation(writer, facts);
    if (answer->fault == CLASS_METACLASS_CONFLICT) {
        write_conflict(writer);
        return;
    }
    if (answer->metaclass == CLASS_UNKNOWN) {
        write_line(writer, "  result: not checked");
        return;
    }
    _cleanup_free_ char *mro = join_mro(writer, answer->metaclass);
    write_line(writer, "  result: %s", name_of(writer, answer->metaclass));
    if (answer->metaclass != CLASS_TYPE && mro)
        write_line(writer, "  its MRO: %s", mro);
}

/* ---- linearisation --------------------------------------------------------------------------- */

static void write_lists(struct writer *writer, const class_numbers *bases)
{
    write_line(writer, "C3 merges:");
    for (size_t i = 0; i < bases->count && i < LISTED_MAX; i++) {
        _cleanup_free_ char *mro = join_mro(writer, bases->items[i]);
        if (mro)
            write_line(writer, "  the MRO of %s: %s", name_of(writer, bases->items[i]), mro);
    }
    _cleanup_free_ char *listed = join(writer, bases);
    if (listed && bases->count > 1)
        write_line(writer, "  the bases: %s", listed);
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
    write_line(writer, "step by step:");
    write_line(writer, "  1. %s, the class itself", name_of(writer, writer->number));
    for (size_t i = 1; i < order->count && i < STEPS_MAX; i++) {
        class_number from = giver(writer, bases, order->items[i]);
        write_line(writer, "  %zu. %s, from the MRO of %s", i + 1, name_of(writer, order->items[i]),
                   from == CLASS_UNKNOWN ? "none" : name_of(writer, from));
    }
    if (order->count > STEPS_MAX)
        write_line(writer, "  … %zu more", order->count - STEPS_MAX);
}

static char *list_owner(const struct writer *writer, const struct merge_list *list)
{
    return list->owner == CLASS_UNKNOWN
               ? strdup("the bases")
               : text_format("the MRO of %s", name_of(writer, list->owner));
}

static void write_failure(struct writer *writer, const struct merge_failure *failure)
{
    write_line(writer, "what is left:");
    for (size_t i = 0; i < failure->lists.count; i++) {
        const struct merge_list *list = &failure->lists.items[i];
        _cleanup_free_ char *owner = list_owner(writer, list), *rest = join(writer, &list->rest);
        if (owner && rest)
            write_line(writer, "  of %s: %s", owner, rest);
    }
    for (size_t i = 0; i < failure->rejected.count; i++) {
        const struct merge_rejection *rejection = &failure->rejected.items[i];
        const struct merge_list *blocker = &failure->lists.items[rejection->blocker];
        _cleanup_free_ char *owner = list_owner(writer, blocker);
        if (owner)
            write_line(writer, "  %s is rejected: it stands behind %s in what is left of %s",
                       name_of(writer, rejection->candidate),
                       name_of(writer, blocker->rest.items[0]), owner);
    }
    write_line(writer, "orders that clash:");
    for (size_t i = 0; i < failure->clash.count; i++) {
        const struct order_origin *origin = &failure->clash.items[i];
        static const char *const verbs[] = {
            [ORDER_STATEMENT] = "lists them so",
            [ORDER_INHERITANCE] = "derives from the other",
            [ORDER_MERGED] = "has them so in its MRO",
        };
        write_line(writer, "  %s before %s: %s %s", name_of(writer, origin->first),
                   name_of(writer, origin->second), name_of(writer, origin->source),
                   verbs[origin->reason]);
    }
}

static void write_fault(struct writer *writer, const struct class_answer *answer)
{
    const struct class_facts *facts = class_facts(writer->hierarchy, writer->number);
    const char *first = answer->clash_first < facts->base_count
                            ? name_of(writer, facts->bases[answer->clash_first].number)
                            : "?";
    const char *second = answer->clash_second < facts->base_count
                             ? name_of(writer, facts->bases[answer->clash_second].number)
                             : "?";
    if (answer->fault == CLASS_BASE_FINAL)
        write_line(writer, "no class: %s accepts no subclass", first);
    else if (answer->fault == CLASS_LAYOUT_CONFLICT)
        write_line(writer, "no class: instances of %s and of %s are laid out differently", first,
                   second);
    else if (answer->fault == CLASS_SLOTS_REFUSED)
        write_line(writer, "no class: %s cannot carry these __slots__", first);
    else if (answer->fault == CLASS_BASE_TWICE)
        write_line(writer, "no class: bases %u and %u are both %s", answer->clash_first + 1,
                   answer->clash_second + 1, first);
}

/* The order that C3 gives, and whether it is the one that the class has. */
static void write_result(struct writer *writer, const class_numbers *order)
{
    struct mro_walk walk = mro_begin(writer->hierarchy, writer->number);
    bool same = true;
    for (size_t i = 0; same && i < order->count; i++)
        same = mro_next(&walk) == order->items[i];
    same = same && mro_next(&walk) == CLASS_UNKNOWN;
    _cleanup_free_ char *mro = join_mro(writer, writer->number);
    if (!same)
        write_line(writer, "its own mro() decides otherwise");
    if (mro)
        write_line(writer, "MRO: %s", mro);
}

static struct error *write_order(struct writer *writer, const class_numbers *bases)
{
    struct merge_failure failure;
    bool failed;
    struct error *error = merge_again(writer->hierarchy, writer->number, &failed, &failure);
    if (error)
        return error;
    write_lists(writer, bases);
    if (!failure.merged.count)
        write_line(writer, "these are more bases than are explained");
    else
        write_steps(writer, &failure.merged, bases);
    if (failed)
        write_failure(writer, &failure);
    if (failed && class_answer(writer->hierarchy, writer->number)->fault)
        write_line(writer, "no class: there is no consistent order");
    else if (failure.merged.count)
        write_result(writer, &failure.merged);
    merge_failure_free(&failure);
    return NULL;
}

/* ---- */

static void write_places(struct writer *writer, const class_numbers *bases)
{
    class_numbers shown = {0};
    struct mro_walk walk = mro_begin(writer->hierarchy, writer->number);
    for (class_number next; (next = mro_next(&walk)) != CLASS_UNKNOWN;)
        (void)vector_push(&shown, next);
    for (size_t i = 0; shown.count == 0 && i < bases->count; i++)
        (void)vector_push(&shown, bases->items[i]);
    write_line(writer, "places:");
    for (size_t i = 0; i < shown.count && i < STEPS_MAX; i++) {
        _cleanup_free_ char *place = class_place(writer->hierarchy, shown.items[i]);
        if (place)
            write_line(writer, "  %s: %s", name_of(writer, shown.items[i]), place);
    }
    vector_free(&shown);
}

struct error *class_explain(const struct hierarchy *hierarchy, class_number number,
                            text_lines *lines)
{
    struct writer writer = {.hierarchy = hierarchy, .number = number, .lines = lines};
    const struct class_answer *answer = class_answer(hierarchy, number);
    class_numbers bases = {0};
    struct error *error = NULL;
    write_bases(&writer);
    write_metaclass(&writer);
    if (!base_numbers(class_facts(hierarchy, number), &bases))
        writer.failed = true;
    else if (!answer->answered)
        write_line(&writer, "not checked: %s", answer->reason);
    else if (answer->fault && answer->fault != CLASS_NO_ORDER)
        write_fault(&writer, answer);
    else
        error = write_order(&writer, &bases);
    if (!error && answer->answered)
        write_places(&writer, &bases);
    vector_free(&bases);
    if (!error && writer.failed)
        return error_no_memory();
    return error;
}
