#include "finding/rules.h"

#include <strings.h>

#include "finding/rule_pages.h"

const struct rule *rules_all(size_t *count)
{
    *count = rule_pages_rules;
    return rule_pages;
}

const struct rule *terms_all(size_t *count)
{
    *count = rule_pages_terms;
    return rule_pages + rule_pages_rules;
}

const struct rule *rule_find(const char *code_or_name)
{
    for (size_t i = 0; i < rule_pages_rules + rule_pages_terms; i++) {
        const struct rule *rule = &rule_pages[i];
        if (!strcasecmp(rule->code, code_or_name) || !strcasecmp(rule->name, code_or_name))
            return rule;
    }
    return NULL;
}
