/*
 * failure.h: how every verb says that it could not do its work.
 */
#ifndef STETH_CLI_FAILURE_H
#define STETH_CLI_FAILURE_H

#include <jansson.h>

#include "cli/options.h"
#include "os/access.h"

/*
 * Prints `error` (on stderr; with --json also as an object on stdout, with the access verdict when
 * a pid was refused), releases it and returns its exit status.
 */
int report_error(const struct options *options, struct error *error);

/* The "access" object of a verdict; NULL when there is no memory. The caller owns it. */
json_t *access_json(pid_t pid, const struct access_verdict *verdict);

#endif
