/*
 * lockfile.h: what the classes that combine frameworks rest on, as text for review (steth.lock):
 * the chain of their metaclass and their MRO, each class with the distribution that it comes from,
 * and the distributions' versions. Written by `steth audit --lock`, compared by `--verify`.
 *
 *   lockfile_take      from a hierarchy        lockfile_print, lockfile_save    to text
 *   lockfile_load      from a file             lockfile_compare                 to findings
 * (META002)
 */
#ifndef STETH_AUDIT_LOCKFILE_H
#define STETH_AUDIT_LOCKFILE_H

#include <stdio.h>

#include "audit/distributions.h"
#include "finding/report.h"
#include "mro/hierarchy.h"

#define LOCKFILE_NAME "steth.lock"

struct lockfile_link {
    char *name;         /* of a class */
    char *distribution; /* NULL: the project's own, or Python's */
};
typedef VECTOR(struct lockfile_link) lockfile_links;

struct lockfile_class {
    char *name, *file;          /* file NULL: unknown */
    lockfile_links metaclasses; /* the metaclass and what it derives from, up to type */
    lockfile_links mro;
};

struct lockfile {
    VECTOR(struct lockfile_class) classes;     /* by name */
    VECTOR(struct distribution) distributions; /* by name */
};
void lockfile_free(struct lockfile *lockfile);

/* Where classes come from. */
struct lockfile_scope {
    bool (*is_own)(const void *context, class_number number); /* of the project that is audited */
    const void *context;
    const struct distributions *installed;
};

/*
 * The project's sound classes that combine frameworks: whose MRO or metaclass brings together
 * classes of two distributions, or whose metaclass the project itself derives from a
 * distribution's. False without memory.
 */
bool lockfile_take(const struct hierarchy *hierarchy, const struct lockfile_scope *scope,
                   struct lockfile *lockfile);

void lockfile_print(const struct lockfile *lockfile, FILE *out);
/* Replaces `path` as a whole or not at all. */
struct error *lockfile_save(const struct lockfile *lockfile, const char *path);
struct error *lockfile_load(const char *path, struct lockfile *lockfile);
/* `path` is for messages only. */
struct error *lockfile_parse(const char *path, const char *text, size_t size,
                             struct lockfile *lockfile);

/* Adds META002 findings for what is no longer as it was; `is` was taken from `hierarchy`. */
void lockfile_compare(const struct lockfile *was, const struct lockfile *is,
                      const struct hierarchy *hierarchy, const struct lockfile_scope *scope,
                      struct report *report);

#endif
