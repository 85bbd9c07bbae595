/*
 * examine.h: one look at one process, as a report: what the reading verbs share.
 */
#ifndef STETH_CLI_EXAMINE_H
#define STETH_CLI_EXAMINE_H

#include "analysis/examination.h"
#include "cli/options.h"
#include "render/style.h"

/* Looks at the process that `word` names. The caller releases with report_free, also on failure. */
struct error *examine(const struct options *options, const char *word, unsigned parts,
                      struct report *report);

/* Examines, renders with `text` or as JSON, and returns the exit status. */
int examine_and_render(const struct options *options, unsigned parts,
                       void (*text)(FILE *out, const struct report *report,
                                    const struct text_style *style));

/* The same for verbs that leave nothing out unless --limit is given. */
int examine_and_render_all(const struct options *options, unsigned parts,
                           void (*text)(FILE *out, const struct report *report,
                                        const struct text_style *style));

#endif
