#include "cli/failure.h"

#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cli/output.h"
#include "os/process.h"
#include "os/text.h"

static const char *code_name(enum error_code code)
{
    switch (code) {
    case ERROR_USAGE:
        return "usage";
    case ERROR_PERMISSION:
        return "permission";
    case ERROR_CANNOT_LOOK:
        return "cannot-look";
    case ERROR_INTERNAL:
        break;
    }
    return "internal";
}

json_t *access_json(pid_t pid, const struct access_verdict *verdict)
{
    json_t *remedies = json_array();
    for (size_t i = 0; remedies && i < verdict->remedies.count; i++)
        json_array_append_new(remedies, json_string(verdict->remedies.items[i]));
    return json_pack("{s:i, s:b, s:s, s:s, s:o}", "pid", (int)pid, "granted",
                     verdict->cause == ACCESS_GRANTED, "cause", verdict->name, "sentence",
                     verdict->sentence, "remedies", remedies);
}

/* Why the pid on the command line was refused; NULL when that is not what failed. */
static json_t *refusal_json(const struct options *options, const struct error *error)
{
    pid_t pid;
    struct access_verdict verdict;
    if (error->code != ERROR_PERMISSION && error->code != ERROR_CANNOT_LOOK)
        return NULL;
    if (!options->words.count || !process_parse_pid(options->words.items[0], &pid))
        return NULL;
    struct error *failure = access_examine(pid, &verdict);
    if (failure) {
        error_free(failure);
        return NULL;
    }
    json_t *access = verdict.cause == ACCESS_GRANTED ? NULL : access_json(pid, &verdict);
    access_verdict_free(&verdict);
    return access;
}

/* The first line of `text`, printable; NULL for NULL. */
static char *first_line(const char *text)
{
    return text ? text_printable(text, strcspn(text, "\n")) : NULL;
}

static void print_json(const struct options *options, const struct error *error)
{
    _cleanup_free_ char *message = first_line(error->message);
    _cleanup_free_ char *hint = first_line(error->hint);
    json_t *object = output_envelope();
    json_t *body = json_pack("{s:s, s:i, s:s?, s:s?}", "code", code_name(error->code), "exit",
                             (int)error->code, "message", message, "hint", hint);
    json_t *access = refusal_json(options, error);
    struct options to_stdout = *options;
    to_stdout.out = stdout; /* a file asked for with -o stays as it was */
    if (object && body && json_object_set(object, "error", body) == 0) {
        if (access)
            json_object_set(object, "access", access);
        error_free(output_json(&to_stdout, json_incref(object)));
    }
    json_decref(access);
    json_decref(body);
    json_decref(object);
    fflush(stdout);
}

/* "steth: MESSAGE", then the hint, one remedy a line. */
static void print_text(const struct error *error)
{
    _cleanup_free_ char *message = first_line(error->message);
    fprintf(stderr, "steth: %s\n", message ? message : "out of memory");
    const char *lead = "hint", *line = error->hint;
    while (line) {
        size_t length = strcspn(line, "\n");
        _cleanup_free_ char *text = text_printable(line, length);
        fprintf(stderr, "  %4s: %s\n", lead, text ? text : "");
        line = line[length] ? line + length + 1 : NULL;
        lead = "or";
    }
}

int report_error(const struct options *options, struct error *error)
{
    int status = error->code;
    output_retract(options);
    fflush(stdout);
    print_text(error);
    if (options->json)
        print_json(options, error);
    error_free(error);
    return status;
}
