/* SARIF and GitHub's commands: places, escapes, suppressions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "golden.h"
#include "render/github.h"
#include "render/sarif.h"
#include "render/text.h"
#include "render/uri.h"

#define ROOT "/srv/my shop"

static struct finding *add(struct report *report, const char *rule, enum severity severity,
                           const char *file, unsigned line)
{
    struct finding *finding = report_add_finding(report, rule, severity, CONFIDENCE_HIGH);
    assert_non_null(finding);
    finding->location.file = file ? strdup(file) : NULL;
    finding->location.line = line;
    return finding;
}

static void fill(struct report *report)
{
    struct finding *one = add(report, "RES001", SEVERITY_ERROR, ROOT "/pool/a,b: 100%.py", 12);
    one->summary = strdup("100% of them: two,\nthree");
    one->location.function = strdup("Pool.__del__");
    finding_add_evidence(one, "held by \033[31m%s", "bin");
    finding_add_fix(one, "close() them");
    one = add(report, "GC001", SEVERITY_WARNING, "./shop/../shop/main.py", 3);
    one->summary = strdup("suppressed until then");
    one->suppressed.kind = "comment";
    one->suppressed.reason = strdup("known, see the tracker");
    one->suppressed.until = strdup("2027-03-01");
    one->suppressed.at.file = strdup(ROOT "/shop/main.py");
    one->suppressed.at.line = 3;
    one = add(report, "LOOP002", SEVERITY_INFO, "/usr/lib/python3.11/queue.py", 0);
    one->summary = strdup("outside of the project");
    wait_chain chain = {0};
    struct wait_node node = {.kind = "thread", .name = strdup("MainThread")};
    node.at.file = strdup("shop/main.py");
    node.at.line = 40;
    node.at.function = strdup("main");
    assert_true(vector_push(&chain, node));
    finding_set_chain(one, &chain, true);
    wait_chain_free(&chain);
    add(report, "RES004", SEVERITY_WARNING, NULL, 0)->summary = strdup("no place");
    report_add_ok(report, "GC005");
    report_add_not_checked(report, "LOOP001", "no loop could be read");
    report_add_not_checked(report, NULL, "1 of 2 files could not be read");
}

static void sarif_has_places_rules_and_suppressions(void **state)
{
    (void)state;
    struct report report = {0};
    fill(&report);
    json_t *sarif = render_sarif(&report, ROOT);
    assert_non_null(sarif);
    /* The pages of the rules are not what this test is about. */
    json_t *run = json_array_get(json_object_get(sarif, "runs"), 0);
    json_t *rules =
        json_object_get(json_object_get(json_object_get(run, "tool"), "driver"), "rules");
    size_t index;
    json_t *rule;
    json_array_foreach(rules, index, rule)
    {
        const char *text =
            json_string_value(json_object_get(json_object_get(rule, "help"), "markdown"));
        assert_non_null(strstr(text, "## Runbook"));
        json_object_del(rule, "help");
        json_object_del(rule, "shortDescription");
        json_object_del(rule, "fullDescription");
    }
    _cleanup_free_ char *text = json_dumps(sarif, RENDER_JSON_FLAGS);
    _cleanup_free_ char *whole = NULL;
    assert_true(asprintf(&whole, "%s\n", text) > 0);
    assert_golden("formats.sarif.json", whole);
    json_decref(sarif);
    report_free(&report);
}

static void github_escapes_what_would_end_a_command(void **state)
{
    (void)state;
    struct report report = {0};
    fill(&report);
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    assert_non_null(out);
    render_github(out, &report, ROOT);
    fclose(out);
    assert_golden("formats.github.txt", text);
    free(text);
    report_free(&report);
}

static void suppressed_findings_are_counted_apart(void **state)
{
    (void)state;
    const struct text_style plain = {0}, verbose = {.verbose = true};
    struct report report = {0};
    fill(&report);
    assert_text("formats.txt", render_text, &report, &plain);
    assert_text("formats-verbose.txt", render_text, &report, &verbose);
    assert_json("formats.json", &report);
    assert_true(report_fails(&report, SEVERITY_ERROR));
    report.findings.items[0].suppressed.kind = "comment";
    assert_false(report_fails(&report, SEVERITY_ERROR));
    report_free(&report);
}

static void below(const char *file, const char *root, const char *expected)
{
    _cleanup_free_ char *path = path_below(file, root);
    if (expected)
        assert_string_equal(path, expected);
    else
        assert_null(path);
}

static void paths_below_the_root_are_relative(void **state)
{
    (void)state;
    below("/a/b/c.py", "/a/b", "c.py");
    below("/a/b/c.py", "/a/b/", "c.py");
    below("c.py", "/a", "c.py");
    below("./x//y/./z/../c.py", "/a", "x/y/c.py");
    below("../c.py", "/a/b", NULL);
    below("../b/c.py", "/a/b", "c.py");
    below("/ab/c.py", "/a", NULL);
    below("/c.py", "/", "c.py");
    below("/../../c.py", "/", "c.py");
    below("c.py", NULL, NULL);
    below("/a", "/a", NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sarif_has_places_rules_and_suppressions),
        cmocka_unit_test(github_escapes_what_would_end_a_command),
        cmocka_unit_test(suppressed_findings_are_counted_apart),
        cmocka_unit_test(paths_below_the_root_are_relative),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
