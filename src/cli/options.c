#include "cli/options.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/nearest.h"
#include "cli/option_rows.h"
#include "cli/verbs.h"

#define LONG_OPTION 0x100 /* getopt's value of an option is LONG_OPTION + enum option_id */

static struct error *unknown_option(const char *word)
{
    struct nearest nearest = nearest_to(word + strspn(word, "-"));
    for (size_t i = 0; i < OPTION_COUNT; i++)
        nearest_offer(&nearest, option_rows[i].name);
    struct error *error = error_new(ERROR_USAGE, "there is no option %s", word);
    if (nearest.name)
        return error_hint(error, "did you mean --%s? all options: steth --help", nearest.name);
    return error_hint(error, "all options: steth --help");
}

/* The name of a long option as typed is whole: getopt_long alone would accept abbreviations. */
static bool is_whole_name(const char *word, enum option_id option)
{
    size_t length = strlen(option_rows[option].name);
    return strncmp(word, "--", 2) != 0 ||
           (strncmp(word + 2, option_rows[option].name, length) == 0 &&
            (word[2 + length] == '\0' || word[2 + length] == '='));
}

struct getopt_tables {
    struct option long_options[OPTION_COUNT + 1];
    char letters[2 * OPTION_COUNT + 3];
};

static int arguments_of(int option)
{
    const char *argument = option_rows[option].argument;
    if (!argument)
        return no_argument;
    return argument[0] == '[' ? optional_argument : required_argument;
}

static void build_tables(struct getopt_tables *tables)
{
    /* '-': words come back as option 1, in order; ':': a missing argument comes back as ':'. */
    char *end = stpcpy(tables->letters, "-:");
    for (int i = 0; i < OPTION_COUNT; i++) {
        tables->long_options[i] =
            (struct option){option_rows[i].name, arguments_of(i), NULL, LONG_OPTION + i};
        if (!option_rows[i].letter)
            continue;
        *end++ = option_rows[i].letter;
        if (option_rows[i].argument)
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
    while (i < OPTION_COUNT && option_rows[i].letter != value)
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
        return error_hint(
            error_new(ERROR_USAGE, "--%s needs an argument", option_rows[option].name),
            "--%s %s: %s", option_rows[option].name, option_rows[option].argument,
            option_rows[option].help);
    return option_apply(option, optarg, options);
}

/* --values stands alone, or says so as a word of its own. */
static bool is_yes_or_no(const char *word)
{
    return word && (strcmp(word, "yes") == 0 || strcmp(word, "no") == 0);
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
        if (value == LONG_OPTION + OPTION_VALUES && !optarg && is_yes_or_no(argv[optind]))
            optarg = argv[optind++];
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

static bool is_number(const char *word)
{
    return *word && strspn(word, "0123456789") == strlen(word);
}

/* Takes the verb from the words: none is `list`, a pid or a file is short for `check`. */
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
    if (is_number(word)) {
        options->verb = verb_find("check");
        options->short_check = true;
        return options->verb ? NULL : unknown_verb(word);
    }
    options->verb = verb_find(word);
    if (!options->verb && access(word, F_OK) == 0) {
        options->verb = verb_find("check");
        options->short_check = true;
        return NULL;
    }
    if (!options->verb)
        return unknown_verb(word);
    drop_first_word(options);
    return NULL;
}

/* "steth 4242 zombies" for "steth zombies 4242". */
static struct error *refuse_swapped(const struct options *options)
{
    const struct verb *meant =
        options->words.count == 2 ? verb_find(options->words.items[1]) : NULL;
    if (!options->short_check || !meant || !meant->max_words)
        return NULL;
    return error_hint(error_new(ERROR_USAGE, "the verb comes before the pid"), "steth %s %s",
                      meant->name, options->words.items[0]);
}

/* A core may come with its executable; a process has its own. */
static unsigned most_words(const struct options *options)
{
    const struct verb *verb = options->verb;
    bool process = verb->accepts & OPTIONS_TARGET && options->words.count &&
                   is_number(options->words.items[0]);
    return process && verb->max_words == 2 ? 1 : verb->max_words;
}

static struct error *check_fit(const struct options *options)
{
    const struct verb *verb = options->verb;
    struct error *error = refuse_swapped(options);
    if (error)
        return error;
    for (unsigned i = 0; i < OPTION_COUNT; i++) {
        if (options->given & ~verb->accepts & OPTION_BIT(i))
            return error_hint(error_new(ERROR_USAGE, "steth %s does not take --%s", verb->name,
                                        option_rows[i].name),
                              "what it takes: steth %s --help", verb->name);
    }
    if (options->pause && options->consistent)
        return error_hint(error_new(ERROR_USAGE, "--pause and --consistent do not go together"),
                          "either gives one instant; --consistent stops the program for less long");
    unsigned formats = verb->formats | FORMAT_BIT(FORMAT_TEXT) | FORMAT_BIT(FORMAT_JSON);
    if (!(formats & FORMAT_BIT(options->format)))
        return error_hint(error_new(ERROR_USAGE, "steth %s has no such --format", verb->name), "%s",
                          verb->formats & FORMAT_BIT(FORMAT_MARKDOWN)
                              ? "it has text, json and markdown"
                              : "it has text, json, sarif and github");
    if (options->words.count < verb->min_words)
        error = error_new(ERROR_USAGE, "steth %s needs to be told what: steth %s", verb->name,
                          verb->usage);
    else if (options->words.count > most_words(options))
        error = error_new(ERROR_USAGE, "steth %s does not understand '%s'", verb->name,
                          options->words.items[most_words(options)]);
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
