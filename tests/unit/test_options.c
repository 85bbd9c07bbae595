/* The command line: what is understood, and what is said about what is not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "cli/nearest.h"
#include "cli/options.h"
#include "cli/python_names.h"
#include "cli/verbs.h"
#include "finding/rules.h"

#define WORDS_MAX 16

/* Parses "steth" and the words of `line`, separated by single spaces; `line` must outlive options.
 */
static struct error *parse(char *line, struct options *options)
{
    char *words[WORDS_MAX + 1] = {(char *)"steth"};
    int count = 1;
    char *rest = NULL;
    for (char *word = strtok_r(line, " ", &rest); word; word = strtok_r(NULL, " ", &rest))
        words[count++] = word;
    return options_parse(count, words, options);
}

/* Expects a refusal whose message and hint contain these. */
static void refuses(const char *text, const char *message, const char *hint)
{
    char line[128];
    struct options options;
    strcpy(line, text);
    struct error *error = parse(line, &options);
    assert_non_null(error);
    assert_int_equal(error->code, ERROR_USAGE);
    assert_non_null(strstr(error->message, message));
    assert_non_null(strstr(error->hint, hint));
    error_free(error);
    options_free(&options);
}

static void without_words_the_verb_is_list(void **state)
{
    (void)state;
    char line[] = "-qv -v --json";
    struct options options;
    assert_null(parse(line, &options));
    assert_string_equal(options.verb->name, "list");
    assert_true(options.json && options.quiet);
    assert_int_equal(options.verbose, 2);
    assert_int_equal(options.fail_on, SEVERITY_WARNING);
    assert_int_equal(options.limit, OPTIONS_DEFAULT_LIMIT);
    options_free(&options);
}

static void options_may_stand_before_and_after_the_verb(void **state)
{
    (void)state;
    char line[] = "--color never access --output=x.json 42 --json";
    struct options options;
    assert_null(parse(line, &options));
    assert_string_equal(options.verb->name, "access");
    assert_int_equal(options.words.count, 1);
    assert_string_equal(options.words.items[0], "42");
    assert_string_equal(options.output_path, "x.json");
    assert_int_equal(options.color, COLOR_NEVER);
    options_free(&options);
}

static void after_two_dashes_nothing_is_an_option(void **state)
{
    (void)state;
    char line[] = "explain -- --json";
    struct options options;
    assert_null(parse(line, &options));
    assert_false(options.json);
    assert_string_equal(options.words.items[0], "--json");
    options_free(&options);
}

static void help_needs_no_complete_command(void **state)
{
    (void)state;
    static const struct {
        const char *text, *verb;
    } cases[] = {{"--help", NULL},
                 {"-h", NULL},
                 {"help", NULL},
                 {"access -h", "access"},
                 {"help access", "access"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char line[32];
        struct options options;
        strcpy(line, cases[i].text);
        assert_null(parse(line, &options));
        assert_true(options.given & OPTION_BIT(OPTION_HELP));
        assert_ptr_equal(options.verb, cases[i].verb ? verb_find(cases[i].verb) : NULL);
        options_free(&options);
    }
}

static void a_mistyped_name_is_refused_with_the_nearest(void **state)
{
    (void)state;
    refuses("acess", "no verb 'acess'", "did you mean steth access?");
    refuses("explian", "explian", "steth explain?");
    refuses("frobnicate", "no verb", "steth --help");
    refuses("--jsno", "no option --jsno", "--json?");
    refuses("-x", "no option -x", "steth --help");
}

static void abbreviations_are_not_accepted(void **state)
{
    (void)state;
    refuses("--js", "no option --js", "--json?");
    refuses("--out x", "no option --out", "--output?");
}

static void an_option_that_a_verb_does_not_take_is_refused(void **state)
{
    (void)state;
    refuses("access --pause", "steth access does not take --pause", "steth access --help");
    refuses("--limit 3", "steth list does not take --limit", "steth list --help");
}

static void bad_arguments_are_refused_with_what_is_expected(void **state)
{
    (void)state;
    refuses("-o", "--output needs an argument", "FILE");
    refuses("--color blue", "'blue'", "auto, always or never");
    refuses("--fail-on 3", "'3'", "info, warning or error");
    refuses("--limit -1", "'-1'", "number");
    refuses("--for 2h", "'2h'", "500ms");
    refuses("--for -2s", "'-2s'", "500ms");
    refuses("--for 0s", "'0s'", "500ms");
    refuses("--for 1e9s", "'1e9s'", "500ms");
    refuses("--only ,", "','", "RES001");
    refuses("--only NOPE999", "no rule 'NOPE999'", "steth explain");
    refuses("access 1 2", "'2'", "steth access --help");
}

static void the_order_of_verb_and_pid_is_hinted(void **state)
{
    (void)state;
    refuses("4242 zombies", "before the pid", "steth zombies 4242");
    refuses("4242 tasks --for 2s", "before the pid", "steth tasks 4242");
    refuses("4242 zomb", "does not understand 'zomb'", "steth check --help");
    refuses("check 4242 zombies", "does not understand 'zombies'", "steth check --help");
}

static void output_to_a_dash_is_stdout(void **state)
{
    (void)state;
    static const char *const dashes[] = {"-o -", "-o x -o -", "--output=-", "-o-"};
    for (size_t i = 0; i < sizeof dashes / sizeof *dashes; i++) {
        char line[32];
        struct options options;
        strcpy(line, dashes[i]);
        assert_null(parse(line, &options));
        assert_null(options.output_path);
        options_free(&options);
    }
    char line[] = "--output=";
    struct options options;
    struct error *error = parse(line, &options);
    assert_int_equal(error->code, ERROR_USAGE);
    assert_non_null(strstr(error->message, "name of a file"));
    assert_null(error->hint);
    error_free(error);
    options_free(&options);
}

static void verbs_of_tasks_and_threads_take_their_options(void **state)
{
    (void)state;
    char line[] = "tasks 1 --for 2s --executor-deadline 1m --limit 3";
    struct options options;
    assert_null(parse(line, &options));
    assert_int_equal(options.executor_deadline_ms, 60000);
    options_free(&options);
    char native[] = "threads 1 --native";
    assert_null(parse(native, &options));
    assert_true(options.native);
    options_free(&options);
    refuses("tasks 1 --native", "does not take --native", "steth tasks --help");
    refuses("gc 1 --executor-deadline 2s", "does not take --executor-deadline", "steth gc --help");
    refuses("check 1 --executor-deadline 2h", "--executor-deadline", "500ms");
    refuses("zombies 1 --pause --consistent", "do not go together", "--consistent");
}

static void lines_of_help_fit_a_terminal(void **state)
{
    (void)state;
    char *text = NULL;
    size_t size = 0, count;
    FILE *out = open_memstream(&text, &size);
    assert_non_null(out);
    const struct verb *verbs = verbs_all(&count);
    verb_print_help(out, NULL);
    for (size_t i = 0; i < count; i++)
        verb_print_help(out, &verbs[i]);
    fclose(out);
    for (const char *line = text; *line; line += strcspn(line, "\n") + 1)
        assert_true(strcspn(line, "\n") <= 80);
    free(text);
}

static void json_is_known_even_when_the_error_comes_first(void **state)
{
    (void)state;
    char line[] = "--nonsense --json";
    struct options options;
    struct error *error = parse(line, &options);
    assert_non_null(error);
    assert_true(options.json);
    error_free(error);
    options_free(&options);
}

/* Every option is parsed before the verb says that it does not take it. */
static void values_of_options_are_parsed(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        unsigned milliseconds;
    } durations[] = {{"2s", 2000}, {"500ms", 500}, {"1m", 60000}, {"3", 3000}, {"0.5s", 500}};
    for (size_t i = 0; i < sizeof durations / sizeof *durations; i++) {
        char line[48];
        struct options options;
        snprintf(line, sizeof line, "--help --for %s --limit 0", durations[i].text);
        assert_null(parse(line, &options));
        assert_int_equal(options.watch_ms, durations[i].milliseconds);
        assert_int_equal(options.limit, 0);
        options_free(&options);
    }
}

static void only_takes_codes_and_names_of_rules(void **state)
{
    (void)state;
    size_t count;
    const struct rule *rules = rules_all(&count);
    if (count < 2)
        skip();
    char line[128];
    struct options options;
    snprintf(line, sizeof line, "--help --only %s,%s", rules[0].code, rules[1].name);
    assert_null(parse(line, &options));
    assert_int_equal(options.only.count, 2);
    assert_true(options_want_rule(&options, rules[0].code));
    assert_true(options_want_rule(&options, rules[1].code));
    assert_false(options_want_rule(&options, "XXX999"));
    options_free(&options);
    assert_true(options_want_rule(&(struct options){0}, "XXX999"));
}

static void every_verb_is_complete(void **state)
{
    (void)state;
    size_t count;
    const struct verb *verbs = verbs_all(&count);
    for (size_t i = 0; i < count; i++) {
        assert_ptr_equal(verb_find(verbs[i].name), &verbs[i]);
        assert_non_null(strstr(verbs[i].usage, verbs[i].name));
        assert_non_null(strstr(verbs[i].help, "examples:"));
        assert_true(verbs[i].run && verbs[i].min_words <= verbs[i].max_words);
        assert_int_equal(verbs[i].accepts & OPTIONS_COMMON, OPTIONS_COMMON);
    }
}

static void nearest_prefers_few_edits_and_gives_up_on_many(void **state)
{
    (void)state;
    struct nearest nearest = nearest_to("zmobies");
    nearest_offer(&nearest, "list");
    assert_null(nearest.name);
    nearest_offer(&nearest, "zombies");
    nearest_offer(&nearest, "a-name-that-is-much-longer-than-any-name-of-ours");
    assert_string_equal(nearest.name, "zombies");
}

static void names_suggest_an_interpreter_and_its_version(void **state)
{
    (void)state;
    static const struct {
        const char *name, *version;
        bool python;
    } cases[] = {
        {"/usr/bin/python3.11", "3.11", true},
        {"python", "", true},
        {"/opt/python3.12/bin/gunicorn", "", true},
        {"/usr/lib/libpython3.13t.so.1.0", "3.13", false},
        {"/usr/bin/bash", "", false},
        {"python3.", "3", true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char version[16];
        python_version_of_name(cases[i].name, version, sizeof version);
        assert_string_equal(version, cases[i].version);
        assert_int_equal(python_named(cases[i].name), cases[i].python);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_words_the_verb_is_list),
        cmocka_unit_test(options_may_stand_before_and_after_the_verb),
        cmocka_unit_test(after_two_dashes_nothing_is_an_option),
        cmocka_unit_test(help_needs_no_complete_command),
        cmocka_unit_test(a_mistyped_name_is_refused_with_the_nearest),
        cmocka_unit_test(abbreviations_are_not_accepted),
        cmocka_unit_test(an_option_that_a_verb_does_not_take_is_refused),
        cmocka_unit_test(bad_arguments_are_refused_with_what_is_expected),
        cmocka_unit_test(the_order_of_verb_and_pid_is_hinted),
        cmocka_unit_test(output_to_a_dash_is_stdout),
        cmocka_unit_test(verbs_of_tasks_and_threads_take_their_options),
        cmocka_unit_test(lines_of_help_fit_a_terminal),
        cmocka_unit_test(json_is_known_even_when_the_error_comes_first),
        cmocka_unit_test(values_of_options_are_parsed),
        cmocka_unit_test(only_takes_codes_and_names_of_rules),
        cmocka_unit_test(every_verb_is_complete),
        cmocka_unit_test(nearest_prefers_few_edits_and_gives_up_on_many),
        cmocka_unit_test(names_suggest_an_interpreter_and_its_version),
    };
    return cmocka_run_group_tests_name("options", tests, NULL, NULL);
}
