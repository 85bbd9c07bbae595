#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "cli/nearest.h"
#include "cli/option_rows.h"
#include "finding/rules.h"

static struct error *bad_argument(enum option_id option, const char *argument, const char *expected)
{
    return error_hint(
        error_new(ERROR_USAGE, "--%s does not understand '%s'", option_rows[option].name, argument),
        "%s", expected);
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
    _cleanup_free_ char *expected = text_format("it takes %s", choices[0]);
    for (int i = 1; expected && choices[i]; i++) {
        char *shorter = expected;
        expected = text_format("%s%s%s", shorter, choices[i + 1] ? ", " : " or ", choices[i]);
        free(shorter);
    }
    return expected ? bad_argument(option, argument, expected) : error_no_memory();
}

static struct error *parse_output(const char *argument, const char **path)
{
    if (!*argument)
        return error_new(ERROR_USAGE, "-o needs the name of a file, or - for standard output");
    *path = strcmp(argument, "-") == 0 ? NULL : argument;
    return NULL;
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

static struct error *parse_duration(enum option_id option, const char *argument,
                                    unsigned *milliseconds)
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
    return bad_argument(option, argument, "it takes a duration such as 2s, 500ms or 1m");
}

static struct error *parse_size(const char *argument, uint64_t *bytes)
{
    static const char units[] = "kMGT";
    char *end;
    double number = strtod(argument, &end);
    bool plain = strspn(argument, "0123456789.") == (size_t)(end - argument) && end != argument;
    const char *unit = *end ? strchr(units, *end == 'K' ? 'k' : *end) : NULL;
    for (const char *at = units; unit && at <= unit; at++)
        number *= 1024;
    end += unit ? 1 : 0;
    if (!plain || (*end && strcmp(end, "iB") != 0 && strcmp(end, "B") != 0) || number < 1 ||
        number > 1e18)
        return bad_argument(OPTION_MAX_SIZE, argument, "it takes a size such as 500M or 2G");
    *bytes = (uint64_t)number;
    return NULL;
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

/* What an option without an argument sets; NULL: more than that. */
static bool *flag_of(enum option_id option, struct options *options)
{
    switch (option) {
    case OPTION_QUIET:
        return &options->quiet;
    case OPTION_PAUSE:
        return &options->pause;
    case OPTION_CONSISTENT:
        return &options->consistent;
    case OPTION_NATIVE:
        return &options->native;
    case OPTION_CLASSES:
        return &options->classes;
    case OPTION_VERIFY:
        return &options->verify;
    case OPTION_RETAINED:
        return &options->retained;
    case OPTION_DOMINATORS:
        return &options->dominators;
    case OPTION_CYCLES:
        return &options->cycles;
    case OPTION_ESTIMATE:
        return &options->estimate;
    default:
        return NULL;
    }
}

/* Where an argument that is taken as it stands goes; NULL: it has to be read. */
static const char **text_of(enum option_id option, struct options *options)
{
    switch (option) {
    case OPTION_PYTHON:
        return &options->python;
    case OPTION_EXPLAIN:
        return &options->explain;
    case OPTION_EXECUTABLE:
        return &options->executable;
    case OPTION_SYSROOT:
        return &options->sysroot;
    case OPTION_SITE:
        return &options->site;
    case OPTION_WHAT_IF:
        return &options->what_if;
    case OPTION_LOCK:
        return &options->lock;
    case OPTION_PATH:
        return &options->path;
    default:
        return NULL;
    }
}

struct error *option_apply(enum option_id option, const char *argument, struct options *options)
{
    static const char *const colors[] = {"auto", "always", "never", NULL};
    static const char *const formats[] = {"text", "json", "sarif", "github", "markdown", NULL};
    static const char *const yes_or_no[] = {"yes", "no", NULL};
    static const char *const severities[] = {"info", "warning", "error", NULL};
    struct error *error = NULL;
    int choice = 0;
    bool *flag = flag_of(option, options);
    const char **text = text_of(option, options);
    options->given |= OPTION_BIT(option);
    if (flag)
        *flag = true;
    if (text)
        *text = argument;
    switch (option) {
    case OPTION_JSON:
        options->json = true;
        options->format = FORMAT_JSON;
        break;
    case OPTION_FORMAT:
        error = parse_choice(option, argument, formats, &choice);
        options->format = (enum output_format)choice;
        options->json = options->format == FORMAT_JSON;
        break;
    case OPTION_OUTPUT:
        return parse_output(argument, &options->output_path);
    case OPTION_COLOR:
        error = parse_choice(option, argument, colors, &choice);
        options->color = (enum color_choice)choice;
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
        if (argument)
            error = parse_choice(option, argument, yes_or_no, &choice);
        options->values = !choice;
        break;
    case OPTION_NO_VALUES:
        options->values = false;
        break;
    case OPTION_MAX_SIZE:
        return parse_size(argument, &options->max_bytes);
    case OPTION_LIMIT:
        return parse_limit(argument, &options->limit);
    case OPTION_FOR:
        return parse_duration(option, argument, &options->watch_ms);
    case OPTION_EXECUTOR_DEADLINE:
        return parse_duration(option, argument, &options->executor_deadline_ms);
    default:
        break;
    }
    return error;
}
