/* files.h: the Python files under the paths of a command line. */
#ifndef STETH_AUDIT_FILES_H
#define STETH_AUDIT_FILES_H

#include "base/error.h"
#include "base/vector.h"

struct audited_file {
    char *path;
    char *problem; /* why it cannot be looked at; NULL */
};

typedef VECTOR(struct audited_file) audited_files;

/*
 * Appends the .py files below each path, sorted; a path that is a file is taken as it is. Folders
 * that are no part of a project (hidden ones, caches, virtual environments) are left out unless
 * they were named. A path that does not exist is an error.
 */
struct error *files_collect(const char *const *paths, size_t count, audited_files *files);
/* Drops the files of which `excludes` says so. */
void files_leave_out(audited_files *files, bool (*excludes)(const void *context, const char *path),
                     const void *context);
void files_free(audited_files *files);

#endif
