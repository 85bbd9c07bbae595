/*
 * output.h: where results go (stdout, or a file that appears whole or not at all), and the JSON
 * envelope that every verb shares.
 */
#ifndef STETH_CLI_OUTPUT_H
#define STETH_CLI_OUTPUT_H

#include <jansson.h>

#include "cli/options.h"
#include "render/style.h"

/* With -o, results are collected in memory and written by output_finish. */
struct output {
    char *bytes;
    size_t size;
    char *path; /* NULL: stdout */
};

/* Sets out, colored and width of `options`. Release with output_abandon or output_finish. */
struct error *output_begin(struct output *output, struct options *options);

/*
 * Flushes stdout, or puts the file in place; a file for which nothing was written is left as it
 * was when the verb did not `succeed`. Silent when stdout's reader has gone.
 */
struct error *output_finish(struct output *output, struct options *options, bool succeeded);

/* Takes back what a verb that then failed has written for -o. */
void output_retract(const struct options *options);

/* Drops what was collected for -o: the file stays as it was. */
void output_abandon(struct output *output, struct options *options);

/* "cannot write PATH: …", of errno's `number` (ERROR_USAGE). */
struct error *output_cannot_write(const char *path, int number);

/* The file that a symbolic link leads to, which is replaced while the link stays; `path` itself
 * where there is none. The caller frees; NULL: no memory. */
char *output_resolve(const char *path);

/* How the options want text. */
struct text_style output_style(const struct options *options);

/* {"schema": …, "tool": …}; NULL when there is no memory. The caller owns it. */
json_t *output_envelope(void);

/* Prints `report` in the format that was asked for: with `text`, or as JSON, SARIF, GitHub's
 * commands, whose places are relative to the working directory. */
struct error *output_report(const struct options *options, const struct report *report,
                            void (*text)(FILE *out, const struct report *report,
                                         const struct text_style *style));

/* Prints `object` and releases it; NULL means no memory. */
struct error *output_json(const struct options *options, json_t *object);

#endif
