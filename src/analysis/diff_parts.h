/* diff_parts.h: what the diff*.c files of this room share. */
#ifndef STETH_ANALYSIS_DIFF_PARTS_H
#define STETH_ANALYSIS_DIFF_PARTS_H

#include "finding/report.h"

struct comparison {
    const struct report *const *looks; /* all, in the order of time */
    size_t count;
    const struct report *first, *last;
    struct diff_section *diff;
};

/* Each adds its rows and sets diff->grew; false when there is no memory. */
bool diff_add_types(struct comparison *comparison);
bool diff_add_holders(struct comparison *comparison); /* of the types that grew */
bool diff_add_zombies(struct comparison *comparison);
bool diff_add_still(struct comparison *comparison);
bool diff_add_counts(struct comparison *comparison);
bool diff_add_executors(struct comparison *comparison);
bool diff_add_collectors(struct comparison *comparison);

/* Whether a file is the standard library's, by its path. */
bool diff_is_library(const char *file);

/* strcmp that takes NULL. */
int diff_compare_text(const char *a, const char *b);

#endif
