/* classes.c: findings about class statements that fail. */
#include "analysis/classes.h"

#include <stdio.h>
#include <string.h>

#include "analysis/class_parts.h"
#include "analysis/look.h"
#include "base/cleanup.h"
#include "base/text.h"

#define LISTED_MAX 100

const char *class_fault_rule(enum class_fault fault)
{
    switch (fault) {
    case CLASS_METACLASS_CONFLICT:
        return "META001";
    case CLASS_NO_ORDER:
        return "MRO001";
    case CLASS_BASE_FINAL:
    case CLASS_LAYOUT_CONFLICT:
    case CLASS_SLOTS_REFUSED:
        return "MRO002";
    case CLASS_BASE_TWICE:
        return "MRO003";
    case CLASS_SOUND:
        break;
    }
    return NULL;
}

const char *class_fault_word(enum class_fault fault)
{
    switch (fault) {
    case CLASS_METACLASS_CONFLICT:
        return "metaclass-conflict";
    case CLASS_NO_ORDER:
        return "inconsistent-mro";
    case CLASS_BASE_FINAL:
        return "final-base";
    case CLASS_LAYOUT_CONFLICT:
        return "layout-conflict";
    case CLASS_SLOTS_REFUSED:
        return "slots-refused";
    case CLASS_BASE_TWICE:
        return "duplicate-base";
    case CLASS_SOUND:
        break;
    }
    return "none";
}

/* ---- parts of sentences ---------------------------------------------------------------------- */

const char *class_shown(const struct class_case *one, class_number number)
{
    const char *own = class_name(one->hierarchy, one->number);
    const char *name = class_name(one->hierarchy, number);
    const char *file = class_facts(one->hierarchy, number)->file;
    size_t common = 0;
    if (!one->facts->file || !file || strcmp(file, one->facts->file) != 0)
        return name;
    for (size_t i = 0; name[i] && name[i] == own[i]; i++)
        if (name[i] == '.')
            common = i + 1;
    return name + common;
}

char *class_with_place(const struct class_case *one, class_number number)
{
    const struct class_facts *facts = class_facts(one->hierarchy, number);
    const char *name = class_shown(one, number);
    if (facts->file && facts->line)
        return text_format("%s (%s:%u)", name, facts->file, facts->line);
    return facts->file ? text_format("%s (%s)", name, facts->file) : strdup(name);
}

void class_fact_names(struct finding *finding, const char *name, const struct hierarchy *hierarchy,
                      const class_number *numbers, size_t count)
{
    name_list names = {0};
    for (size_t i = 0; i < count && i < LISTED_MAX; i++)
        (void)name_list_add(&names, class_name(hierarchy, numbers[i]));
    finding_add_list(finding, name, &names);
    name_list_free(&names);
}

/* ---- a finding ------------------------------------------------------------------------------- */

static void add_base_facts(const struct class_case *one)
{
    class_numbers bases = {0}, metaclasses = {0};
    for (size_t i = 0; i < one->facts->base_count; i++) {
        class_number base = one->facts->bases[i].number;
        (void)vector_push(&bases, base);
        (void)vector_push(&metaclasses, class_answer(one->hierarchy, base)->metaclass);
    }
    finding_add_text(one->finding, "class", class_name(one->hierarchy, one->number));
    finding_add_text(one->finding, "error", class_fault_word(one->answer->fault));
    if (one->facts->line)
        finding_add_number(one->finding, "line", one->facts->line, "");
    class_fact_names(one->finding, "bases", one->hierarchy, bases.items, bases.count);
    class_fact_names(one->finding, "metaclasses", one->hierarchy, metaclasses.items,
                     metaclasses.count);
    vector_free(&bases);
    vector_free(&metaclasses);
}

static struct error *explain_fault(const struct class_case *one)
{
    switch (one->answer->fault) {
    case CLASS_METACLASS_CONFLICT:
        return class_explain_conflict(one);
    case CLASS_NO_ORDER:
        return class_explain_order(one);
    case CLASS_BASE_TWICE:
        return class_explain_twice(one);
    case CLASS_BASE_FINAL:
    case CLASS_LAYOUT_CONFLICT:
    case CLASS_SLOTS_REFUSED:
        return class_explain_layout(one);
    case CLASS_SOUND:
        break;
    }
    return NULL;
}

static bool wants_rule(const struct class_findings_options *options, const char *rule)
{
    return !options->checks || options->checks(options->context, rule);
}

struct error *class_finding(const struct hierarchy *hierarchy, class_number number,
                            const struct class_findings_options *options, struct report *report)
{
    struct class_case one = {
        .hierarchy = hierarchy,
        .number = number,
        .facts = class_facts(hierarchy, number),
        .answer = class_answer(hierarchy, number),
    };
    const char *rule = class_fault_rule(one.answer->fault);
    if (!one.answer->answered || !rule || !wants_rule(options, rule))
        return NULL;
    unsigned asserted_line = one.facts->asserted_line;
    one.finding = report_add_finding(report, rule, asserted_line ? SEVERITY_INFO : SEVERITY_ERROR,
                                     CONFIDENCE_HIGH);
    if (!one.finding)
        return error_no_memory();
    const char *name = class_name(hierarchy, number);
    one.finding->location.file = one.facts->file ? strdup(one.facts->file) : NULL;
    one.finding->location.line = one.facts->line;
    one.finding->location.function = strdup(class_short_name(hierarchy, number));
    finding_identify(one.finding, name);
    add_base_facts(&one);
    struct error *error = explain_fault(&one);
    for (size_t i = 0; i < one.finding->facts.count; i++)
        one.finding->facts.items[i].for_programs = true;
    if (asserted_line) {
        _cleanup_free_ char *text = text_format("by the test, in line %u", asserted_line);
        finding_add_text(one.finding, "expected", text);
    }
    if (options->command)
        one.finding->confirm = text_format("%s %s", options->command, name);
    return error;
}

struct error *class_findings(const struct hierarchy *hierarchy,
                             bool (*wanted)(const void *context, class_number number),
                             const void *wanted_context,
                             const struct class_findings_options *options, struct report *report)
{
    static const char *const rules[] = {"META001", "MRO001", "MRO002", "MRO003"};
    size_t before = report->findings.count;
    for (class_number i = 0; i < hierarchy_count(hierarchy); i++) {
        if (wanted && !wanted(wanted_context, i))
            continue;
        struct error *error = class_finding(hierarchy, i, options, report);
        if (error)
            return error;
    }
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        bool found = false;
        for (size_t j = before; j < report->findings.count && !found; j++)
            found = strcmp(report->findings.items[j].rule, rules[i]) == 0;
        if (!found && wants_rule(options, rules[i]))
            report_add_ok(report, rules[i]);
    }
    return NULL;
}
