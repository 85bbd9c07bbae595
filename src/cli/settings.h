/*
 * settings.h: [tool.steth] of the pyproject.toml that lies nearest above what is audited:
 *
 *   [tool.steth]
 *   only = ["META001", "MRO001"]      # these rules only
 *   ignore = ["LOOP006"]              # all but these
 *   fail-on = "error"
 *   exclude = ["build", "tests/data"]
 *   python = ".venv/bin/python"
 *
 *   [tool.steth.per-path-ignores]
 *   "tests" = ["RES002"]
 *
 * The command line wins. Paths are relative to the folder of the file.
 */
#ifndef STETH_CLI_SETTINGS_H
#define STETH_CLI_SETTINGS_H

#include "cli/options.h"

typedef VECTOR(const char *) rule_codes; /* static */

struct path_rules {
    char *pattern;
    unsigned line;
    rule_codes rules;
};

struct settings {
    char *file; /* NULL: there is none */
    char *root; /* its folder */
    rule_codes only, ignore;
    bool has_fail_on;
    enum severity fail_on;
    VECTOR(char *) exclude;
    char *python; /* resolved */
    VECTOR(struct path_rules) per_path;
};

/* Looks in the folder of `path`, then in those above it. */
struct error *settings_find(const char *path, struct settings *settings);
struct error *settings_read(const char *file, struct settings *settings);
void settings_free(struct settings *settings);

/* Whether the file or folder is left out. */
bool settings_exclude(const struct settings *settings, const char *path);

/* Whether a rule is among those to ignore; among the only ones. */
bool settings_ignore(const struct settings *settings, const char *rule);
bool settings_only(const struct settings *settings, const char *rule);

/* Marks what per-path-ignores name as suppressed. */
void settings_suppress(const struct settings *settings, struct report *report);

/*
 * `*` stands for anything but "/", `**` for anything, `?` for one character. A pattern without "/"
 * counts for any step of the path; a folder counts for what is below it.
 */
bool pattern_matches(const char *pattern, const char *path);

#endif
