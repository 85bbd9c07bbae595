/* What is said about the files and classes that were read. */
#include "audit/audit_internal.h"

#include <string.h>

#include "analysis/classes.h"
#include "audit/rule.h"

static void note_files(const struct audit *audit)
{
    struct report *report = audit->report;
    for (size_t i = 0; i < audit->files.count; i++) {
        const struct audited_file *file = &audit->files.items[i];
        uint32_t number = audit->entries.items[i];
        const struct module *module =
            number == MODULES_NONE ? NULL : &audit->modules.entries.items[number]->module;
        const char *problem = file->problem ? file->problem : module ? module->problem : NULL;
        if (problem)
            report_add_not_checked(report, NULL, "%s: %s", file->path, problem);
        else if (module && module->syntax_error)
            report_add_not_checked(report, NULL, "%s:%u: not understood as Python", file->path,
                                   module->syntax_error);
    }
}

/* ---- classes --------------------------------------------------------------------------------- */

/* Paths that the files put on sys.path themselves. */
void audit_add_paths(struct audit *audit)
{
    for (size_t i = 0; i < audit->entries.count; i++) {
        uint32_t number = audit->entries.items[i];
        if (number != MODULES_NONE)
            resolver_add_paths(&audit->resolver, number);
    }
}

static struct error *declare_classes(struct audit *audit)
{
    for (size_t i = 0; i < audit->entries.count; i++) {
        uint32_t number = audit->entries.items[i];
        if (number == MODULES_NONE)
            continue;
        const struct module *module = &audit->modules.entries.items[number]->module;
        for (uint32_t k = 0; k < module->classes.count; k++) {
            if (resolver_class(&audit->resolver, number, k) == CLASS_UNKNOWN)
                return error_no_memory();
        }
        resolver_make_called(&audit->resolver, number);
    }
    return audit->resolver.no_memory ? error_no_memory() : NULL;
}

/* Whether a class belongs to what was asked about, and is really made. */
static bool is_audited(const struct audit *audit, class_number number)
{
    if (number >= audit->resolver.classes.count)
        return false;
    const struct known_class *class = &audit->resolver.classes.items[number];
    if (class->origin == CLASS_FROM_TABLE || class->module >= audit->modules.entries.count)
        return false;
    return audit->modules.entries.items[class->module]->audited;
}

bool audit_is_judged(const void *context, class_number number)
{
    const struct audit *audit = context;
    return is_audited(audit, number) && !audit->resolver.classes.items[number].not_made;
}

static void note_classes(const struct audit *audit)
{
    for (class_number i = 0; i < audit->resolver.classes.count; i++) {
        if (!audit_is_judged(audit, i))
            continue;
        const struct class_answer *answer = class_answer(audit->hierarchy, i);
        const struct class_facts *facts = class_facts(audit->hierarchy, i);
        if (!answer->answered)
            report_add_not_checked(audit->report, NULL, "%s:%u: class %s: %s",
                                   facts->file ? facts->file : "?", facts->line,
                                   class_short_name(audit->hierarchy, i),
                                   answer->reason ? answer->reason : "not known");
    }
}

static struct error *add_rows(const struct audit *audit)
{
    audit->report->has_classes = true;
    for (class_number i = 0; i < audit->resolver.classes.count; i++) {
        struct error *error =
            is_audited(audit, i) ? class_row_add(audit->hierarchy, i, audit->report) : NULL;
        if (error)
            return error;
    }
    class_rows_sort(audit->report);
    return NULL;
}

static struct class_findings_options findings_options(const struct audit *audit)
{
    return (struct class_findings_options){.checks = audit->options->checks,
                                           .context = audit->options->context,
                                           .command = "steth audit --explain"};
}

/* Rules of one file that found nothing are said to be ok. */
static void note_rules(const struct audit *audit)
{
    const struct audit_options *options = audit->options;
    for (const char *const *rule = rules_of_files; *rule; rule++) {
        bool found = options->checks && !options->checks(options->context, *rule);
        for (size_t i = 0; i < audit->report->findings.count && !found; i++)
            found = strcmp(audit->report->findings.items[i].rule, *rule) == 0;
        if (!found)
            report_add_ok(audit->report, *rule);
    }
}

struct error *audit_judge_all(struct audit *audit)
{
    resolver_note_patches(&audit->resolver);
    struct error *error = declare_classes(audit);
    if (!error)
        error = hierarchy_solve(audit->hierarchy);
    if (error)
        return error;
    note_files(audit);
    note_classes(audit);
    struct class_findings_options wanted = findings_options(audit);
    error = class_findings(audit->hierarchy, audit_is_judged, audit, &wanted, audit->report);
    note_rules(audit);
    if (!error && audit->options->classes)
        error = add_rows(audit);
    if (!error && audit->options->lock)
        error = audit_lock(audit);
    if (error)
        return error;
    char today[11];
    struct rule_choice choice = {audit->options->checks, audit->options->context};
    suppressions_today(today);
    return suppressions_apply(&audit->comments, today, &choice, audit->report);
}

/* ---- one class ------------------------------------------------------------------------------- */

static struct error *find_class(struct audit *audit, const char *name, class_number *number)
{
    struct value value = resolver_dotted(&audit->resolver, MODULES_NONE, name);
    if (value.kind == VALUE_CLASS) {
        *number = value.number;
        return NULL;
    }
    struct error *error = audit_read_files(audit);
    if (!error)
        audit_add_paths(audit);
    if (!error)
        error = declare_classes(audit);
    if (!error && !hierarchy_find(audit->hierarchy, name, number))
        error = error_hint(error_new(ERROR_USAGE, "there is no class %s", name),
                           "name it as module.Class, and the folder it lies in after it");
    return error;
}

struct error *audit_judge_one(struct audit *audit)
{
    class_number number = CLASS_UNKNOWN;
    struct error *error = audit->options->what_if
                              ? audit_what_if(audit, &number)
                              : find_class(audit, audit->options->explain, &number);
    if (!error)
        error = hierarchy_solve(audit->hierarchy);
    if (error)
        return error;
    struct class_findings_options wanted = findings_options(audit);
    if (audit->options->what_if)
        wanted.command = NULL;
    error = class_finding(audit->hierarchy, number, &wanted, audit->report);
    audit->report->has_classes = true;
    if (!error)
        error = class_row_add(audit->hierarchy, number, audit->report);
    if (!error)
        error = class_explanation_add(audit->hierarchy, number, audit->report);
    const struct class_answer *answer = class_answer(audit->hierarchy, number);
    if (!error && !answer->answered)
        report_add_not_checked(audit->report, NULL, "class %s: %s",
                               class_short_name(audit->hierarchy, number),
                               answer->reason ? answer->reason : "not known");
    return error;
}
