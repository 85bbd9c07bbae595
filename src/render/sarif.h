/*
 * sarif.h: a report as SARIF 2.1.0, for code scanning services and editors.
 */
#ifndef STETH_RENDER_SARIF_H
#define STETH_RENDER_SARIF_H

#include <jansson.h>

#include "finding/report.h"

/*
 * `root` is the directory that places below it are given relative to; NULL: unknown. The caller
 * releases the result with json_decref; NULL when there is no memory.
 */
json_t *render_sarif(const struct report *report, const char *root);

#endif
