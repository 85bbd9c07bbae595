/* [tool.steth] of pyproject.toml: what is read, and what is said about what is wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "cli/settings.h"

static char folder[] = "/tmp/steth-settings-XXXXXX";

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    _cleanup_free_ char *command = text_format("rm -rf '%s'", folder);
    return command ? system(command) : -1;
}

static char *write_file(const char *text)
{
    char *path = text_format("%s/pyproject.toml", folder);
    _cleanup_file_ FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    return path;
}

static struct error *read_text(const char *text, struct settings *settings)
{
    _cleanup_free_ char *path = write_file(text);
    return settings_read(path, settings);
}

static void everything_is_read(void **state)
{
    (void)state;
    struct settings settings;
    assert_null(read_text("[project]\nname = \"x\"\n"
                          "[tool.steth]\n"
                          "only = [\"META001\", 'finalizer-escapes-self', # a comment\n"
                          "]\n"
                          "ignore = [\"LOOP006\"]\n"
                          "fail-on = \"error\"\n"
                          "exclude = [\"build\", \"a\\tb\", \"\"\"x\"\"\"]\n"
                          "python = \".venv/bin/python\"\n"
                          "[tool.steth.per-path-ignores]\n"
                          "\"tests/**\" = [\"RES002\", \"RES001\"]\n"
                          "docs = []\n"
                          "[[tool.other]]\nx = {y = 1}\n",
                          &settings));
    assert_int_equal(settings.only.count, 2);
    assert_string_equal(settings.only.items[1], "RES002");
    assert_string_equal(settings.ignore.items[0], "LOOP006");
    assert_true(settings.has_fail_on);
    assert_int_equal(settings.fail_on, SEVERITY_ERROR);
    assert_int_equal(settings.exclude.count, 3);
    assert_string_equal(settings.exclude.items[1], "a\tb");
    assert_string_equal(settings.exclude.items[2], "x");
    assert_non_null(strstr(settings.python, "/.venv/bin/python"));
    assert_int_equal(settings.per_path.count, 2);
    assert_string_equal(settings.per_path.items[0].pattern, "tests/**");
    assert_int_equal(settings.per_path.items[0].rules.count, 2);
    assert_int_equal(settings.per_path.items[0].line, 11);
    settings_free(&settings);
}

static void other_ways_to_write_it(void **state)
{
    (void)state;
    struct settings settings;
    assert_null(read_text("tool.steth.only = [\"META001\"]\n"
                          "[tool]\nsteth.per-path-ignores = {\"a/b.py\" = [\"RES002\"]}\n"
                          "[\"tool\".'steth']\nfail-on = 'info'\n",
                          &settings));
    assert_int_equal(settings.only.count, 1);
    assert_string_equal(settings.per_path.items[0].pattern, "a/b.py");
    assert_int_equal(settings.fail_on, SEVERITY_INFO);
    settings_free(&settings);
    assert_null(read_text("[tool.steth]\n[tool.steth.per-path-ignores]\n", &settings));
    settings_free(&settings);
    assert_null(read_text("", &settings));
    settings_free(&settings);
}

static void refuses(const char *text, const char *message, const char *hint)
{
    struct settings settings;
    struct error *error = read_text(text, &settings);
    assert_non_null(error);
    assert_int_equal(error->code, ERROR_USAGE);
    if (!strstr(error->message, message))
        fail_msg("'%s' is not in '%s'", message, error->message);
    if (hint)
        assert_non_null(strstr(error->hint, hint));
    error_free(error);
    settings_free(&settings);
}

static void mistakes_are_said_with_their_line(void **state)
{
    (void)state;
    refuses("[tool.steth]\n\nigonre = []\n", "pyproject.toml:3: [tool.steth] has no key 'igonre'",
            "did you mean ignore?");
    refuses("[tool.steth]\nonly = \"META001\"\n",
            ":2: only must be a list of strings, not a string", NULL);
    refuses("[tool.steth]\nonly = [1]\n", ":2: only must be a list of strings, not a list", NULL);
    refuses("[tool.steth]\nonly = [\n\"META001\",\n\"META01\"]\n", ":4: there is no rule 'META01'",
            "did you mean META001?");
    refuses("[tool.steth]\nfail-on = \"never\"\n", ":2: fail-on must be", NULL);
    refuses("[tool.steth]\nfail-on = true\n", "fail-on must be a string, not true or false", NULL);
    refuses("[tool.steth]\npython = 3\n", "python must be a string, not a number", NULL);
    refuses("[tool.steth]\nper-path-ignores = [\"x\"]\n", "per-path-ignores must be a table", NULL);
    refuses("[tool.steth.per-path-ignores]\ntests.py = [\"RES002\"]\n", ":2: a pattern with dots",
            NULL);
    refuses("[tool.steth.deep]\nx = 1\n", "[tool.steth] has no key 'deep'", NULL);
    refuses("[tool]\nsteth = 3\n", ":2: tool.steth must be a table", NULL);
    refuses("[tool.steth]\nonly = [\"META001\"\nx = = 1\n", "this is no TOML", NULL);
}

static void foreign_mistakes_are_left_alone(void **state)
{
    (void)state;
    struct settings settings;
    assert_null(read_text("x = = 1\n[tool.other\n", &settings));
    settings_free(&settings);
}

static void the_nearest_file_above_counts(void **state)
{
    (void)state;
    struct settings settings;
    _cleanup_free_ char *path = write_file("[tool.steth]\nfail-on = \"error\"\n");
    _cleanup_free_ char *deep = text_format("%s/a", folder);
    _cleanup_free_ char *file = text_format("%s/a/b.py", folder);
    mkdir(deep, 0755);
    fclose(fopen(file, "w"));
    assert_null(settings_find(file, &settings));
    assert_true(settings.has_fail_on);
    settings_free(&settings);
    assert_null(settings_find(deep, &settings));
    assert_true(settings.has_fail_on);
    settings_free(&settings);
    assert_null(settings_find("/nonexistent/x", &settings));
    assert_null(settings.file);
    settings_free(&settings);
}

static void files_are_excluded_and_findings_suppressed(void **state)
{
    (void)state;
    struct settings settings;
    assert_null(read_text("[tool.steth]\nexclude = [\"build\", \"src/gen*\"]\n"
                          "[tool.steth.per-path-ignores]\n\"tests\" = [\"RES002\"]\n",
                          &settings));
    _cleanup_free_ char *built = text_format("%s/x/build/y.py", folder);
    _cleanup_free_ char *made = text_format("%s/src/generated/y.py", folder);
    _cleanup_free_ char *other = text_format("%s/src/other/y.py", folder);
    _cleanup_free_ char *test = text_format("%s/tests/y.py", folder);
    assert_true(settings_exclude(&settings, built));
    assert_true(settings_exclude(&settings, made));
    assert_false(settings_exclude(&settings, other));
    assert_false(settings_exclude(&settings, "/elsewhere/build/y.py"));
    struct report report = {0};
    report_add_finding(&report, "RES002", SEVERITY_ERROR, CONFIDENCE_HIGH);
    report_add_finding(&report, "META001", SEVERITY_ERROR, CONFIDENCE_HIGH);
    for (size_t i = 0; i < 2; i++)
        report.findings.items[i].location.file = strdup(test);
    settings_suppress(&settings, &report);
    assert_string_equal(report.findings.items[0].suppressed.kind, "configuration");
    assert_int_equal(report.findings.items[0].suppressed.at.line, 4);
    assert_null(report.findings.items[1].suppressed.kind);
    report_free(&report);
    settings_free(&settings);
}

static void patterns(void **state)
{
    (void)state;
    static const struct {
        const char *pattern, *path;
        bool matches;
    } rows[] = {
        {"build", "build/x.py", true},        {"build", "a/build/x.py", true},
        {"build", "rebuild/x.py", false},     {"*.py", "a/b.py", true},
        {"a/*.py", "a/b/c.py", false},        {"a/*", "a/b/c.py", true},
        {"a/**/c.py", "a/c.py", true},        {"a/**/c.py", "a/x/y/c.py", true},
        {"a/**/c.py", "a/x/yc.py", false},    {"**/c.py", "c.py", true},
        {"**/c.py", "x/c.py", true},          {"**/c.py", "x/bc.py", false},
        {"tests/**", "tests/a/b.py", true},   {"tests/", "tests/a.py", true},
        {"./tests/a.py", "tests/a.py", true}, {"tests/?.py", "tests/ab.py", false},
        {"a/**b**/c", "a/xxbyy/zz/c", true},  {"", "a", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (pattern_matches(rows[i].pattern, rows[i].path) != rows[i].matches)
            fail_msg("%s and %s", rows[i].pattern, rows[i].path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything_is_read),
        cmocka_unit_test(other_ways_to_write_it),
        cmocka_unit_test(mistakes_are_said_with_their_line),
        cmocka_unit_test(foreign_mistakes_are_left_alone),
        cmocka_unit_test(the_nearest_file_above_counts),
        cmocka_unit_test(files_are_excluded_and_findings_suppressed),
        cmocka_unit_test(patterns),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
