/*
 * rules.h: the registry of rules and terms. The texts are the files of rules/, one Markdown file a
 * rule, and of rules/terms/, one a term, embedded by the build (tools/embed-rules.py). The first
 * heading of a rule is "# CODE: kebab-name", of a term "# kebab-name".
 */
#ifndef STETH_FINDING_RULES_H
#define STETH_FINDING_RULES_H

#include <stddef.h>

enum rule_kind { RULE_KIND_RULE, RULE_KIND_TERM };

struct rule {
    enum rule_kind kind;
    const char *code;     /* "RES001"; of a term its name */
    const char *name;     /* "resurrected-objects" */
    const char *summary;  /* the first paragraph, one line */
    const char *markdown; /* the whole page */
};

/* All rules, sorted by code; without the terms. */
const struct rule *rules_all(size_t *count);

/* All terms, sorted by name. */
const struct rule *terms_all(size_t *count);

/* The rule or term of that code or name, case-insensitive; NULL when there is none. */
const struct rule *rule_find(const char *code_or_name);

#endif
