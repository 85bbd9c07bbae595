/* class_metaclass.c: META001, how two metaclasses came to meet and what would join them. */
#include <stdio.h>
#include <string.h>

#include "analysis/class_parts.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "mro/metaclass.h"

#define CHAIN_MAX 20

/* ---- where a metaclass comes from ------------------------------------------------------------ */

/* The base through which a class has its metaclass; CLASS_UNKNOWN: its own statement names it. */
static class_number giver(const struct hierarchy *hierarchy, class_number number)
{
    const struct class_facts *facts = class_facts(hierarchy, number);
    class_number metaclass = class_answer(hierarchy, number)->metaclass;
    if (facts->names_metaclass && facts->named_metaclass == metaclass)
        return CLASS_UNKNOWN;
    for (size_t i = 0; i < facts->base_count; i++) {
        class_number base = facts->bases[i].number;
        if (base != CLASS_UNKNOWN && class_answer(hierarchy, base)->metaclass == metaclass)
            return base;
    }
    return CLASS_UNKNOWN;
}

/* "Base1 (f:22) <- DeclarativeBase (f:14)" */
static char *chain_to_giver(const struct class_case *one, class_number base)
{
    char *text = class_with_place(one, base);
    class_number next = base;
    for (int i = 0; text && i < CHAIN_MAX; i++) {
        next = giver(one->hierarchy, next);
        if (next == CLASS_UNKNOWN)
            break;
        _cleanup_free_ char *before = text;
        _cleanup_free_ char *place = class_with_place(one, next);
        text = text_format("%s <- %s", before, place ? place : "?");
    }
    return text;
}

/* "DeclarativeMeta (f:5) -> type" */
static char *metaclass_chain(const struct class_case *one, class_number metaclass)
{
    struct mro_walk walk = mro_begin(one->hierarchy, metaclass);
    char *text = NULL;
    int count = 0;
    for (class_number next; (next = mro_next(&walk)) != CLASS_UNKNOWN && count < CHAIN_MAX;
         count++) {
        _cleanup_free_ char *before = text;
        _cleanup_free_ char *place = class_with_place(one, next);
        text =
            text_format("%s%s%s", before ? before : "", before ? " -> " : "", place ? place : "?");
        if (next == CLASS_TYPE)
            break;
    }
    return text;
}

static void add_chain(const struct class_case *one, uint32_t index)
{
    const struct hierarchy *hierarchy = one->hierarchy;
    class_number base = index == NO_BASE ? CLASS_UNKNOWN : one->facts->bases[index].number;
    class_number metaclass = base == CLASS_UNKNOWN ? one->facts->named_metaclass
                                                   : class_answer(hierarchy, base)->metaclass;
    _cleanup_free_ char *own = metaclass_chain(one, metaclass);
    _cleanup_free_ char *through =
        base == CLASS_UNKNOWN ? strdup("metaclass=") : chain_to_giver(one, base);
    finding_add_evidence(one->finding, "%s: from %s", own ? own : "?", through ? through : "?");
}

/* The first base with this metaclass; NO_BASE: only the statement names it. */
static uint32_t base_with(const struct class_case *one, class_number metaclass)
{
    for (uint32_t i = 0; i < one->facts->base_count; i++)
        if (class_answer(one->hierarchy, one->facts->bases[i].number)->metaclass == metaclass)
            return i;
    return NO_BASE;
}

/* ---- what to write --------------------------------------------------------------------------- */

/* "class UnifiedModelMeta(type(Base1), type(Base2)): pass" */
static char *combined_statement(const struct class_case *one,
                                const struct metaclass_combination *combination)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (!out)
        return NULL;
    fprintf(out, "class %sMeta(", class_short_name(one->hierarchy, one->number));
    for (size_t i = 0; i < combination->bases.count; i++) {
        uint32_t base = base_with(one, combination->bases.items[i]);
        if (i)
            fputs(", ", out);
        _cleanup_free_ char *type =
            base == NO_BASE ? NULL : class_base_type(one->hierarchy, &one->facts->bases[base]);
        bool own = combination->bases.items[i] == one->facts->named_metaclass;
        if (type)
            fputs(type, out);
        else if (own && one->facts->metaclass_text)
            fputs(one->facts->metaclass_text, out);
        else
            fputs(class_short_name(one->hierarchy, combination->bases.items[i]), out);
    }
    fputs("): pass", out);
    fclose(out);
    return text;
}

static const char *fault_sentence(enum class_fault fault)
{
    switch (fault) {
    case CLASS_BASE_TWICE:
        return "duplicate base";
    case CLASS_LAYOUT_CONFLICT:
        return "multiple bases have instance lay-out conflict";
    case CLASS_NO_ORDER:
        return "no consistent method resolution order";
    case CLASS_BASE_FINAL:
        return "a base that accepts no subclass";
    case CLASS_SLOTS_REFUSED:
        return "__slots__ that the base cannot carry";
    case CLASS_METACLASS_CONFLICT:
        return "metaclass conflict";
    case CLASS_SOUND:
        break;
    }
    return "";
}

static void add_next(const struct class_case *one, const struct metaclass_combination *combination)
{
    if (combination->next == CLASS_SOUND)
        return;
    const char *what =
        combination->next_first < one->facts->base_count
            ? class_short_name(one->hierarchy, one->facts->bases[combination->next_first].number)
            : "";
    finding_add_text(one->finding, "next_error", class_fault_word(combination->next));
    finding_add_evidence(one->finding, "with a combined metaclass the next error is: %s %s",
                         fault_sentence(combination->next), what);
}

static void add_combination(const struct class_case *one,
                            const struct metaclass_combination *combination)
{
    const struct hierarchy *hierarchy = one->hierarchy;
    const char *name = class_short_name(hierarchy, one->number);
    _cleanup_free_ char *combined = combined_statement(one, combination);
    _cleanup_free_ char *extra = text_format("%sMeta", name);
    uint32_t order[ORDERED_MAX];
    bool reordered = class_order_of_enum(one, order);
    _cleanup_free_ char *statement =
        extra ? class_statement(one, reordered ? order : NULL, one->facts->base_count, extra)
              : NULL;
    if (!combined || !statement)
        return;
    finding_add_fix(one->finding, "%s", combined);
    finding_add_fix(one->finding, "%s ...", statement);
    if (reordered)
        finding_add_evidence(one->finding, "an enumeration has to be the last base");
    for (size_t i = 0; i < combination->dropped.count; i++)
        finding_add_evidence(one->finding,
                             "%s is left out of the combined metaclass: another one derives "
                             "from it",
                             class_shown(one, combination->dropped.items[i]));
    if (combination->reordered)
        finding_add_evidence(one->finding, "the combined metaclass merges in this order only: %s",
                             combined);
}

static void add_alternatives(const struct class_case *one,
                             const struct metaclass_combination *combination)
{
    const struct class_base *bases = one->facts->bases;
    uint32_t from = one->answer->clash_first;
    const struct class_base *first = &bases[from == NO_BASE ? 0 : from];
    const struct class_base *last = &bases[one->answer->clash_second];
    const char *first_text = class_base_text(one->hierarchy, first);
    const char *last_text = class_base_text(one->hierarchy, last);
    if (combination->ready != CLASS_UNKNOWN) {
        _cleanup_free_ char *ready = class_with_place(one, combination->ready);
        finding_add_text(one->finding, "ready_metaclass",
                         class_name(one->hierarchy, combination->ready));
        finding_add_fix(one->finding, "or use the metaclass that is there already: %s",
                        ready ? ready : "?");
    }
    if (first != last)
        finding_add_fix(one->finding,
                        "better, composition: derive from %s only and keep an instance of a "
                        "class of %s in an attribute",
                        first_text, last_text);
    finding_add_fix(one->finding,
                    "or a decorator or a class factory: what a metaclass adds at class creation "
                    "can be added to the finished class (__init_subclass__, @register), with no "
                    "metaclass of its own");
}

struct error *class_explain_conflict(const struct class_case *one)
{
    struct metaclass_combination combination;
    struct error *error = metaclass_combine(one->hierarchy, one->number, &combination);
    if (error)
        return error;
    const struct hierarchy *hierarchy = one->hierarchy;
    uint32_t first = one->answer->clash_first, second = one->answer->clash_second;
    class_number first_meta =
        first == NO_BASE ? one->facts->named_metaclass
                         : class_answer(hierarchy, one->facts->bases[first].number)->metaclass;
    class_number second_meta = class_answer(hierarchy, one->facts->bases[second].number)->metaclass;
    one->finding->summary =
        text_format("class %s cannot be made: neither of the metaclasses %s and %s derives from "
                    "the other",
                    class_name(hierarchy, one->number), class_shown(one, first_meta),
                    class_shown(one, second_meta));
    add_chain(one, first);
    add_chain(one, second);
    for (size_t i = 0; i < combination.bases.count; i++)
        if (combination.bases.items[i] != first_meta && combination.bases.items[i] != second_meta)
            add_chain(one, base_with(one, combination.bases.items[i]));
    class_fact_names(one->finding, "fix_metaclass_bases", hierarchy, combination.bases.items,
                     combination.bases.count);
    if (combination.bases.count)
        add_combination(one, &combination);
    else
        finding_add_evidence(one->finding, "no class can derive from all of them: %s",
                             fault_sentence(combination.obstacle));
    add_next(one, &combination);
    add_alternatives(one, &combination);
    metaclass_combination_free(&combination);
    return NULL;
}
