/* The registry of rules: every page is complete and can be found. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "finding/rules.h"

static const char *const sections[] = {
    "\n## What it means\n",  "\n## Why it happens in CPython\n",
    "\n## Evidence shown\n", "\n## False positives\n",
    "\n## Limits\n",         "\n## Runbook\n",
    "\n### Detection\n",     "\n### Triage\n",
    "\n### Containment\n",   "\n### Verification\n",
    "\n### Follow-up\n",     "\n## Versions covered\n",
};

/* Rules first, then terms; NULL at the end. */
static const struct rule *page_at(size_t index)
{
    size_t rule_count, term_count;
    const struct rule *rules = rules_all(&rule_count);
    const struct rule *terms = terms_all(&term_count);
    if (index < rule_count)
        return &rules[index];
    return index - rule_count < term_count ? &terms[index - rule_count] : NULL;
}

static void every_rule_page_has_all_sections_in_order(void **state)
{
    (void)state;
    size_t count;
    const struct rule *rules = rules_all(&count);
    assert_true(count > 0);
    for (size_t i = 0; i < count; i++) {
        const char *rest = rules[i].markdown;
        for (size_t s = 0; s < sizeof sections / sizeof *sections; s++) {
            const char *found = strstr(rest, sections[s]);
            if (!found)
                fail_msg("%s lacks, or has out of order: %s", rules[i].code, sections[s]);
            rest = found;
        }
    }
}

static void every_page_begins_with_its_heading_and_summary(void **state)
{
    (void)state;
    size_t count;
    const struct rule *rules = rules_all(&count);
    for (size_t i = 0; i < count; i++) {
        char heading[200];
        snprintf(heading, sizeof heading, "# %s: %s\n\n", rules[i].code, rules[i].name);
        assert_memory_equal(rules[i].markdown, heading, strlen(heading));
        assert_true(rules[i].summary[0] != '\0' && !strchr(rules[i].summary, '\n'));
    }
}

static void rules_and_terms_are_listed_apart_and_sorted(void **state)
{
    (void)state;
    size_t rule_count, term_count;
    const struct rule *rules = rules_all(&rule_count);
    const struct rule *terms = terms_all(&term_count);
    for (size_t i = 0; i < rule_count; i++) {
        assert_int_equal(rules[i].kind, RULE_KIND_RULE);
        assert_true(i == 0 || strcmp(rules[i - 1].code, rules[i].code) < 0);
    }
    for (size_t i = 0; i < term_count; i++) {
        assert_int_equal(terms[i].kind, RULE_KIND_TERM);
        assert_true(i == 0 || strcmp(terms[i - 1].code, terms[i].code) < 0);
    }
}

static void every_page_is_found_by_code_and_by_name(void **state)
{
    (void)state;
    const struct rule *page;
    for (size_t i = 0; (page = page_at(i)); i++) {
        assert_ptr_equal(rule_find(page->code), page);
        assert_ptr_equal(rule_find(page->name), page);
    }
}

static void find_ignores_case_and_gives_null_for_the_unknown(void **state)
{
    (void)state;
    assert_non_null(rule_find("res001"));
    assert_ptr_equal(rule_find("Resurrected-Objects"), rule_find("RES001"));
    assert_non_null(rule_find("EXIT-STATUS"));
    assert_null(rule_find("RES999"));
    assert_null(rule_find(""));
}

/* `steth explain X` in a page must not lead nowhere. */
static void every_page_that_a_page_refers_to_exists(void **state)
{
    (void)state;
    const struct rule *page;
    for (size_t i = 0; (page = page_at(i)); i++) {
        const char *rest = page->markdown;
        while ((rest = strstr(rest, "steth explain "))) {
            char name[64];
            rest += strlen("steth explain ");
            snprintf(name, sizeof name, "%.*s", (int)strcspn(rest, "` \n.,"), rest);
            if (!rule_find(name))
                fail_msg("%s refers to %s", page->code, name);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_rule_page_has_all_sections_in_order),
        cmocka_unit_test(every_page_begins_with_its_heading_and_summary),
        cmocka_unit_test(rules_and_terms_are_listed_apart_and_sorted),
        cmocka_unit_test(every_page_is_found_by_code_and_by_name),
        cmocka_unit_test(find_ignores_case_and_gives_null_for_the_unknown),
        cmocka_unit_test(every_page_that_a_page_refers_to_exists),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
