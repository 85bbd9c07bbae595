/*
 * text.h: reports for people, in the manner of a compiler's diagnostics. Each function prints one
 * whole page: the identity and the cost of the look, its body, what was not checked, totals.
 */
#ifndef STETH_RENDER_TEXT_H
#define STETH_RENDER_TEXT_H

#include <stdio.h>

#include "finding/report.h"
#include "render/style.h"

/* `steth check`: findings, the worst first. */
void render_text(FILE *out, const struct report *report, const struct text_style *style);

/* `steth zombies`: the table by type, then each type's objects, holders and resources. */
void render_text_zombies(FILE *out, const struct report *report, const struct text_style *style);

/* `steth tasks`: loops with their verdicts, the forest of tasks of each, executors. */
void render_text_tasks(FILE *out, const struct report *report, const struct text_style *style);

/* `steth threads`: a block a thread. */
void render_text_threads(FILE *out, const struct report *report, const struct text_style *style);

/* `steth gc`: generations, switches and statistics of each interpreter. */
void render_text_gc(FILE *out, const struct report *report, const struct text_style *style);

/* `steth heap`: memory and types; instead of them, unless verbose, what was asked for: paths, the
 * biggest subtrees, cycles. */
void render_text_heap(FILE *out, const struct report *report, const struct text_style *style);

/* `steth diff`: what grew, by holder and by type; what came back, stands still, piles up. */
void render_text_diff(FILE *out, const struct report *report, const struct text_style *style);

/* `steth audit`: classes or an explanation where they were asked for, then findings. */
void render_text_audit(FILE *out, const struct report *report, const struct text_style *style);

/* `steth classes`: what stands out among the classes, all of them if verbose; or explanations. */
void render_text_classes(FILE *out, const struct report *report, const struct text_style *style);
/* Parts of it: a block a class; the lines of the explanations. */
void text_class_rows(FILE *out, const struct report *report, const struct text_style *style);
void text_class_explanations(FILE *out, const struct report *report,
                             const struct text_style *style);

#endif
