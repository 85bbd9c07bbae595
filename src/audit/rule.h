/*
 * rule.h: the rules that need no more than one file of source: finalizers that let self escape
 * (RES002), classes whose objects refer to each other both ways (RES003), and calls that an event
 * loop should not meet (LOOP005 to LOOP007).
 */
#ifndef STETH_AUDIT_RULE_H
#define STETH_AUDIT_RULE_H

#include "audit/source.h"
#include "finding/report.h"

struct rule_choice {
    bool (*checks)(const void *context, const char *rule); /* which are wanted; NULL: all */
    const void *context;
};

/* A file that was parsed, as the rules see it. All borrowed. */
struct rule_file {
    const struct source *source;
    const char *path;   /* as findings show it */
    const char *module; /* "package.module"; NULL: unknown */
};

/*
 * Appends what the rules find in `file` to report->findings. Several threads may do so at once,
 * each with a report of its own.
 */
struct error *rules_read_file(const struct rule_file *file, const struct rule_choice *choice,
                              struct report *report);

/* The codes of these rules, NULL at the end: what is ok when no file has a finding of it. */
extern const char *const rules_of_files[];

#endif
