/* rules.h: the single rules behind rule.h. Each appends its findings about one file. */
#ifndef STETH_AUDIT_RULES_H
#define STETH_AUDIT_RULES_H

#include "audit/rule.h"
#include "audit/scopes.h"

typedef struct error *file_rule(const struct rule_file *file, const struct scopes *scopes,
                                struct report *report);

file_rule rule_finalizer_escapes;
file_rule rule_both_ways;
file_rule rule_blocking_call;
file_rule rule_executor_deadline;
file_rule rule_result_in_coroutine;

/*
 * A finding at `line` in `scope` (a function, or NOWHERE), with the name of the place filled in.
 * NULL: no memory. `what` goes into the fingerprint, after the module's and the function's name.
 */
struct finding *rule_finding(const struct rule_file *file, const struct scopes *scopes,
                             uint32_t scope, const char *rule, enum severity severity,
                             enum confidence confidence, unsigned line, const char *what,
                             struct report *report);

/* The first line of `text`, cut to what fits into a sentence. The caller frees. */
char *rule_quote(struct slice text);

#endif
