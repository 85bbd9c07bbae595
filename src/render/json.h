/*
 * json.h: a report as JSON, schema "steth/1" (docs: additive only). Addresses are hex strings,
 * durations end in _ms, sizes in _bytes; what is not known is null; strings are valid UTF-8.
 */
#ifndef STETH_RENDER_JSON_H
#define STETH_RENDER_JSON_H

#include <jansson.h>

#include "finding/report.h"

/* How to write it: json_dumpf(json, out, RENDER_JSON_FLAGS). ASCII, so that what a target calls
 * itself cannot control or mislead the terminal it is printed on. */
#define RENDER_JSON_FLAGS (JSON_INDENT(2) | JSON_REAL_PRECISION(15) | JSON_ENSURE_ASCII)

/* The caller releases it with json_decref; NULL when there is no memory. */
json_t *render_json(const struct report *report);

#endif
