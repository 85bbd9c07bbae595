#include "cli/options.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "cli/nearest.h"
#include "cli/verbs.h"
#include "finding/rules.h"
#include "os/process.h"

#define LONG_OPTION 0x100 /* getopt's value of an option is LONG_OPTION + enum option_id */

static const struct option_row {
    const char *name;
    const char *argument; /* NULL: takes none */
    const char *help;
    char letter;
} rows[OPTION_COUNT] = {
    [OPTION_JSON] = {"json", NULL, "one JSON object (schema steth/1) on stdout", 0},
    [OPTION_OUTPUT] = {"output", "FILE", "write the results to FILE, whole or not at all", 'o'},
    [OPTION_COLOR] = {"color", "WHEN", "auto (default), always or never; NO_COLOR works too", 0},
    [OPTION_QUIET] = {"quiet", NULL, "less: findings and totals only, no notes on stderr", 'q'},
    [OPTION_VERBOSE] = {"verbose", NULL, "more detail", 'v'},
    [OPTION_ONLY] = {"only", "RULE,...", "only these rules, by code or by name", 0},
    [OPTION_FAIL_ON] = {"fail-on", "LEVEL", "exit 1 from error, warning (default) or info on", 0},
    [OPTION_NO_VALUES] = {"no-values", NULL, "print no values of the program (default)", 0},
    [OPTION_VALUES] = {"values", NULL, "print short values of the program, too", 0},
    [OPTION_LIMIT] = {"limit", "N", "at most N entries of a long list (default 10; 0: all)", 0},
    [OPTION_PAUSE] = {"pause", NULL, "stop the program for one exact look; says for how long", 0},
    [OPTION_FOR] = {"for", "DURATION", "how long to watch: 2s, 500ms, 1m", 0},
    [OPTION_PYTHON] = {"python", "PATH", "the interpreter to run", 0},
    [OPTION_HELP] = {"help", NULL, "this text", 'h'},
    [OPTION_VERSION] = {"version", NULL, "the version of steth", 'V'},
};

static struct error *bad_argument(enum option_id option, const char *argument, const char *expected)
{
    return error_hint(
        error_new(ERROR_USAGE, "--%s does not understand '%s'", rows[option].name, argument), "%s",
        expected);
}

static struct error *parse_choice(enum option_id option, const char *argument,
                                  const char *const *choices, int *choice)
{
    for (int i = 0; choices[i]; i++) {
        if (strcmp(argument, choices[i]) == 0) {
            *choice = i;
            return NULL;
        }
    }
    _cleanup_free_ char *expected = NULL;
    if (asprintf(&expected, "it takes %s, %s or %s", choices[0], choices[1], choices[2]) < 0)
        return error_no_memory();
    return bad_argument(option, argument, expected);
}

static struct error *parse_limit(const char *argument, size_t *limit)
{
    errno = 0;
    unsigned long number = strtoul(argument, NULL, 10);
    if (errno || !*argument || strspn(argument, "0123456789") != strlen(argument))
        return bad_argument(OPTION_LIMIT, argument, "it takes a number; 0 means all");
    *limit = number;
    return NULL;
}

static struct error *parse_duration(const char *argument, unsigned *milliseconds)
{
    static const struct {
        const char *name;
        double factor;
    } units[] = {{"ms", 1}, {"s", 1000}, {"m", 60000}, {"", 1000}};
    char *end;
    double number = strtod(argument, &end);
    bool plain = strspn(argument, "0123456789.") == (size_t)(end - argument) && end != argument;
    for (size_t i = 0; plain && i < sizeof units / sizeof *units; i++) {
        double exact = number * units[i].factor;
        if (strcmp(end, units[i].name) == 0 && exact > 0 && exact < INT_MAX) {
            unsigned whole = (unsigned)exact;
            *milliseconds = whole < exact ? whole + 1 : whole;
            return NULL;
        }
    }
    return bad_argument(OPTION_FOR, argument, "it takes a duration such as 2s, 500ms or 1m");
}

static struct error *unknown_rule(const char *word)
{
    struct nearest nearest = nearest_to(word);
    size_t count;
    const struct rule *rules = rules_all(&count);
    for (size_t i = 0; i < count; i++) {
        nearest_offer(&nearest, rules[i].code);
        nearest_offer(&nearest, rules[i].name);
    }
    struct error *error = error_new(ERROR_USAGE, "there is no rule '%s'", word);
    if (nearest.name)
        return error_hint(error, "did you mean %s? all rules: steth explain", nearest.name);
    return error_hint(error, "all rules: steth explain");
}

static struct error *parse_only(const char *argument, struct options *options)
{
    _cleanup_free_ char *list = strdup(argument);
    if (!list)
        return error_no_memory();
    char *rest = NULL;
    for (char *word = strtok_r(list, ", ", &rest); word; word = strtok_r(NULL, ", ", &rest)) {
        const struct rule *rule = rule_find(word);
        if (!rule || rule->kind != RULE_KIND_RULE)
            return unknown_rule(word);
        if (!vector_push(&options->only, rule->code))
            return error_no_memory();
    }
    if (!options->only.count)
        return bad_argument(OPTION_ONLY, argument, "it takes rules, as in --only RES001,GC001");
    return NULL;
}

static struct error *apply(enum option_id option, const char *argument, struct options *options)
{
    static const char *const colors[] = {"auto", "always", "never", NULL};
    static const char *const severities[] = {"info", "warning", "error", NULL};
    struct error *error = NULL;
    int choice = 0;
    options->given |= OPTION_BIT(option);
    switch (option) {
    case OPTION_JSON:
        options->json = true;
        break;
    case OPTION_OUTPUT:
        options->output_path = argument;
        break;
    case OPTION_COLOR:
        error = parse_choice(option, argument, colors, &choice);
        options->color = (enum color_choice)choice;
        break;
    case OPTION_QUIET:
        options->quiet = true;
        break;
    case OPTION_VERBOSE:
        options->verbose++;
        break;
    case OPTION_ONLY:
        return parse_only(argument, options);
    case OPTION_FAIL_ON:
        error = parse_choice(option, argument, severities, &choice);
        options->fail_on = (enum severity)choice;
        break;
    case OPTION_VALUES:
    case OPTION_NO_VALUES:
        options->values = option == OPTION_VALUES;
        break;
    case OPTION_LIMIT:
        return parse_limit(argument, &options->limit);
    case OPTION_PAUSE:
        options->pause = true;
        break;
    case OPTION_FOR:
        return parse_duration(argument, &options->watch_ms);
    case OPTION_PYTHON:
        options->python = argument;
        break;
    case OPTION_HELP:
    case OPTION_VERSION:
    case OPTION_COUNT:
        break;
    }
    return error;
}

static struct error *unknown_option(const char *word)
{
    struct nearest nearest = nearest_to(word + strspn(word, "-"));
    for (size_t i = 0; i < OPTION_COUNT; i++)
        nearest_offer(&nearest, rows[i].name);
    struct error *error = error_new(ERROR_USAGE, "there is no option %s", word);
    if (nearest.name)
        return error_hint(error, "did you mean --%s? all options: steth --help", nearest.name);
    return error_hint(error, "all options: steth --help");
}

/* The name of a long option as typed is whole: getopt_long alone would accept abbreviations. */
static bool is_whole_name(const char *word, enum option_id option)
{
    size_t length = strlen(rows[option].name);
    return strncmp(word, "--", 2) != 0 || (strncmp(word + 2, rows[option].name, length) == 0 &&
                                           (word[2 + length] == '\0' || word[2 + length] == '='));
}

struct getopt_tables {
    struct option long_options[OPTION_COUNT + 1];
    char letters[2 * OPTION_COUNT + 3];
};

static void build_tables(struct getopt_tables *tables)
{
    /* '-': words come back as option 1, in order; ':': a missing argument comes back as ':'. */
    char *end = stpcpy(tables->letters, "-:");
    for (int i = 0; i < OPTION_COUNT; i++) {
        tables->long_options[i] =
            (struct option){rows[i].name, rows[i].argument ? required_argument : no_argument, NULL,
                            LONG_OPTION + i};
        if (!rows[i].letter)
            continue;
        *end++ = rows[i].letter;
        if (rows[i].argument)
            *end++ = ':';
    }
    *end = '\0';
    tables->long_options[OPTION_COUNT] = (struct option){0};
}

static enum option_id option_of(int value)
{
    if (value >= LONG_OPTION)
        return (enum option_id)(value - LONG_OPTION);
    int i = 0;
    while (i < OPTION_COUNT && rows[i].letter != value)
        i++;
    return (enum option_id)i;
}

static struct error *take_one(int value, const char *typed, struct options *options)
{
    if (value == 1)
        return vector_push(&options->words, optarg) ? NULL : error_no_memory();
    enum option_id option = option_of(value == ':' ? optopt : value);
    if (option == OPTION_COUNT) {
        char letter[] = {'-', (char)optopt, '\0'};
        return unknown_option(optopt > 0 && optopt < LONG_OPTION ? letter : typed);
    }
    if (!is_whole_name(typed, option))
        return unknown_option(typed);
    if (value == ':')
        return error_hint(error_new(ERROR_USAGE, "--%s needs an argument", rows[option].name),
                          "--%s %s: %s", rows[option].name, rows[option].argument,
                          rows[option].help);
    return apply(option, optarg, options);
}

static struct error *take_all(int argc, char **argv, struct options *options)
{
    struct getopt_tables tables;
    build_tables(&tables);
    opterr = 0;
    optind = 0; /* glibc: start afresh */
    for (;;) {
        const char *typed = argv[optind ? optind : 1];
        int value = getopt_long(argc, argv, tables.letters, tables.long_options, NULL);
        if (value == -1)
            break;
        struct error *error = take_one(value, typed, options);
        if (error)
            return error;
    }
    for (int i = optind; i < argc; i++) {
        if (!vector_push(&options->words, argv[i]))
            return error_no_memory();
    }
    return NULL;
}

static void drop_first_word(struct options *options)
{
    options->words.count--;
    memmove(options->words.items, options->words.items + 1,
            options->words.count * sizeof *options->words.items);
}

static struct error *unknown_verb(const char *word)
{
    struct nearest nearest = nearest_to(word);
    size_t count;
    const struct verb *verbs = verbs_all(&count);
    for (size_t i = 0; i < count; i++)
        nearest_offer(&nearest, verbs[i].name);
    struct error *error = error_new(ERROR_USAGE, "there is no verb '%s'", word);
    if (nearest.name)
        return error_hint(error, "did you mean steth %s? all verbs: steth --help", nearest.name);
    return error_hint(error, "all verbs: steth --help");
}

/* Takes the verb from the words: none is `list`, a pid is short for `check`. */
static struct error *choose_verb(struct options *options)
{
    if (options->words.count && strcmp(options->words.items[0], "help") == 0) {
        options->given |= OPTION_BIT(OPTION_HELP);
        drop_first_word(options);
    }
    if (!options->words.count) {
        bool general = options->given & OPTION_BIT(OPTION_HELP);
        options->verb = general ? NULL : verb_find("list");
        return NULL;
    }
    const char *word = options->words.items[0];
    if (*word && strspn(word, "0123456789") == strlen(word)) {
        options->verb = verb_find("check");
        return options->verb ? NULL : unknown_verb(word);
    }
    options->verb = verb_find(word);
    if (!options->verb)
        return unknown_verb(word);
    drop_first_word(options);
    return NULL;
}

static struct error *check_fit(const struct options *options)
{
    const struct verb *verb = options->verb;
    for (unsigned i = 0; i < OPTION_COUNT; i++) {
        if (options->given & ~verb->accepts & OPTION_BIT(i))
            return error_hint(
                error_new(ERROR_USAGE, "steth %s does not take --%s", verb->name, rows[i].name),
                "what it takes: steth %s --help", verb->name);
    }
    struct error *error = NULL;
    if (options->words.count < verb->min_words)
        error = error_new(ERROR_USAGE, "steth %s needs a PID: steth %s", verb->name, verb->usage);
    else if (options->words.count > verb->max_words)
        error = error_new(ERROR_USAGE, "steth %s does not understand '%s'", verb->name,
                          options->words.items[verb->max_words]);
    return error ? error_hint(error, "how to call it: steth %s --help", verb->name) : NULL;
}

struct error *options_parse(int argc, char **argv, struct options *options)
{
    *options = (struct options){.fail_on = SEVERITY_WARNING, .limit = OPTIONS_DEFAULT_LIMIT};
    /* An error in what comes before --json is to be said as JSON, too. */
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
        options->json |= strcmp(argv[i], "--json") == 0;
    struct error *error = take_all(argc, argv, options);
    if (error || options->given & OPTION_BIT(OPTION_VERSION))
        return error;
    error = choose_verb(options);
    if (error || options->given & OPTION_BIT(OPTION_HELP))
        return error;
    return check_fit(options);
}

void options_free(struct options *options)
{
    vector_free(&options->words);
    vector_free(&options->only);
}

bool options_want_rule(const struct options *options, const char *code)
{
    for (size_t i = 0; i < options->only.count; i++) {
        if (strcmp(options->only.items[i], code) == 0)
            return true;
    }
    return options->only.count == 0;
}

void options_print_help(FILE *out, unsigned accepts)
{
    for (int i = 0; i < OPTION_COUNT; i++) {
        const struct option_row *row = &rows[i];
        if (!(accepts & OPTION_BIT(i)))
            continue;
        char left[40];
        snprintf(left, sizeof left, "--%s%s%s", row->name, row->argument ? " " : "",
                 row->argument ? row->argument : "");
        if (row->letter)
            fprintf(out, "  -%c, %-18s  %s\n", row->letter, left, row->help);
        else
            fprintf(out, "      %-18s  %s\n", left, row->help);
    }
}
