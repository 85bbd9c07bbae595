/*
 * markdown_diff.h: what changed between looks, as GitHub's Markdown: for pull requests and issues.
 */
#ifndef STETH_RENDER_MARKDOWN_DIFF_H
#define STETH_RENDER_MARKDOWN_DIFF_H

#include <stdio.h>

#include "finding/report.h"

/* At most `limit` rows of each table; 0: all. */
void render_markdown_diff(FILE *out, const struct report *report, size_t limit);

#endif
