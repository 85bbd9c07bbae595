/*
 * distributions.h: which installed distribution a file belongs to, by the metadata beside it
 * (*.dist-info, *.egg-info; packaging.python.org, "Recording installed projects").
 */
#ifndef STETH_AUDIT_DISTRIBUTIONS_H
#define STETH_AUDIT_DISTRIBUTIONS_H

#include "audit/text_map.h"
#include "base/vector.h"

struct distribution {
    char *name, *version;
};

struct distributions {
    VECTOR(struct distribution) items;
    struct text_map by_path; /* of files, or of folders where the files are not recorded */
};

/* Adds what is installed in a folder of packages. What cannot be read is left out; false: no
 * memory. */
bool distributions_add(struct distributions *distributions, const char *site);
void distributions_free(struct distributions *distributions);

/* NULL: it belongs to none. */
const struct distribution *distributions_of_file(const struct distributions *distributions,
                                                 const char *path);
const struct distribution *distributions_named(const struct distributions *distributions,
                                               const char *name);

#endif
