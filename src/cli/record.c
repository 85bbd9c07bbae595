/* steth record: a capture of a process that every reading verb takes in its place. */
#include "record/record.h"

#include <inttypes.h>
#include <math.h>
#include <unistd.h>

#include "cli/failure.h"
#include "cli/open.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "cli/verbs.h"
#include "cli/whole_file.h"

/* A sample may be off by so much; what then is too much is found out when it is written. */
#define ESTIMATE_MARGIN 1.25

#define MEBIBYTE 1048576.0

static void show_progress(void *context, uint64_t done, uint64_t total)
{
    char note[64];
    snprintf(note, sizeof note, "%.0f of %.0f MiB", (double)done / MEBIBYTE,
             (double)total / MEBIBYTE);
    if (total)
        progress_show(context, "recording", (double)done / (double)total, note);
}

/* ---- the result ------------------------------------------------------------------------------ */

/* Where people read: the capture itself may be what goes to standard output. */
static FILE *told_to(const struct options *options)
{
    return options->output_path ? options->out : stderr;
}

static struct error *tell_json(const struct options *where, json_t *record)
{
    json_t *object = output_envelope();
    json_object_set_new(object, "record", record);
    return output_json(where, object);
}

static struct error *tell_estimate(const struct options *options,
                                   const struct record_estimate *estimate)
{
    if (options->json)
        return tell_json(options,
                         json_pack("{s:I, s:I}", "estimated_memory_bytes",
                                   (json_int_t)estimate->memory_bytes, "estimated_file_bytes",
                                   (json_int_t)estimate->file_bytes));
    fprintf(options->out, "about %.1f MiB, from %.1f MiB of memory; nothing was recorded\n",
            (double)estimate->file_bytes / MEBIBYTE, (double)estimate->memory_bytes / MEBIBYTE);
    return NULL;
}

static struct error *tell_result(const struct options *options, bool values,
                                 const struct record_result *result)
{
    struct options where = *options;
    where.out = told_to(options);
    if (options->json)
        return tell_json(
            &where,
            json_pack("{s:s?, s:I, s:I, s:I, s:b, s:f, s:f, s:f, s:f, s:I, s:I, s:I}", "file",
                      options->output_path, "file_bytes", (json_int_t)result->file_bytes,
                      "memory_bytes", (json_int_t)result->memory_bytes, "changed_bytes",
                      (json_int_t)result->changed_bytes, "values", values, "paused_ms",
                      result->paused_ms, "copy_ms", result->copy_ms, "interval_ms",
                      result->interval_ms, "total_ms", result->total_ms, "collections",
                      (json_int_t)result->collections, "torn_pages", (json_int_t)result->torn_pages,
                      "threads", (json_int_t)result->threads));
    if (options->quiet)
        return NULL;
    fprintf(where.out,
            "%s: %.1f MiB, from %.1f MiB of memory%s, in %.2f s\n"
            "paused: %.1f ms; memory copied in %.1f ms, %" PRIu64
            " collections meanwhile; second look %.0f ms later: %.1f MiB changed\n",
            options->output_path ? options->output_path : "capture",
            (double)result->file_bytes / MEBIBYTE, (double)result->memory_bytes / MEBIBYTE,
            values ? "" : ", without values", result->total_ms / 1e3, result->paused_ms,
            result->copy_ms, result->collections, result->interval_ms,
            (double)result->changed_bytes / MEBIBYTE);
    return NULL;
}

/* ---- the verb -------------------------------------------------------------------------------- */

static struct error *check_room(const struct options *options,
                                const struct record_estimate *estimate)
{
    double wanted = (double)estimate->file_bytes, most = (double)options->max_bytes;
    double room = options->output_path ? (double)whole_file_room(options->output_path) : INFINITY;
    if (most > 0 && wanted / ESTIMATE_MARGIN > most)
        return error_hint(error_new(ERROR_CANNOT_LOOK,
                                    "the capture would take about %.1f MiB, --max-size is %.1f MiB",
                                    wanted / MEBIBYTE, most / MEBIBYTE),
                          "allow more with --max-size");
    if (wanted * ESTIMATE_MARGIN > room)
        return error_hint(
            error_new(ERROR_CANNOT_LOOK,
                      "the capture would take about %.1f MiB; there is room for %.1f MiB",
                      wanted / MEBIBYTE, room / MEBIBYTE),
            "write it elsewhere: -o");
    if (isatty(STDERR_FILENO) && !options->quiet)
        fprintf(stderr, "recording about %.1f MiB from %.1f MiB of memory\n", wanted / MEBIBYTE,
                (double)estimate->memory_bytes / MEBIBYTE);
    return NULL;
}

static struct error *write_capture(const struct options *options, struct recording *recording,
                                   struct record_result *result)
{
    struct whole_file whole;
    struct error *error = whole_file_begin(&whole, options->output_path);
    if (error)
        return error;
    error = recording_run(recording, whole.file, result);
    if (!error)
        return whole_file_finish(&whole);
    whole_file_abandon(&whole);
    return error;
}

static struct error *record(const struct options *options, struct target *target)
{
    struct progress progress = progress_begin();
    bool bar = isatty(STDERR_FILENO) && !options->quiet;
    const bool values = !(options->given & OPTION_BIT(OPTION_NO_VALUES)) &&
                        (options->values || !(options->given & OPTION_BIT(OPTION_VALUES)));
    const struct record_options wanted = {
        .pause = options->pause,
        .consistent = options->consistent,
        .values = values,
        .max_bytes = options->max_bytes,
        .progress = bar ? show_progress : NULL,
        .context = &progress,
    };
    struct recording *recording;
    struct record_estimate estimate;
    struct record_result result;
    struct error *error = recording_begin(target, &wanted, &recording);
    if (error)
        return error;
    error = recording_estimate(recording, &estimate);
    if (!error && options->estimate)
        error = tell_estimate(options, &estimate);
    else if (!error) {
        error = check_room(options, &estimate);
        if (!error)
            error = write_capture(options, recording, &result);
        progress_end(&progress);
        if (!error)
            error = tell_result(options, values, &result);
    }
    recording_end(recording);
    return error;
}

int verb_record(const struct options *options)
{
    struct target *target = NULL;
    struct error *error = NULL;
    if (!(options->given & OPTION_BIT(OPTION_OUTPUT)) && !options->estimate)
        error = error_hint(error_new(ERROR_USAGE, "steth record needs -o FILE"),
                           "steth record %s -o app.steth; -o - writes to standard output",
                           options->words.items[0]);
    if (!error)
        error = open_target(options, options->words.items[0], &target);
    if (!error && !target_is_live(target))
        error = error_new(ERROR_USAGE, "only a running process can be recorded");
    if (!error)
        error = record(options, target);
    target_close(target);
    return error ? report_error(options, error) : EXIT_LOOKED;
}
