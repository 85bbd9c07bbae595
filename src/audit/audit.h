/*
 * audit: Python source, of which nothing is imported or run: files to a class hierarchy (room mro)
 * and to what the rules of one file find. Uses mro, finding and analysis/classes.h; knows nothing
 * of processes. For cli.
 *
 * audit.h: the whole of it: files to findings about classes, and what the rules of one file find.
 */
#ifndef STETH_AUDIT_AUDIT_H
#define STETH_AUDIT_AUDIT_H

#include "base/error.h"
#include "finding/report.h"

struct audit_options {
    const char *const *paths;
    size_t path_count;
    const char *python;  /* --python; NULL */
    const char *site;    /* --site; NULL */
    bool classes;        /* rows of all classes */
    const char *lock;    /* a lock file to write, or to compare with; NULL */
    bool verify;         /* compare */
    const char *explain; /* a class to explain instead of judging all; NULL */
    const char *what_if; /* a class statement to judge instead; NULL */
    bool (*checks)(const void *context, const char *rule); /* which rules are wanted; NULL: all */
    const void *context;
    /* Whether a file is left out; it may still be imported by others. NULL: none is. */
    bool (*excludes)(const void *context, const char *path);
    /* Called now and then by the thread that called audit_run; NULL. */
    void (*progress)(void *context, size_t done, size_t total);
    void *progress_context;
    bool ends; /* the process does, right after: what audit_run needed is not freed */
};

/* Fills `report`, which the caller releases, also on failure. */
struct error *audit_run(const struct audit_options *options, struct report *report);

#endif
