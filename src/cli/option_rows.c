#include "cli/option_rows.h"

#include <string.h>

#define LEFT_WIDTH 18 /* of an option with its argument; the help of a longer one starts below */

const struct option_row option_rows[OPTION_COUNT] = {
    [OPTION_JSON] = {"json", NULL, "one JSON object (schema steth/1) on stdout", 0},
    [OPTION_FORMAT] = {"format", "FORMAT", "text (default), json, sarif, github; diff: markdown",
                       0},
    [OPTION_OUTPUT] = {"output", "FILE", "results to FILE, whole or not at all; -: stdout", 'o'},
    [OPTION_COLOR] = {"color", "WHEN", "auto (default), always or never; NO_COLOR works too", 0},
    [OPTION_QUIET] = {"quiet", NULL, "less: findings and totals only, no notes on stderr", 'q'},
    [OPTION_VERBOSE] = {"verbose", NULL, "more detail", 'v'},
    [OPTION_ONLY] = {"only", "RULE,...", "only these rules, by code or by name", 0},
    [OPTION_FAIL_ON] = {"fail-on", "LEVEL", "exit 1 from error, warning (default) or info on", 0},
    [OPTION_NO_VALUES] = {"no-values", NULL, "no values of the program (default, but for record)",
                          0},
    [OPTION_VALUES] = {"values", "[yes|no]", "short values of the program, too (no: none)", 0},
    [OPTION_LIMIT] = {"limit", "N", "at most N entries of a long list (default 10; 0: all)", 0},
    [OPTION_PAUSE] = {"pause", NULL, "stop the program for one exact look; says for how long", 0},
    [OPTION_CONSISTENT] = {"consistent", NULL,
                           "one exact look at a copy-on-write child of the program", 0},
    [OPTION_FOR] = {"for", "DURATION", "how long to watch: 2s, 500ms, 1m", 0},
    [OPTION_NATIVE] = {"native", NULL, "exact native stacks: stops the program for a moment", 0},
    [OPTION_EXECUTOR_DEADLINE] = {"executor-deadline", "DURATION",
                                  "when a call in an executor is overdue (default 30s)", 0},
    [OPTION_PYTHON] = {"python", "PATH", "the interpreter: audit reads around it, demo runs it", 0},
    [OPTION_SITE] = {"site", "FOLDER", "packages that come before those of --python", 0},
    [OPTION_CLASSES] = {"classes", NULL, "list every class, too", 0},
    [OPTION_WHAT_IF] = {"what-if", "CLASS", "judge a statement: 'class X(pkg.A, other.B)'", 0},
    [OPTION_LOCK] = {"lock", "FILE", "record what combined classes rest on in FILE", 0},
    [OPTION_VERIFY] = {"verify", NULL, "compare with --lock FILE (default steth.lock)", 0},
    [OPTION_MAX_SIZE] = {"max-size", "SIZE", "how large the file may become: 500M, 2G", 0},
    [OPTION_ESTIMATE] = {"estimate", NULL, "only tell how large the file would be", 'n'},
    [OPTION_EXPLAIN] = {"explain", "CLASS", "how module.Class got its metaclass and its MRO", 0},
    [OPTION_RETAINED] = {"retained", NULL, "what zombies retain, also of a large heap", 0},
    [OPTION_PATH] = {"path", "TYPE|ADDRESS", "how instances, or one object, are held", 0},
    [OPTION_DOMINATORS] = {"dominators", NULL, "the objects that retain most, and their holders",
                           0},
    [OPTION_CYCLES] = {"cycles", NULL, "rings of objects, and where to cut them (RES003)", 0},
    [OPTION_EXECUTABLE] = {"executable", "FILE", "the program (or library) that a core is of", 0},
    [OPTION_SYSROOT] = {"sysroot", "FOLDER", "where the files that a core mapped are", 0},
    [OPTION_HELP] = {"help", NULL, "this text", 'h'},
    [OPTION_VERSION] = {"version", NULL, "the version of steth", 'V'},
};

void options_print_help(FILE *out, uint64_t accepts)
{
    for (int i = 0; i < OPTION_COUNT; i++) {
        const struct option_row *row = &option_rows[i];
        if (!(accepts & OPTION_BIT(i)))
            continue;
        char left[40];
        snprintf(left, sizeof left, "--%s%s%s", row->name, row->argument ? " " : "",
                 row->argument ? row->argument : "");
        const char letter[] = {'-', row->letter, ',', '\0'};
        fprintf(out, "  %-3s %-*s", row->letter ? letter : "", LEFT_WIDTH, left);
        if (strlen(left) > LEFT_WIDTH)
            fprintf(out, "\n%*s", LEFT_WIDTH + 6, "");
        fprintf(out, "  %s\n", row->help);
    }
}
