/* class_layout.c: MRO002, instances that cannot be laid out; MRO003, a base that comes twice. */
#include <string.h>

#include "analysis/class_parts.h"
#include "base/cleanup.h"
#include "base/text.h"

#define ORDER_MAX 100

static class_number base_at(const struct class_case *one, uint32_t index)
{
    return index < one->facts->base_count ? one->facts->bases[index].number : CLASS_OBJECT;
}

/* ---- MRO002 ---------------------------------------------------------------------------------- */

static void add_layout(const struct class_case *one, class_number base)
{
    class_number solid = class_solid_base(one->hierarchy, base);
    const struct class_facts *facts = class_facts(one->hierarchy, solid);
    _cleanup_free_ char *place = class_with_place(one, solid);
    const char *why = facts->layout.kind != LAYOUT_STATEMENT ? "a C struct of its own"
                      : facts->layout.has_slots              ? "__slots__ that are not empty"
                                                : "fields of its own (varying size and a dict)";
    if (solid == base)
        finding_add_evidence(one->finding, "%s has %s", place ? place : "?", why);
    else
        finding_add_evidence(one->finding, "%s is laid out as %s, which has %s",
                             class_shown(one, base), place ? place : "?", why);
}

static void explain_two_layouts(const struct class_case *one)
{
    class_number first = base_at(one, one->answer->clash_first);
    class_number second = base_at(one, one->answer->clash_second);
    class_number solids[] = {class_solid_base(one->hierarchy, first),
                             class_solid_base(one->hierarchy, second)};
    one->finding->summary = text_format(
        "class %s cannot be made: instances of %s and of %s are laid out differently",
        class_name(one->hierarchy, one->number), class_shown(one, first), class_shown(one, second));
    add_layout(one, first);
    add_layout(one, second);
    class_fact_names(one->finding, "layouts", one->hierarchy, solids, 2);
    bool slots = false;
    for (int i = 0; i < 2; i++) {
        const struct class_facts *facts = class_facts(one->hierarchy, solids[i]);
        if (facts->layout.kind != LAYOUT_STATEMENT || !facts->layout.has_slots)
            continue;
        _cleanup_free_ char *place = class_with_place(one, solids[i]);
        finding_add_fix(one->finding,
                        "%sleave __slots__ = () in %s and name the slots in the classes that "
                        "derive from it",
                        slots ? "or " : "", place ? place : "?");
        slots = true;
    }
    finding_add_fix(one->finding,
                    "%scomposition: derive from %s only and keep %s %s in an attribute",
                    slots ? "or " : "",
                    class_base_text(one->hierarchy, &one->facts->bases[one->answer->clash_first]),
                    "an instance of", class_short_name(one->hierarchy, second));
}

struct error *class_explain_layout(const struct class_case *one)
{
    const char *name = class_name(one->hierarchy, one->number);
    class_number base = base_at(one, one->answer->clash_first);
    const char *base_name = class_shown(one, base);
    if (one->answer->fault == CLASS_LAYOUT_CONFLICT) {
        explain_two_layouts(one);
    } else if (one->answer->fault == CLASS_BASE_FINAL) {
        one->finding->summary =
            text_format("class %s cannot be made: %s accepts no subclass", name, base_name);
        finding_add_fix(one->finding, "keep the %s in an attribute instead of deriving from it",
                        base_name);
    } else {
        one->finding->summary =
            text_format("class %s cannot be made: %s cannot carry its __slots__", name, base_name);
        add_layout(one, base);
        finding_add_fix(one->finding, "leave __slots__ = () in %s, or no __slots__ at all",
                        class_short_name(one->hierarchy, one->number));
    }
    return NULL;
}

/* ---- MRO003 ---------------------------------------------------------------------------------- */

static void propose_once(const struct class_case *one)
{
    uint32_t order[ORDER_MAX];
    size_t kept = 0;
    if (one->facts->base_count > ORDER_MAX)
        return;
    for (uint32_t i = 0; i < one->facts->base_count; i++) {
        bool before = false;
        for (size_t j = 0; j < kept; j++)
            before |= base_at(one, order[j]) == base_at(one, i);
        if (!before)
            order[kept++] = i;
    }
    _cleanup_free_ char *statement = class_statement(one, order, kept, NULL);
    finding_add_fix(one->finding, "%s ...", statement ? statement : "?");
}

struct error *class_explain_twice(const struct class_case *one)
{
    uint32_t first = one->answer->clash_first, second = one->answer->clash_second;
    class_number base = base_at(one, first);
    _cleanup_free_ char *place = class_with_place(one, base);
    const char *first_text = class_base_text(one->hierarchy, &one->facts->bases[first]);
    const char *second_text = class_base_text(one->hierarchy, &one->facts->bases[second]);
    one->finding->summary =
        text_format("class %s cannot be made: %s is listed twice among its bases",
                    class_name(one->hierarchy, one->number), class_shown(one, base));
    finding_add_text(one->finding, "duplicate", class_shown(one, base));
    if (strcmp(first_text, second_text) != 0)
        finding_add_evidence(one->finding, "bases %u and %u, %s and %s, are both %s", first + 1,
                             second + 1, first_text, second_text, place ? place : "?");
    else
        finding_add_evidence(one->finding, "bases %u and %u are both %s", first + 1, second + 1,
                             place ? place : "?");
    propose_once(one);
    return NULL;
}
