/*
 * text_diff.h: the page of `steth diff`, in its parts; only the *_diff*.c files of this room use
 * it.
 */
#ifndef STETH_RENDER_TEXT_DIFF_H
#define STETH_RENDER_TEXT_DIFF_H

#include "render/text_parts.h"

void text_diff_title(FILE *out, const struct text_style *style, const char *title);

/* Zombies, threads and tasks that stand still, descriptors, executors, the collector. */
void text_diff_state(FILE *out, const struct diff_section *diff, const struct text_style *style);

/* What counts as growth, as a sentence; NULL: no memory. The caller frees it. */
char *text_diff_criterion(const struct diff_section *diff);

/* What it waits for, and who owes that: "lock app.lock, held by thread MainThread". */
char *text_diff_wait(const struct diff_still *still);

#endif
