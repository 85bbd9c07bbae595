/*
 * environment.h: the Python for which classes are judged: its version and where its standard
 * library and its packages lie. Found from the files around its executable, which is never run.
 */
#ifndef STETH_AUDIT_ENVIRONMENT_H
#define STETH_AUDIT_ENVIRONMENT_H

#include <stdbool.h>

#include "base/error.h"
#include "base/vector.h"

#define ENVIRONMENT_NEWEST_MINOR 15

struct environment {
    char *executable;       /* NULL: none was found */
    unsigned minor;         /* of Python 3 */
    char *standard_library; /* NULL: none was found */
    VECTOR(char *) sites;   /* site-packages and the like, in the order of sys.path */
};

/*
 * `python` names an interpreter, `site` a folder of packages that comes first; either may be NULL.
 * Without `python`: the virtual environment of `project` (a folder), if it has one, that of
 * VIRTUAL_ENV, or the machine's python3. Release with environment_free, also on failure.
 */
struct error *environment_find(struct environment *environment, const char *python,
                               const char *site, const char *project);
void environment_free(struct environment *environment);

bool path_is_file(const char *path);
bool path_is_folder(const char *path);

#endif
