/*
 * The rules that read one file: each line of rules/NAME.py says behind "#!" which findings it must
 * have, "#! RES002 warning"; there must be no others.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "audit/rule.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "finding/rules.h"

static int by_text(const void *left, const void *right)
{
    return strcmp(*(char *const *)left, *(char *const *)right);
}

typedef VECTOR(char *) texts;

static void free_texts(texts *lines)
{
    for (size_t i = 0; i < lines->count; i++)
        free(lines->items[i]);
    vector_free(lines);
}

/* "LINE RULE SEVERITY" of all marks in the file. */
static void read_marks(const char *text, texts *expected)
{
    unsigned line = 1;
    for (const char *at = text; *at; line++) {
        size_t length = strcspn(at, "\n");
        const char *mark = memmem(at, length, "#! ", 3);
        for (; mark; mark = memmem(mark + 3, (size_t)(at + length - mark - 3), "#! ", 3)) {
            char rule[16], severity[16];
            assert_int_equal(sscanf(mark, "#! %15s %15s", rule, severity), 2);
            assert_true(vector_push(expected, text_format("%03u %s %s", line, rule, severity)));
        }
        at += length + (at[length] != '\0');
    }
}

static void read_findings(const struct report *report, texts *found)
{
    for (size_t i = 0; i < report->findings.count; i++) {
        const struct finding *one = &report->findings.items[i];
        assert_true(vector_push(found, text_format("%03u %s %s", one->location.line, one->rule,
                                                   severity_name(one->severity))));
        assert_non_null(one->summary);
        assert_true(one->fix.count > 0);
        assert_non_null(one->confirm);
        assert_non_null(rule_find(one->rule));
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(report->findings.items[j].fingerprint, one->fingerprint);
    }
}

static void compare(texts *expected, texts *found)
{
    if (expected->count)
        qsort(expected->items, expected->count, sizeof(char *), by_text);
    if (found->count)
        qsort(found->items, found->count, sizeof(char *), by_text);
    size_t i = 0, j = 0, wrong = 0;
    while (i < expected->count || j < found->count) {
        int order = i == expected->count ? 1
                    : j == found->count  ? -1
                                         : strcmp(expected->items[i], found->items[j]);
        if (order)
            print_error("%s: %s\n", order < 0 ? "missing" : "too many",
                        order < 0 ? expected->items[i] : found->items[j]);
        wrong += order != 0;
        i += order <= 0;
        j += order >= 0;
    }
    assert_int_equal(wrong, 0);
}

static void check_file(const char *name)
{
    _cleanup_free_ char *path = text_format("%s/rules/%s.py", TEST_SOURCE_DIR, name);
    TSParser *parser = source_parser();
    struct source source;
    struct report report = {0};
    texts expected = {0}, found = {0};
    assert_true(source_read(&source, parser, path));
    assert_int_equal(source.syntax_error, 0);
    read_marks(source.text, &expected);
    const struct rule_file file = {&source, path, "sample"};
    assert_null(rules_read_file(&file, &(struct rule_choice){0}, &report));
    read_findings(&report, &found);
    compare(&expected, &found);
    free_texts(&expected);
    free_texts(&found);
    report_free(&report);
    source_free(&source);
    ts_parser_delete(parser);
}

static void finalizers_that_let_self_escape(void **state)
{
    (void)state;
    check_file("finalizer_escapes");
}

static void finalizers_that_keep_nothing(void **state)
{
    (void)state;
    check_file("finalizer_innocent");
}

static void coroutines_that_block(void **state)
{
    (void)state;
    check_file("coroutine_blocks");
}

static void coroutines_that_do_not_block(void **state)
{
    (void)state;
    check_file("coroutine_innocent");
}

static void pairs_with_finalizers(void **state)
{
    (void)state;
    check_file("both_ways");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finalizers_that_let_self_escape),
        cmocka_unit_test(finalizers_that_keep_nothing),
        cmocka_unit_test(coroutines_that_block),
        cmocka_unit_test(coroutines_that_do_not_block),
        cmocka_unit_test(pairs_with_finalizers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
