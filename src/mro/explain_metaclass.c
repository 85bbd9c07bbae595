/* The metaclass in words: what the statement names and what the bases have. */
#include "base/cleanup.h"
#include "mro/explain_internal.h"
#include "mro/metaclass.h"

static void write_choice(struct writer *writer, class_number winner, class_number metaclass,
                         const char *base)
{
    const struct hierarchy *hierarchy = writer->hierarchy;
    const char *best = explain_name(writer, winner), *next = explain_name(writer, metaclass);
    if (winner == metaclass)
        explain_line(writer, "  %s has %s, too", base, next);
    else if (class_derives(hierarchy, winner, metaclass))
        explain_line(writer, "  %s has %s: %s derives from it and stays", base, next, best);
    else if (class_derives(hierarchy, metaclass, winner))
        explain_line(writer, "  %s has %s, which derives from %s and takes its place", base, next,
                     best);
    else
        explain_line(writer, "  %s has %s: neither of %s and %s derives from the other", base, next,
                     best, next);
}

static void write_conflict(struct writer *writer)
{
    struct metaclass_combination combination;
    struct error *error = metaclass_combine(writer->hierarchy, writer->number, &combination);
    explain_line(writer, "  result: metaclass conflict");
    _cleanup_free_ char *bases = error ? NULL : explain_join(writer, &combination.bases);
    _cleanup_free_ char *dropped = error ? NULL : explain_join(writer, &combination.dropped);
    if (bases && combination.dropped.count)
        explain_line(writer, "  left out, as another one derives from it: %s", dropped);
    if (bases && combination.bases.count)
        explain_line(writer, "  a metaclass with these bases would do: %s", bases);
    else if (bases)
        explain_line(writer, "  no metaclass can derive from all of them");
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
        explain_line(writer, "  the statement names %s", explain_name(writer, winner));
    for (size_t i = 0; i < facts->base_count; i++) {
        class_number base = facts->bases[i].number;
        class_number metaclass = class_answer(writer->hierarchy, base)->metaclass;
        if (winner == CLASS_UNKNOWN) {
            explain_line(writer, "  %s has %s", explain_name(writer, base),
                         explain_name(writer, metaclass));
            winner = metaclass;
            continue;
        }
        write_choice(writer, winner, metaclass, explain_name(writer, base));
        if (class_derives(writer->hierarchy, metaclass, winner))
            winner = metaclass;
        else if (!class_derives(writer->hierarchy, winner, metaclass))
            return;
    }
}

void explain_metaclass(struct writer *writer)
{
    const struct class_answer *answer = class_answer(writer->hierarchy, writer->number);
    const struct class_facts *facts = class_facts(writer->hierarchy, writer->number);
    explain_line(writer, "metaclass:");
    if (all_known(writer, facts))
        write_derivation(writer, facts);
    if (answer->fault == CLASS_METACLASS_CONFLICT) {
        write_conflict(writer);
        return;
    }
    if (answer->metaclass == CLASS_UNKNOWN) {
        explain_line(writer, "  result: not checked");
        return;
    }
    _cleanup_free_ char *mro = explain_join_mro(writer, answer->metaclass);
    explain_line(writer, "  result: %s", explain_name(writer, answer->metaclass));
    if (answer->metaclass != CLASS_TYPE && mro)
        explain_line(writer, "  its MRO: %s", mro);
}
