/*
 * cli: the command line: one file a verb (VERB.c: verb_VERB), and the frame they share. The top
 * of the house: it may include every room and none includes it.
 *
 * options.h: the command line as parsed: one table of options; each verb says which it accepts.
 */
#ifndef STETH_CLI_OPTIONS_H
#define STETH_CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/error.h"
#include "base/vector.h"
#include "finding/report.h"

enum option_id {
    OPTION_JSON,
    OPTION_FORMAT,
    OPTION_OUTPUT,
    OPTION_COLOR,
    OPTION_QUIET,
    OPTION_VERBOSE,
    OPTION_ONLY,
    OPTION_FAIL_ON,
    OPTION_NO_VALUES,
    OPTION_VALUES,
    OPTION_LIMIT,
    OPTION_PAUSE,
    OPTION_CONSISTENT,
    OPTION_FOR,
    OPTION_NATIVE,
    OPTION_EXECUTOR_DEADLINE,
    OPTION_PYTHON,
    OPTION_EXPLAIN,
    OPTION_EXECUTABLE,
    OPTION_SYSROOT,
    OPTION_SITE,
    OPTION_CLASSES,
    OPTION_WHAT_IF,
    OPTION_LOCK,
    OPTION_VERIFY,
    OPTION_RETAINED,
    OPTION_PATH,
    OPTION_DOMINATORS,
    OPTION_CYCLES,
    OPTION_MAX_SIZE,
    OPTION_ESTIMATE,
    OPTION_HELP,
    OPTION_VERSION,
    OPTION_COUNT,
};

#define OPTION_BIT(option) (UINT64_C(1) << (option))

/* Sets for `accepts` of a verb. */
#define OPTIONS_COMMON                                                                             \
    (OPTION_BIT(OPTION_JSON) | OPTION_BIT(OPTION_OUTPUT) | OPTION_BIT(OPTION_COLOR) |              \
     OPTION_BIT(OPTION_QUIET) | OPTION_BIT(OPTION_VERBOSE) | OPTION_BIT(OPTION_HELP) |             \
     OPTION_BIT(OPTION_VERSION))
#define OPTIONS_FINDINGS                                                                           \
    (OPTION_BIT(OPTION_ONLY) | OPTION_BIT(OPTION_FAIL_ON) | OPTION_BIT(OPTION_NO_VALUES) |         \
     OPTION_BIT(OPTION_VALUES) | OPTION_BIT(OPTION_LIMIT))
/* Of verbs that take a TARGET: a process, or the file of one. */
#define OPTIONS_TARGET (OPTION_BIT(OPTION_EXECUTABLE) | OPTION_BIT(OPTION_SYSROOT))

/* Of a report; --json is the second. */
enum output_format { FORMAT_TEXT, FORMAT_JSON, FORMAT_SARIF, FORMAT_GITHUB, FORMAT_MARKDOWN };

#define FORMAT_BIT(format) (1u << (format))
/* Of findings; of what changed. Every verb has text and JSON. */
#define FORMATS_FINDINGS (FORMAT_BIT(FORMAT_SARIF) | FORMAT_BIT(FORMAT_GITHUB))

enum color_choice { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER };

struct verb;

struct options {
    const struct verb *verb;
    VECTOR(const char *) words; /* what follows the verb; borrowed from argv */
    uint64_t given;             /* OPTION_BITs seen on the command line */
    bool short_check;           /* `steth PID`: `check` was not written */

    bool json; /* format is FORMAT_JSON */
    enum output_format format;
    const char *output_path; /* NULL: stdout */
    enum color_choice color;
    bool quiet;
    unsigned verbose;
    VECTOR(const char *) only; /* codes of rules; empty: all */
    enum severity fail_on;     /* default: warning */
    bool values;
    size_t limit; /* entries of a long list; 0: all */
    bool pause;
    bool consistent;
    unsigned watch_ms; /* --for; 0 when not given */
    bool native;
    unsigned executor_deadline_ms; /* 0 when not given */
    const char *site;              /* --site; NULL when not given */
    bool classes;
    const char *what_if; /* --what-if; NULL when not given */
    const char *lock;    /* --lock; NULL when not given */
    bool verify;
    const char *path; /* --path: a type or an address; NULL when not given */
    bool dominators, cycles;
    bool retained;      /* --retained */
    uint64_t max_bytes; /* --max-size; 0 when not given */
    bool estimate;
    const char *python;     /* --python; NULL when not given */
    const char *explain;    /* --explain: a class; NULL when not given */
    const char *executable; /* --executable; NULL when not given */
    const char *sysroot;    /* --sysroot; NULL when not given */

    /* Where results go; set by output_begin. */
    FILE *out;
    bool colored;
    unsigned width; /* columns of the terminal; 0: not a terminal, nothing is cut */
};

#define OPTIONS_DEFAULT_LIMIT 10

/*
 * Parses the command line. On failure (ERROR_USAGE) `options` still says whether --json was asked
 * for. Release with options_free in either case.
 */
struct error *options_parse(int argc, char **argv, struct options *options);
void options_free(struct options *options);

/* Whether rule `code` was asked for. */
bool options_want_rule(const struct options *options, const char *code);

/* Prints the lines of help for the options of the set `accepts`. */
void options_print_help(FILE *out, uint64_t accepts);

#endif
