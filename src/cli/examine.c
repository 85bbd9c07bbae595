#include "cli/examine.h"

#include <string.h>

#include "analysis/examination.h"
#include "cli/failure.h"
#include "cli/open.h"
#include "cli/output.h"
#include "cli/verbs.h"
#include "target/capture.h"

static bool wants_rule(const void *context, const char *rule)
{
    return options_want_rule(context, rule);
}

static bool is_answered(const struct report *report, const char *rule)
{
    bool answered = false;
    for (size_t i = 0; i < report->findings.count; i++)
        answered |= strcmp(report->findings.items[i].rule, rule) == 0;
    for (size_t i = 0; i < report->ok.count; i++)
        answered |= strcmp(report->ok.items[i], rule) == 0;
    for (size_t i = 0; i < report->not_checked.count; i++)
        answered |= report->not_checked.items[i].rule &&
                    strcmp(report->not_checked.items[i].rule, rule) == 0;
    return answered;
}

/* What --only names and this verb knows nothing of is not checked; all of it: a mistake. */
static struct error *answer_for_all(const struct options *options, struct report *report)
{
    size_t others = 0;
    for (size_t i = 0; i < options->only.count; i++)
        others += !is_answered(report, options->only.items[i]);
    if (options->only.count && others == options->only.count)
        return error_hint(error_new(ERROR_USAGE, "steth %s checks none of the rules of --only",
                                    options->verb->name),
                          "steth check runs those about processes, steth audit those about source; "
                          "steth explain lists them");
    for (size_t i = 0; i < options->only.count; i++)
        if (!is_answered(report, options->only.items[i]))
            report_add_not_checked(report, options->only.items[i], "not by steth %s",
                                   options->verb->name);
    return NULL;
}

struct error *examine(const struct options *options, const char *word, unsigned parts,
                      struct report *report)
{
    const struct look_options wanted = {
        .pause = options->pause,
        .consistent = options->consistent,
        .generations = parts & EXAMINE_COLLECTOR,
        .seconds = options->watch_ms / 1e3,
        .native = options->native,
        .executor_deadline = options->executor_deadline_ms / 1e3,
        .explain = options->explain,
        .retained = options->retained,
        .path = options->path,
        .dominators = options->dominators,
        .cycles = options->cycles,
        .holders = parts & EXAMINE_HOLDERS,
        .paths = options->limit,
        .values = options->values,
        .checks = wants_rule,
        .context = options,
    };
    struct target *target;
    struct error *error = open_target(options, word, &target);
    if (error)
        return error;
    error = examine_target(target, &wanted, parts, report);
    if (error && target_damage(target).blocks)
        error_hint(error, "the capture %s is damaged: copy it again, or record again", word);
    target_close(target);
    return error ? error : answer_for_all(options, report);
}

int examine_and_render(const struct options *options, unsigned parts,
                       void (*text)(FILE *out, const struct report *report,
                                    const struct text_style *style))
{
    struct report report = {0};
    struct error *error = examine(options, options->words.items[0], parts, &report);
    if (!error)
        error = output_report(options, &report, text);
    int status = report_fails(&report, options->fail_on) ? EXIT_FINDINGS : EXIT_LOOKED;
    report_free(&report);
    return error ? report_error(options, error) : status;
}

int examine_and_render_all(const struct options *options, unsigned parts,
                           void (*text)(FILE *out, const struct report *report,
                                        const struct text_style *style))
{
    struct options all = *options;
    if (!(options->given & OPTION_BIT(OPTION_LIMIT)))
        all.limit = 0;
    return examine_and_render(&all, parts, text);
}
