/* explain.c: the derivation of a class in words. Places stand in a block of their own, so that the
 * same class reads the same from its source and from a live process. */
#include "mro/explain.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "mro/explain_internal.h"

void text_lines_free(text_lines *lines)
{
    for (size_t i = 0; i < lines->count; i++)
        free(lines->items[i]);
    vector_free(lines);
}

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

static bool base_numbers(const struct class_facts *facts, class_numbers *numbers)
{
    for (size_t i = 0; i < facts->base_count; i++)
        if (!vector_push(numbers, facts->bases[i].number))
            return false;
    return true;
}

static void write_bases(struct writer *writer)
{
    const struct class_facts *facts = class_facts(writer->hierarchy, writer->number);
    explain_line(writer, "class %s", explain_name(writer, writer->number));
    explain_line(writer, "bases:");
    for (size_t i = 0; i < facts->base_count && i < LISTED_MAX; i++) {
        const struct class_base *base = &facts->bases[i];
        if (base->number == CLASS_UNKNOWN)
            explain_line(writer, "  %zu. %s: not known", i + 1,
                         base->text ? base->text : "an expression");
        else
            explain_line(writer, "  %zu. %s", i + 1, explain_name(writer, base->number));
    }
}

static void write_fault(struct writer *writer, const struct class_answer *answer)
{
    const struct class_facts *facts = class_facts(writer->hierarchy, writer->number);
    const char *first = answer->clash_first < facts->base_count
                            ? explain_name(writer, facts->bases[answer->clash_first].number)
                            : "?";
    const char *second = answer->clash_second < facts->base_count
                             ? explain_name(writer, facts->bases[answer->clash_second].number)
                             : "?";
    if (answer->fault == CLASS_BASE_FINAL)
        explain_line(writer, "no class: %s accepts no subclass", first);
    else if (answer->fault == CLASS_LAYOUT_CONFLICT)
        explain_line(writer, "no class: instances of %s and of %s are laid out differently", first,
                     second);
    else if (answer->fault == CLASS_SLOTS_REFUSED)
        explain_line(writer, "no class: %s cannot carry these __slots__", first);
    else if (answer->fault == CLASS_BASE_TWICE)
        explain_line(writer, "no class: bases %u and %u are both %s", answer->clash_first + 1,
                     answer->clash_second + 1, first);
}

static void write_places(struct writer *writer, const class_numbers *bases)
{
    class_numbers shown = {0};
    struct mro_walk walk = mro_begin(writer->hierarchy, writer->number);
    for (class_number next; (next = mro_next(&walk)) != CLASS_UNKNOWN;)
        (void)vector_push(&shown, next);
    for (size_t i = 0; shown.count == 0 && i < bases->count; i++)
        (void)vector_push(&shown, bases->items[i]);
    explain_line(writer, "places:");
    for (size_t i = 0; i < shown.count && i < STEPS_MAX; i++) {
        _cleanup_free_ char *place = class_place(writer->hierarchy, shown.items[i]);
        if (place)
            explain_line(writer, "  %s: %s", explain_name(writer, shown.items[i]), place);
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
    explain_metaclass(&writer);
    if (!base_numbers(class_facts(hierarchy, number), &bases))
        writer.failed = true;
    else if (!answer->answered)
        explain_line(&writer, "not checked: %s", answer->reason);
    else if (answer->fault && answer->fault != CLASS_NO_ORDER)
        write_fault(&writer, answer);
    else
        error = explain_order(&writer, &bases);
    if (!error && answer->answered)
        write_places(&writer, &bases);
    vector_free(&bases);
    if (!error && writer.failed)
        return error_no_memory();
    return error;
}
