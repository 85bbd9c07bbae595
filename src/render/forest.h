/*
 * forest.h: tasks as trees: a task stands below each that awaits it. Roots are the tasks that
 * nobody awaits; a cycle that no root reaches starts at its first task.
 */
#ifndef STETH_RENDER_FOREST_H
#define STETH_RENDER_FOREST_H

#include "base/address_map.h"
#include "finding/report.h"

#define FOREST_NONE UINT32_MAX

struct forest {
    const struct report *report;
    struct address_map rows; /* address of a task -> its number in report->tasks */
    VECTOR(uint32_t) starts; /* where trees begin, cycles first */
};

/* `report` is borrowed. False when there is no memory; forest_free in either case. */
bool forest_build(const struct report *report, struct forest *forest);
void forest_free(struct forest *forest);

/*
 * The next task among the rows that `row` awaits, from its await number *position on, which moves
 * behind it; FOREST_NONE when there is none.
 */
uint32_t forest_child(const struct forest *forest, uint32_t row, size_t *position);

#endif
