/* The renderers: findings, zombies, the collector, and what they have in common. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "golden.h"
#include "render/sentence.h"
#include "render/text.h"

static const struct text_style plain = {.limit = 10};
static const struct text_style narrow = {.width = 80, .limit = 2};
static const struct text_style coloured = {.color = true, .width = 80, .limit = 10};
static const struct text_style verbose = {.verbose = true};
static const struct text_style quiet = {.quiet = true};

/* ---- reports --------------------------------------------------------------------------------- */

static void fill_target(struct report *report)
{
    report->target = (struct target_section){
        .kind = "live",
        .pid = 4242,
        .python = strdup("3.11.2"),
        .executable = strdup("/usr/bin/python3.11"),
        .command = strdup("python3 -m shop.worker"),
        .layout = strdup("3.11"),
        .rss_bytes = 432013312,
        .uptime_s = 273840,
        .objects = 41204,
        .read_bytes = 912345678,
        .read_ms = 91.5,
        .torn_reads = 3,
    };
}

static void add_resurrected(struct report *report)
{
    struct finding *finding = report_add_finding(report, "RES001", SEVERITY_ERROR, CONFIDENCE_HIGH);
    finding->summary = strdup("2 LeakyNode objects are alive after their finalizer ran");
    finding->location.file = strdup("/srv/app.py");
    finding->location.line = 12;
    finding->location.function = strdup("LeakyNode.__del__");
    finding_add_evidence(finding, "held by %s", "__main__._resurrection_bin");
    finding_add_number(finding, "count", 2, "");
    finding_add_number(finding, "bytes", 1048576, "bytes");
    finding_add_number(finding, "kept_bytes", 900, "bytes");
    finding_add_text(finding, "seen", "twice");
    finding_add_fix(finding, "do not store `self` in LeakyNode.__del__; objects that return to a "
                             "pool return through an explicit close()");
    finding->confirm = strdup("steth zombies 4242");
    finding_identify(finding, "__main__.LeakyNode");
}

static void add_starved(struct report *report)
{
    struct finding *finding =
        report_add_finding(report, "GC001", SEVERITY_WARNING, CONFIDENCE_MEDIUM);
    finding->summary = strdup("2000 objects in cycles wait for a full collection that needs about "
                              "7,711,000,000 more allocations");
    finding_add_number(finding, "garbage", 4012345678901, "bytes");
    finding_add_number(finding, "last_pause_ms", 12, "ms");
    finding_add_number(finding, "drift", -5, "");
    finding_add_fix(finding, "put threshold 2 back to 10");
    finding->confirm = strdup("steth gc 4242");
    finding_identify(finding, "threshold2");
}

/* The worst is added last. */
static void fill_findings(struct report *report)
{
    struct finding *note = report_add_finding(report, "GC002", SEVERITY_INFO, CONFIDENCE_LOW);
    note->summary = strdup("the collector is off");
    add_starved(report);
    add_resurrected(report);
    report_add_ok(report, "RES004");
    report_add_ok(report, "GC005");
    report_add_not_checked(report, "LOOP001", "this version does not look at event loops");
    report_add_not_checked(report, NULL, "%d of %d mappings could not be read", 1, 71);
    report_add_not_checked(report, "LOOP002", "this version does not look at event loops");
}

static void add_path(struct zombie_group *group, uint64_t address, bool exact, size_t count,
                     const char *const *steps)
{
    struct zombie_path path = {.address = address, .exact = exact, .reachable = count > 0};
    for (size_t i = 0; i < count; i++)
        assert_true(vector_push(&path.steps, strdup(steps[i])));
    assert_true(vector_push(&group->objects, path));
}

static void add_handlers(struct report *report)
{
    struct zombie_group group = {.type = strdup("shop.handlers.RequestHandler"),
                                 .count = 1200,
                                 .bytes = 67200,
                                 .retained_bytes = 4321000,
                                 .unreachable = 1};
    group.finalizer.file = strdup("/srv/releases/2026-11-21/shop/handlers.py");
    group.finalizer.line = 118;
    group.finalizer.function = strdup("RequestHandler.__del__");
    assert_true(vector_push(&group.held_by, strdup("__main__.graveyard")));
    assert_true(vector_push(&group.held_count, 1198));
    assert_true(vector_push(&group.held_by, strdup("shop.db._pool")));
    assert_true(vector_push(&group.held_count, 1));
    const char *const in_list[] = {"__main__", ".graveyard", "[0]"};
    const char *const in_pool[] = {"shop.db", "._pool", "frame of worker", ".handler"};
    add_path(&group, 0x7f12a0c04e50, true, 3, in_list);
    add_path(&group, 0x7f12a0c04f10, false, 4, in_pool);
    add_path(&group, 0x7f12a0c05000, true, 0, NULL);
    struct zombie_resource file = {.kind = "fd",
                                   .number = 7,
                                   .target = strdup("/var/log/shop/requests.log"),
                                   .type = strdup("_io.FileIO"),
                                   .address = 0x7f12a0c11000};
    struct zombie_resource lock = {
        .kind = "lock", .number = -1, .type = strdup("_thread.lock"), .address = 0x7f12a0c12000};
    assert_true(vector_push(&group.resources, file));
    assert_true(vector_push(&group.resources, lock));
    assert_true(vector_push(&report->zombies, group));
}

static void fill_zombies(struct report *report)
{
    report->has_zombies = true;
    add_handlers(report);
    struct zombie_group built_in = {.type = strdup("_io.BufferedReader"), .count = 1, .bytes = 176};
    add_path(&built_in, 0x7f12a0c99000, true, 0, NULL);
    built_in.unreachable = 1;
    assert_true(vector_push(&report->zombies, built_in));
    struct exempt_group exempt = {.type = strdup("async_generator"),
                                  .count = 1,
                                  .reason = strdup("being closed by its event loop")};
    assert_true(vector_push(&report->exempt, exempt));
}

static void fill_gc(struct report *report)
{
    report->has_gc = true;
    struct gc_section main_interpreter = {
        .enabled = true,
        .debug_flags = 38,
        .frozen = 375,
        .garbage = 2,
        .long_lived_total = 41204,
        .long_lived_pending = 300,
        .generations = {{312, 700, 1204, 90123, 1000000, 0},
                        {4, 10, 8000, 8000, 50000, 0},
                        {10, 1000000, 32000, 7, 4000, 2}},
    };
    struct gc_section sub = {
        .interpreter = 1,
        .collecting = true,
        .incremental = true,
        .frozen = -1,
        .garbage = -1,
        .long_lived_total = -1,
        .long_lived_pending = -1,
        .generations = {{5, 2000, -1, -1, -1, -1}, {0, 10, -1, -1, -1, -1}, {0, 0, -1, -1, -1, -1}},
    };
    assert_true(vector_push(&report->gc, main_interpreter));
    assert_true(vector_push(&report->gc, sub));
}

/* What a hostile process may call itself, its types and its files. */
static void fill_hostile(struct report *report)
{
    report->target.kind = "live";
    report->target.pid = 1;
    report->target.python = strdup("3.13.0\x1b[2J");
    report->target.command = strdup("a\rb\x07\xff\xc2\x9b"
                                    "c\xe2\x80\xae"
                                    "d");
    struct finding *finding = report_add_finding(report, "RES001", SEVERITY_ERROR, CONFIDENCE_HIGH);
    finding->summary = strdup("1 \x1b]0;title\x07 object\nok: everything");
    finding->location.file = strdup("/srv/\xc3\xa9t\xc3\xa9/\xed\xa0\x80.py");
    finding->location.line = 1;
    finding_add_evidence(finding, "held by %s", "\x1b[31mred\x7f");
    finding_add_text(finding, "name\x1b", "\xf0\x9f\x90\x8d \xf0\x9f");
    finding_add_fix(finding, "%s", "\tx");
    finding->confirm = strdup("steth zombies 1; \x1b[1A");
    report->has_zombies = true;
    struct zombie_group group = {.type = strdup("\x1b[H.T"), .count = 1, .bytes = 1};
    const char *const steps[] = {"m\x1b", ".\xc0\x80"};
    add_path(&group, UINT64_MAX, true, 2, steps);
    assert_true(vector_push(&group.held_by, strdup("\x9b")));
    assert_true(vector_push(&report->zombies, group));
    struct exempt_group exempt = {
        .type = strdup("\b"), .count = UINT64_MAX, .reason = strdup("\x1b")};
    assert_true(vector_push(&report->exempt, exempt));
    report_add_not_checked(report, "GC001", "%s", "\x1b[0m");
}

/* ---- tests ----------------------------------------------------------------------------------- */

static void findings_are_printed_worst_first(void **state)
{
    (void)state;
    struct report report = {0};
    fill_target(&report);
    fill_findings(&report);
    assert_text("check.txt", render_text, &report, &plain);
    assert_text("check-80.txt", render_text, &report, &narrow);
    assert_text("check-colour.txt", render_text, &report, &coloured);
    assert_text("check-verbose.txt", render_text, &report, &verbose);
    assert_text("check-quiet.txt", render_text, &report, &quiet);
    assert_json("check.json", &report);
    report_free(&report);
}

static void an_empty_report_says_what_was_looked_at(void **state)
{
    (void)state;
    struct report report = {0};
    fill_target(&report);
    report.has_zombies = true;
    report_add_ok(&report, "RES001");
    assert_text("empty.txt", render_text, &report, &plain);
    assert_text("empty-zombies.txt", render_text_zombies, &report, &plain);
    assert_json("empty.json", &report);
    report_free(&report);
}

static void zombies_that_were_not_looked_for_are_not_called_absent(void **state)
{
    (void)state;
    struct report report = {.has_zombies = true};
    report_add_not_checked(&report, "RES001", "the heap changed during every pass");
    _cleanup_free_ char *text = page_text(render_text_zombies, &report, &plain);
    assert_null(strstr(text, "no object is alive"));
    report_free(&report);
}

static void zombies_are_listed_by_type_with_paths_and_resources(void **state)
{
    (void)state;
    struct report report = {0};
    fill_target(&report);
    fill_zombies(&report);
    assert_text("zombies.txt", render_text_zombies, &report, &plain);
    assert_text("zombies-80.txt", render_text_zombies, &report, &narrow);
    assert_json("zombies.json", &report);
    report_free(&report);
}

static void each_interpreter_has_its_generations(void **state)
{
    (void)state;
    struct report report = {0};
    fill_target(&report);
    report.target.free_threaded = report.target.debug_build = true;
    fill_gc(&report);
    assert_text("gc.txt", render_text_gc, &report, &plain);
    assert_json("gc.json", &report);
    report_free(&report);
}

static void nothing_from_the_target_reaches_the_terminal_as_control(void **state)
{
    (void)state;
    struct report report = {0};
    fill_hostile(&report);
    assert_text("hostile.txt", render_text, &report, &plain);
    assert_text("hostile-zombies.txt", render_text_zombies, &report, &narrow);
    assert_json("hostile.json", &report);
    _cleanup_free_ char *text = page_text(render_text_zombies, &report, &plain);
    for (const char *byte = text; *byte; byte++)
        assert_true(*byte == '\n' || (unsigned char)*byte >= ' ');
    report_free(&report);
}

static void json_that_was_written_can_be_read(void **state)
{
    (void)state;
    struct report report = {0};
    fill_hostile(&report);
    fill_gc(&report);
    _cleanup_free_ char *text = json_page(&report);
    json_error_t error;
    json_t *json = json_loads(text, 0, &error);
    assert_non_null(json);
    assert_string_equal(json_string_value(json_object_get(json, "schema")), "steth/1");
    json_decref(json);
    report_free(&report);
}

static void lines_keep_to_the_width(void **state)
{
    (void)state;
    struct report report = {0};
    fill_target(&report);
    fill_findings(&report);
    fill_gc(&report);
    _cleanup_free_ char *text = page_text(render_text, &report, &narrow);
    for (const char *line = text; *line; line += strcspn(line, "\n") + 1)
        assert_true(strcspn(line, "\n") <= 80);
    report_free(&report);
}

static void escape_keeps_text_and_shows_the_rest(void **state)
{
    (void)state;
    static const struct {
        const char *raw, *safe;
    } cases[] = {
        {"plain \xc3\xa9 \xe6\x97\xa5 \xf0\x9f\x90\x8d",
         "plain \xc3\xa9 \xe6\x97\xa5 \xf0\x9f\x90\x8d"},
        {"\x1b[2J", "\\x1b[2J"},
        {"\n\r\t", "\\n\\r\\t"},
        {"\x7f\xc2\x9b", "\\x7f\\x9b"},
        {"\xe2\x80\xae\xe2\x81\xa6", "\\u202e\\u2066"},
        {"\xf3\xa0\x81\x81", "\\U000e0041"},
        {"\xff\xc0\x80\xe2\x80", "\\xff\\xc0\\x80\\xe2\\x80"},
        {"\xed\xa0\x80\xf4\x90\x80\x80", "\\xed\\xa0\\x80\\xf4\\x90\\x80\\x80"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        _cleanup_free_ char *escaped = style_escape(cases[i].raw);
        assert_string_equal(escaped, cases[i].safe);
    }
}

static void numbers_are_written_for_people(void **state)
{
    (void)state;
    char buffer[STYLE_NUMBER];
    assert_string_equal(style_count(buffer, 0), "0");
    assert_string_equal(style_count(buffer, 999), "999");
    assert_string_equal(style_count(buffer, 1000), "1,000");
    assert_string_equal(style_count(buffer, INT64_MAX), "9,223,372,036,854,775,807");
    assert_string_equal(style_count(buffer, -1), "-");
    assert_string_equal(style_bytes(buffer, 1), "1 byte");
    assert_string_equal(style_bytes(buffer, 10239), "10239 bytes");
    assert_string_equal(style_bytes(buffer, 10240), "10.0 KiB");
    assert_string_equal(style_bytes(buffer, UINT64_MAX), "16.0 EiB");
    assert_string_equal(style_duration(buffer, 0), "0 ms");
    assert_string_equal(style_duration(buffer, 0.01), "0.010 ms");
    assert_string_equal(style_duration(buffer, 42.04), "42.0 ms");
    assert_string_equal(style_duration(buffer, 61000), "61.0 s");
    assert_string_equal(style_age(buffer, 273840), "3d 4h");
    assert_string_equal(style_age(buffer, 3661), "1h 1m");
    assert_string_equal(style_age(buffer, 61), "1m 1s");
    assert_string_equal(style_age(buffer, 0.5), "0s");
    assert_string_equal(style_age(buffer, 1e300), "-");
}

static void fingerprints_name_the_rule_and_the_matter_only(void **state)
{
    (void)state;
    struct report report = {0};
    char first[17];
    struct finding *finding = report_add_finding(&report, "RES001", SEVERITY_INFO, CONFIDENCE_LOW);
    finding_identify(finding, "a.T");
    memcpy(first, finding->fingerprint, sizeof first);
    assert_int_equal(strlen(first), 16);
    finding->severity = SEVERITY_ERROR;
    finding_identify(finding, "a.T");
    assert_string_equal(finding->fingerprint, first);
    finding_identify(finding, "a.U");
    assert_string_not_equal(finding->fingerprint, first);
    finding = report_add_finding(&report, "RES00", SEVERITY_INFO, CONFIDENCE_LOW);
    finding_identify(finding, "1a.T");
    assert_string_not_equal(finding->fingerprint, first);
    report_free(&report);
}

static void counts_in_sentences_have_separators(void **state)
{
    (void)state;
    static const struct {
        const char *sentence, *shown;
    } cases[] = {
        {"41204 objects are alive", "41,204 objects are alive"},
        {"about 1234567 objects, 999 more", "about 1,234,567 objects, 999 more"},
        {"held by m.bin (2000 objects)", "held by m.bin (2,000 objects)"},
        {"pid 41204 waits for port 8080 of it", "pid 41204 waits for port 8080 of it"},
        {"T2000 objects at app.py:1200 in f", "T2000 objects at app.py:1200 in f"},
        {"thresholds (700, 10, 1000000)", "thresholds (700, 10, 1000000)"},
        {"about 7,711,000,000 more", "about 7,711,000,000 more"},
        {"", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        _cleanup_free_ char *shown = sentence_counts(cases[i].sentence, " (");
        assert_string_equal(shown, cases[i].shown);
    }
}

static void a_report_fails_at_the_asked_severity(void **state)
{
    (void)state;
    struct report report = {0};
    assert_false(report_fails(&report, SEVERITY_INFO));
    report_add_finding(&report, "GC001", SEVERITY_WARNING, CONFIDENCE_HIGH);
    assert_true(report_fails(&report, SEVERITY_INFO));
    assert_true(report_fails(&report, SEVERITY_WARNING));
    assert_false(report_fails(&report, SEVERITY_ERROR));
    report_free(&report);
    assert_int_equal(report.findings.count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(findings_are_printed_worst_first),
        cmocka_unit_test(an_empty_report_says_what_was_looked_at),
        cmocka_unit_test(zombies_that_were_not_looked_for_are_not_called_absent),
        cmocka_unit_test(zombies_are_listed_by_type_with_paths_and_resources),
        cmocka_unit_test(each_interpreter_has_its_generations),
        cmocka_unit_test(nothing_from_the_target_reaches_the_terminal_as_control),
        cmocka_unit_test(json_that_was_written_can_be_read),
        cmocka_unit_test(lines_keep_to_the_width),
        cmocka_unit_test(escape_keeps_text_and_shows_the_rest),
        cmocka_unit_test(numbers_are_written_for_people),
        cmocka_unit_test(counts_in_sentences_have_separators),
        cmocka_unit_test(fingerprints_name_the_rule_and_the_matter_only),
        cmocka_unit_test(a_report_fails_at_the_asked_severity),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
