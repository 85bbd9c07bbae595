/* steth diff: what changed from one look to another, at processes, captures or cores. */
#include "analysis/diff.h"

#include <string.h>
#include <time.h>

#include "cli/examine.h"
#include "cli/failure.h"
#include "cli/output.h"
#include "cli/verbs.h"
#include "os/process.h"
#include "render/text.h"
#include "target/capture.h"

#define INTERVAL_MS 10000 /* between two looks at one process, unless --for says otherwise */

#define PARTS (EXAMINE_ALL | EXAMINE_HEAP | EXAMINE_HOLDERS | EXAMINE_DESCRIPTORS)

typedef VECTOR(const char *) word_vector;

/* A pid alone is looked at twice. */
static struct error *choose_looks(const struct options *options, word_vector *words)
{
    pid_t pid;
    for (size_t i = 0; i < options->words.count; i++)
        if (!vector_push(words, options->words.items[i]))
            return error_no_memory();
    if (words->count > 1)
        return NULL;
    if (!process_parse_pid(words->items[0], &pid))
        return error_hint(
            error_new(ERROR_USAGE, "with what is '%s' to be compared?", words->items[0]),
            "steth diff %s OTHER, the earlier one first", words->items[0]);
    return vector_push(words, words->items[0]) ? NULL : error_no_memory();
}

static bool was_before(const word_vector *words, size_t index)
{
    pid_t pid;
    if (!process_parse_pid(words->items[index], &pid))
        return false;
    for (size_t i = 0; i < index; i++)
        if (strcmp(words->items[i], words->items[index]) == 0)
            return true;
    return false;
}

static void wait_between(const struct options *options)
{
    unsigned ms = options->watch_ms ? options->watch_ms : INTERVAL_MS;
    if (!options->quiet)
        fprintf(stderr, "steth: looking again in %.1f s\n", ms / 1e3);
    struct timespec left = {ms / 1000, (long)(ms % 1000) * 1000000};
    while (nanosleep(&left, &left) != 0)
        continue;
}

static bool any_process(const struct options *options)
{
    pid_t pid;
    for (size_t i = 0; i < options->words.count; i++)
        if (process_parse_pid(options->words.items[i], &pid))
            return true;
    return false;
}

/* One look, with the options that fit the target. */
static struct error *look(const struct options *options, const char *word, struct report *report)
{
    struct options one = *options;
    pid_t pid;
    bool process = process_parse_pid(word, &pid);
    one.words.items = &word;
    one.words.count = 1;
    one.given &= ~OPTION_BIT(OPTION_FOR);
    one.watch_ms = 0;
    if (process || capture_recognise(word))
        one.executable = one.sysroot = NULL;
    if (!process && any_process(options)) {
        one.given &= ~(OPTION_BIT(OPTION_PAUSE) | OPTION_BIT(OPTION_CONSISTENT));
        one.pause = one.consistent = false;
    }
    return examine(&one, word, PARTS, report);
}

static struct error *look_at_all(const struct options *options, const word_vector *words,
                                 struct report *reports)
{
    for (size_t i = 0; i < words->count; i++) {
        if (was_before(words, i))
            wait_between(options);
        struct error *error = look(options, words->items[i], &reports[i]);
        if (error)
            return error;
    }
    return NULL;
}

static struct error *compare(const word_vector *words, struct report *reports)
{
    VECTOR(const struct report *) earlier = {0};
    struct error *error = NULL;
    for (size_t i = 0; i + 1 < words->count && !error; i++)
        if (!vector_push(&earlier, &reports[i]))
            error = error_no_memory();
    struct report *last = &reports[words->count - 1];
    if (!error)
        error = diff_reports(earlier.items, earlier.count, words->items, last);
    vector_free(&earlier);
    /* The page is about the difference, not about the last look. */
    last->has_zombies = last->has_gc = last->has_loops = last->has_tasks = false;
    last->has_threads = last->has_heap = last->has_descriptors = false;
    return error;
}

int verb_diff(const struct options *options)
{
    word_vector words = {0};
    int status = EXIT_LOOKED;
    struct error *error = choose_looks(options, &words);
    struct report *reports = calloc(words.count + 1, sizeof *reports);
    if (!error && !reports)
        error = error_no_memory();
    if (!error)
        error = look_at_all(options, &words, reports);
    if (!error)
        error = compare(&words, reports);
    if (!error) {
        const struct report *last = &reports[words.count - 1];
        error = output_report(options, last, render_text_diff);
        bool grew = last->diff.grew && options->fail_on <= SEVERITY_WARNING;
        status = grew || report_fails(last, options->fail_on) ? EXIT_FINDINGS : EXIT_LOOKED;
    }
    for (size_t i = 0; reports && i < words.count; i++)
        report_free(&reports[i]);
    free(reports);
    vector_free(&words);
    return error ? report_error(options, error) : status;
}
