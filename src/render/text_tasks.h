/*
 * text_tasks.h: the trees of tasks and the executors inside of the page of `steth tasks`.
 */
#ifndef STETH_RENDER_TEXT_TASKS_H
#define STETH_RENDER_TEXT_TASKS_H

#include "render/forest.h"
#include "render/style.h"

/* What has been drawn already, over all calls: `drawn` has a zeroed byte for each task. */
struct forest_drawing {
    FILE *out;
    const struct text_style *style;
    const struct forest *forest;
    uint8_t *drawn;
};

/*
 * Draws the trees whose first task runs on `loop`; with `loop` NULL those of the loops that the
 * report does not list. `known` holds the addresses of the listed ones.
 */
void text_forest(struct forest_drawing *drawing, const struct loop_row *loop,
                 const struct address_map *known);

/* How many trees that are. */
size_t text_forest_count(const struct forest_drawing *drawing, const struct loop_row *loop,
                         const struct address_map *known);

void text_executor(FILE *out, const struct executor_row *executor, const struct text_style *style);

#endif
