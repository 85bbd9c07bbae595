/* Comments that suppress findings. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "audit/suppress.h"

static void collect(const char *text, suppression_comments *comments)
{
    TSParser *parser = source_parser();
    struct source source;
    assert_true(source_parse(&source, parser, text, strlen(text)));
    const struct rule_file file = {&source, "app.py", "app"};
    assert_null(suppressions_collect(&file, comments));
    source_free(&source);
    ts_parser_delete(parser);
}

static void finding_at(struct report *report, const char *rule, unsigned line)
{
    struct finding *finding = report_add_finding(report, rule, SEVERITY_ERROR, CONFIDENCE_HIGH);
    assert_non_null(finding);
    finding->location.file = strdup("app.py");
    finding->location.line = line;
    finding->summary = strdup("a fault");
}

static const struct finding *nth(const struct report *report, size_t n)
{
    assert_true(n < report->findings.count);
    return &report->findings.items[n];
}

static void apply(const char *text, struct report *report)
{
    suppression_comments comments = {0}, moved = {0};
    collect(text, &moved);
    assert_null(suppressions_move(&comments, &moved));
    assert_null(suppressions_apply(&comments, "2026-11-21", &(struct rule_choice){0}, report));
    suppressions_free(&comments);
}

static void the_line_itself_and_the_line_above(void **state)
{
    (void)state;
    struct report report = {0};
    finding_at(&report, "RES002", 1);
    finding_at(&report, "RES002", 5);
    finding_at(&report, "LOOP001", 5);
    finding_at(&report, "RES001", 5);
    apply("x = 1  # steth: ignore[RES002] until=2026-11-21 the last day\n"
          "# steth: ignore[res002, blocked-in-call]\n"
          "# another comment\n"
          "\n"
          "y = 2\n",
          &report);
    assert_int_equal(report.findings.count, 4);
    assert_string_equal(nth(&report, 0)->suppressed.kind, "comment");
    assert_string_equal(nth(&report, 0)->suppressed.until, "2026-11-21");
    assert_string_equal(nth(&report, 0)->suppressed.reason, "the last day");
    assert_non_null(nth(&report, 1)->suppressed.kind);
    assert_null(nth(&report, 1)->suppressed.reason);
    assert_int_equal(nth(&report, 1)->suppressed.at.line, 2);
    assert_non_null(nth(&report, 2)->suppressed.kind);
    assert_null(nth(&report, 3)->suppressed.kind);
    report_free(&report);
}

static void behind_another_comment(void **state)
{
    (void)state;
    struct report report = {0};
    finding_at(&report, "RES002", 1);
    finding_at(&report, "RES002", 2);
    apply("x = 1  # noqa: E501 # steth: ignore[RES002]\n"
          "y = 1  # not steth: ignore[RES002]\n",
          &report);
    assert_int_equal(report.findings.count, 2);
    assert_non_null(nth(&report, 0)->suppressed.kind);
    assert_null(nth(&report, 1)->suppressed.kind);
    report_free(&report);
}

static void expired_comments_do_not_suppress(void **state)
{
    (void)state;
    struct report report = {0};
    finding_at(&report, "RES002", 1);
    apply("x = 1  # steth: ignore[RES002] until=2026-11-20\n", &report);
    assert_int_equal(report.findings.count, 2);
    assert_null(nth(&report, 0)->suppressed.kind);
    assert_string_equal(nth(&report, 1)->rule, "SUP001");
    assert_int_equal(nth(&report, 1)->severity, SEVERITY_WARNING);
    report_free(&report);
}

static void unused_comments_are_said(void **state)
{
    (void)state;
    struct report report = {0};
    report_add_ok(&report, "RES002");
    apply("x = 1  # steth: ignore[RES002, META001]\n", &report);
    assert_int_equal(report.findings.count, 1); /* META001 was not looked for */
    assert_string_equal(nth(&report, 0)->rule, "SUP002");
    assert_int_equal(nth(&report, 0)->severity, SEVERITY_INFO);
    assert_non_null(strstr(nth(&report, 0)->summary, "line 1 has no RES002"));
    report_free(&report);
}

static void complains(const char *line, const char *problem)
{
    struct report report = {0};
    apply(line, &report);
    assert_int_equal(report.findings.count, 1);
    assert_string_equal(nth(&report, 0)->rule, "SUP003");
    if (!strstr(nth(&report, 0)->summary, problem))
        fail_msg("%s: %s", line, nth(&report, 0)->summary);
    report_free(&report);
}

static void what_is_misspelt_is_said(void **state)
{
    (void)state;
    complains("x = 1  # steth: ignore[RES999]\n", "no rule 'RES999'");
    complains("x = 1  # steth: ignore[finalizer]\n", "no rule 'finalizer'");
    complains("x = 1  # steth: ignore[]\n", "name no rule");
    complains("x = 1  # steth: ignore\n", "only ignore[RULE");
    complains("x = 1  # steth: silence\n", "only ignore[RULE");
    complains("x = 1  # steth: ignore[RES002\n", "only ignore[RULE");
    complains("x = 1  # steth: ignore[RES002] until=2027-02-29\n", "'2027-02-29' is no date");
    complains("x = 1  # steth: ignore[RES002] until=soon x\n", "'soon' is no date");
    complains("x = 1  # steth: ignore[RES002] until=2027-03-011\n", "is no date");
    complains("x = 1  #steth:ignore[RES002,]\r\n", "name no rule");
}

static void only_comments_count(void **state)
{
    (void)state;
    suppression_comments comments = {0};
    collect("x = '# steth: ignore[RES002]'\n"
            "'''\n# steth: ignore[RES002]\n'''\n"
            "# see steth: ignore[RES002]\n"
            "# steth: ignore[RES002]",
            &comments);
    assert_int_equal(comments.count, 1);
    assert_int_equal(comments.items[0].line, 6);
    assert_null(comments.items[0].problem);
    suppressions_free(&comments);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_line_itself_and_the_line_above),
        cmocka_unit_test(behind_another_comment),
        cmocka_unit_test(expired_comments_do_not_suppress),
        cmocka_unit_test(unused_comments_are_said),
        cmocka_unit_test(what_is_misspelt_is_said),
        cmocka_unit_test(only_comments_count),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
