/*
 * text_parts.h: what the text pages have in common; only the text_*.c files of this room use it.
 */
#ifndef STETH_RENDER_TEXT_PARTS_H
#define STETH_RENDER_TEXT_PARTS_H

#include <stdio.h>

#include "base/text.h"
#include "finding/report.h"
#include "render/style.h"

/* Identity and cost. */
void text_header(FILE *out, const struct report *report, const struct text_style *style);

/* What was ok, what was not checked, where the runbooks are, totals. */
void text_footer(FILE *out, const struct report *report, const struct text_style *style);

/* "  text", untrusted, wrapped below itself. */
void text_indented(FILE *out, const struct text_style *style, const char *text);

/* "s" unless `count` is 1. */
const char *plural(uint64_t count);

#endif
