/*
 * sarif_parts.h: pieces of the SARIF renderer; only the sarif*.c files of this room use it. Each
 * function returns a new reference, NULL when there is no memory.
 */
#ifndef STETH_RENDER_SARIF_PARTS_H
#define STETH_RENDER_SARIF_PARTS_H

#include <jansson.h>

#include "finding/report.h"
#include "finding/rules.h"

/* {"text": …}; with `markdown` also that. */
json_t *sarif_message(const char *text, const char *markdown);

/* The rules that `report` speaks of, sorted; the caller frees the array, not its rules. */
const struct rule **sarif_rules(const struct report *report, size_t *count);

/* reportingDescriptors of these, in this order. */
json_t *sarif_descriptors(const struct rule *const *rules, size_t count);

/* The index of rule `code` among them, -1 when it is not there. */
int sarif_rule_index(const struct rule *const *rules, size_t count, const char *code);

/* A physical location; NULL also without a file. `function`: the logical location, may be NULL. */
json_t *sarif_location(const char *file, unsigned line, const char *function, const char *root);

#endif
