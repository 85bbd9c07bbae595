/*
 * rule_pages.h: what tools/embed-rules.py generates in the build directory; only rules.c reads it.
 */
#ifndef STETH_FINDING_RULE_PAGES_H
#define STETH_FINDING_RULE_PAGES_H

#include "finding/rules.h"

/* The rules, sorted by code, then the terms, sorted by name. */
extern const struct rule rule_pages[];
extern const size_t rule_pages_rules;
extern const size_t rule_pages_terms;

#endif
