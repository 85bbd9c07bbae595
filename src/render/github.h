/*
 * github.h: findings as workflow commands, which GitHub shows at the lines of a pull request.
 */
#ifndef STETH_RENDER_GITHUB_H
#define STETH_RENDER_GITHUB_H

#include <stdio.h>

#include "finding/report.h"

/* A command a finding that is not suppressed, the worst first, and one line of totals. `root`: see
 * render_sarif. */
void render_github(FILE *out, const struct report *report, const char *root);

#endif
