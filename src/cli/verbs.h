/*
 * verbs.h: the table of verbs, and what each file of this room offers to it.
 */
#ifndef STETH_CLI_VERBS_H
#define STETH_CLI_VERBS_H

#include "cli/options.h"

struct verb {
    const char *name;
    const char *usage;   /* what follows "steth " */
    const char *summary; /* one line of `steth --help` */
    const char *help;    /* description and examples, whole lines */
    uint64_t accepts;    /* OPTION_BITs */
    unsigned min_words, max_words;
    unsigned formats; /* FORMAT_BITs that --format takes, besides text and json */
    bool writes_file; /* what -o names is not what is printed: the verb writes it itself */
    int (*run)(const struct options *options); /* returns the exit status */
};

/* The exit statuses that are no error codes. */
#define EXIT_LOOKED   0
#define EXIT_FINDINGS 1

/* All verbs in the order of `steth --help`; `list` is the first. */
const struct verb *verbs_all(size_t *count);

/* NULL when there is none of that name. */
const struct verb *verb_find(const char *name);

/* `steth VERB --help`, or `steth --help` when `verb` is NULL. */
void verb_print_help(FILE *out, const struct verb *verb);

int verb_list(const struct options *options);
int verb_check(const struct options *options);
int verb_zombies(const struct options *options);
int verb_tasks(const struct options *options);
int verb_threads(const struct options *options);
int verb_gc(const struct options *options);
int verb_heap(const struct options *options);
int verb_access(const struct options *options);
int verb_audit(const struct options *options);
int verb_record(const struct options *options);
int verb_classes(const struct options *options);
int verb_diff(const struct options *options);
int verb_explain(const struct options *options);
int verb_demo(const struct options *options);

#endif
