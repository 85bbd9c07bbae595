/*
 * nearest.h: the known name that a mistyped one probably meant.
 */
#ifndef STETH_CLI_NEAREST_H
#define STETH_CLI_NEAREST_H

#include <stddef.h>

struct nearest {
    const char *typed;
    const char *name; /* the best so far, NULL when none is near */
    size_t distance;
};

/* Starts a search; the strings are borrowed. */
struct nearest nearest_to(const char *typed);

/* Offers one candidate. */
void nearest_offer(struct nearest *nearest, const char *candidate);

#endif
