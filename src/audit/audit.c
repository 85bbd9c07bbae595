#include "audit/audit_internal.h"

#include <stdlib.h>
#include <string.h>

#include "analysis/classes.h"
#include "audit/rule.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/text.h"

/* ---- files ----------------------------------------------------------------------------------- */

/* The path of the command line that a file was found below; NULL: the file itself was named. */
static const char *top_of(const struct audit_options *options, const char *path)
{
    for (size_t i = 0; i < options->path_count; i++) {
        const char *top = options->paths[i];
        size_t length = strlen(top);
        while (length > 1 && top[length - 1] == '/')
            length--;
        if (strncmp(path, top, length) == 0 && (path[length] == '/' || top[length - 1] == '/') &&
            top[length] == '\0')
            return top;
    }
    return NULL;
}

static struct error *name_files(struct audit *audit)
{
    for (size_t i = 0; i < audit->files.count; i++) {
        const struct audited_file *file = &audit->files.items[i];
        uint32_t number = MODULES_NONE;
        if (!file->problem) {
            number =
                modules_add_file(&audit->modules, file->path, top_of(audit->options, file->path));
            if (number == MODULES_NONE)
                return error_no_memory();
        }
        if (!vector_push(&audit->entries, number))
            return error_no_memory();
    }
    return NULL;
}

/* ---- the whole ------------------------------------------------------------------------------- */

static struct error *open_audit(struct audit *audit)
{
    const struct audit_options *options = audit->options;
    const char *project = options->path_count ? options->paths[0] : ".";
    struct error *error = files_collect(options->paths, options->path_count, &audit->files);
    if (options->excludes)
        files_leave_out(&audit->files, options->excludes, options->context);
    if (!error)
        error = environment_find(&audit->environment, options->python, options->site, project);
    if (!error)
        error = modules_open(&audit->modules, &audit->environment);
    if (error)
        return error;
    struct class_rules rules = class_rules_for(audit->environment.minor);
    audit->hierarchy = hierarchy_new(&rules);
    if (!audit->hierarchy)
        return error_no_memory();
    error = resolver_open(&audit->resolver, &audit->modules, audit->hierarchy,
                          audit->environment.minor);
    return error ? error : name_files(audit);
}

static void describe(const struct audit *audit, double started)
{
    struct target_section *target = &audit->report->target;
    target->kind = "source";
    target->python = text_format("3.%u", audit->environment.minor);
    target->executable =
        audit->environment.executable ? strdup(audit->environment.executable) : NULL;
    target->files = audit->files.count;
    target->lines = audit->lines;
    target->read_bytes = audit->bytes;
    target->read_ms = monotonic_milliseconds() - started;
}

static void close_audit(struct audit *audit)
{
    resolver_close(&audit->resolver);
    hierarchy_free(audit->hierarchy);
    modules_close(&audit->modules);
    environment_free(&audit->environment);
    files_free(&audit->files);
    vector_free(&audit->entries);
    suppressions_free(&audit->comments);
}

struct error *audit_run(const struct audit_options *options, struct report *report)
{
    double started = monotonic_milliseconds();
    struct audit audit = {.options = options, .report = report};
    struct error *error = open_audit(&audit);
    if (!error && (options->explain || options->what_if)) {
        error = audit_judge_one(&audit);
    } else if (!error && !audit.files.count && !options->lock) {
        report_add_not_checked(report, NULL, "there is no file of Python source to read");
    } else if (!error) {
        error = audit_read_files(&audit);
        if (!error)
            audit_add_paths(&audit);
        if (!error)
            error = audit_read_ahead(&audit);
        if (!error)
            error = audit_judge_all(&audit);
    }
    if (!error)
        describe(&audit, started);
    if (!options->ends)
        close_audit(&audit);
    return error;
}
