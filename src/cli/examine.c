#include "cli/examine.h"

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
    if (!error && options->only.count && !report->findings.count && !report->ok.count &&
        !report->not_checked.count)
        error = error_hint(error_new(ERROR_USAGE, "steth %s checks none of the rules of --only",
                                     options->verb->name),
                           "steth check runs every rule; steth explain lists them");
    return error;
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
