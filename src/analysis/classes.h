/*
 * classes.h: findings about classes that cannot be (META001, MRO001, MRO002, MRO003) and rows about
 * all of them, from a solved hierarchy: shared by the live view and the audit of source.
 */
#ifndef STETH_ANALYSIS_CLASSES_H
#define STETH_ANALYSIS_CLASSES_H

#include "finding/report.h"
#include "mro/hierarchy.h"

struct class_findings_options {
    bool (*checks)(const void *context, const char *rule); /* which rules are wanted; NULL: all */
    const void *context;
    const char *command; /* to which the class is added to confirm: "steth audit --explain"; NULL */
};

/* Adds the finding about one class, if there is one. */
struct error *class_finding(const struct hierarchy *hierarchy, class_number number,
                            const struct class_findings_options *options, struct report *report);

/* Findings about all classes for which `wanted` (NULL: all) says so, and rules that found nothing
 * as ok. */
struct error *class_findings(const struct hierarchy *hierarchy,
                             bool (*wanted)(const void *context, class_number number),
                             const void *wanted_context,
                             const struct class_findings_options *options, struct report *report);

/* The rule of a fault ("META001"; NULL: none) and its word ("metaclass-conflict", "none"). */
const char *class_fault_rule(enum class_fault fault);
const char *class_fault_word(enum class_fault fault);

/* Appends the row of a class to report->classes. */
struct error *class_row_add(const struct hierarchy *hierarchy, class_number number,
                            struct report *report);
/* Sorts the rows by name, then by file and line. */
void class_rows_sort(struct report *report);
/* Appends `steth … --explain` of a class to report->classes.explanations. */
struct error *class_explanation_add(const struct hierarchy *hierarchy, class_number number,
                                    struct report *report);

#endif
