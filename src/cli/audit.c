/* steth audit: source instead of a process. */
#include "audit/audit.h"
#include "audit/lockfile.h"

#include <unistd.h>

#include "cli/failure.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "cli/settings.h"
#include "cli/verbs.h"
#include "render/text.h"

/* Memory that is not freed, where nobody asks for it, leaves with the process. */
#if defined(__SANITIZE_ADDRESS__)
#define FREES true
#else
#define FREES false
#endif

/* The command line, and the settings for what it does not say. */
struct wishes {
    const struct options *options;
    struct settings settings;
};

static bool wants_rule(const void *context, const char *rule)
{
    const struct wishes *wishes = context;
    const struct settings *settings = &wishes->settings;
    if (wishes->options->only.count)
        return options_want_rule(wishes->options, rule);
    return !settings_ignore(settings, rule) &&
           (!settings->only.count || settings_only(settings, rule));
}

static bool is_excluded(const void *context, const char *path)
{
    return settings_exclude(&((const struct wishes *)context)->settings, path);
}

static enum severity fail_on(const struct wishes *wishes)
{
    bool given = wishes->options->given & OPTION_BIT(OPTION_FAIL_ON);
    return !given && wishes->settings.has_fail_on ? wishes->settings.fail_on
                                                  : wishes->options->fail_on;
}

static void show_progress(void *context, size_t done, size_t total)
{
    char note[64];
    snprintf(note, sizeof note, "%zu of %zu files", done, total);
    if (total)
        progress_show(context, "reading", (double)done / (double)total, note);
}

int verb_audit(const struct options *options)
{
    static const char *const here[] = {"."};
    struct progress progress = progress_begin();
    bool shows = isatty(STDERR_FILENO) && !options->quiet;
    struct wishes wishes = {.options = options};
    struct audit_options wanted = {
        .paths = options->words.count ? options->words.items : here,
        .path_count = options->words.count ? options->words.count : 1,
        .python = options->python,
        .site = options->site,
        .classes = options->classes,
        .lock = options->lock || !options->verify ? options->lock : LOCKFILE_NAME,
        .verify = options->verify,
        .explain = options->explain,
        .what_if = options->what_if,
        .checks = wants_rule,
        .context = &wishes,
        .excludes = is_excluded,
        .progress = shows ? show_progress : NULL,
        .progress_context = &progress,
        .ends = !FREES,
    };
    struct report report = {0};
    struct error *error = NULL;
    if (options->explain && options->what_if)
        error = error_new(ERROR_USAGE, "--explain and --what-if do not go together");
    if ((options->explain || options->what_if) && wanted.lock && !error)
        error = error_new(ERROR_USAGE, "--lock and --verify are about all classes: leave --explain "
                                       "and --what-if out");
    if (!error)
        error = settings_find(wanted.paths[0], &wishes.settings);
    if (!options->python)
        wanted.python = wishes.settings.python;
    if (!error)
        error = audit_run(&wanted, &report);
    settings_suppress(&wishes.settings, &report);
    progress_end(&progress);
    if (!error)
        error = output_report(options, &report, render_text_audit);
    int status = report_fails(&report, fail_on(&wishes)) ? EXIT_FINDINGS : EXIT_LOOKED;
    report_free(&report);
    settings_free(&wishes.settings);
    return error ? report_error(options, error) : status;
}
