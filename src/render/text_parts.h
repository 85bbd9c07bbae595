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

/* A line of a numbered entry that is not its first. */
void text_detail(FILE *out, const struct text_style *style, const char *text);

/* "  --> place", in one piece. */
void text_pointed(FILE *out, const struct text_style *style, const char *place);

/* The findings' sentences and places: views show the rest themselves. */
void text_findings_brief(FILE *out, const struct report *report, const struct text_style *style);

/* The names with `between` between them; NULL: no memory. The caller frees it. */
char *text_list(const name_list *names, const char *between);

/* A chain of waits, a line a node; a cycle names its first node again at its end. */
void text_chain(FILE *out, const struct text_style *style, const char *margin,
                const wait_chain *chain, bool closes);

/* How many of `count` entries are shown, and, when that is not all, "first 10 of 1,200 objects". */
size_t text_limited(const struct text_style *style, size_t count);
void text_shown(FILE *out, const struct text_style *style, size_t shown, uint64_t count,
                const char *what);

/* "s" unless `count` is 1. */
const char *plural(uint64_t count);

#endif
