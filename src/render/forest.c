#include "render/forest.h"

#include <stdlib.h>

#include "base/cleanup.h"

uint32_t forest_child(const struct forest *forest, uint32_t row, size_t *position)
{
    const struct task_row *task = &forest->report->tasks.items[row];
    while (*position < task->awaits.count) {
        uint64_t address = task->awaits.items[(*position)++];
        uint32_t child = address ? address_map_get(&forest->rows, address) : ADDRESS_MAP_ABSENT;
        if (child != ADDRESS_MAP_ABSENT)
            return child;
    }
    return FOREST_NONE;
}

static bool index_rows(const struct report *report, struct forest *forest)
{
    for (size_t i = 0; i < report->tasks.count && i < FOREST_NONE; i++) {
        uint64_t address = report->tasks.items[i].address;
        if (address && address_map_get(&forest->rows, address) == ADDRESS_MAP_ABSENT &&
            !address_map_put(&forest->rows, address, (uint32_t)i))
            return false;
    }
    return true;
}

/* Marks `start` and all that is below it. */
static bool reach(const struct forest *forest, uint32_t start, bool *reached)
{
    VECTOR(uint32_t) open = {0};
    bool complete = vector_push(&open, start);
    reached[start] = true;
    while (complete && open.count > 0) {
        uint32_t row = open.items[--open.count];
        size_t position = 0;
        for (uint32_t child; (child = forest_child(forest, row, &position)) != FOREST_NONE;) {
            if (reached[child])
                continue;
            reached[child] = true;
            complete = complete && vector_push(&open, child);
        }
    }
    vector_free(&open);
    return complete;
}

static void mark_awaited(const struct forest *forest, size_t count, bool *awaited)
{
    for (size_t i = 0; i < count; i++) {
        size_t position = 0;
        for (uint32_t child; (child = forest_child(forest, (uint32_t)i, &position)) != FOREST_NONE;)
            awaited[child] |= child != i;
    }
}

bool forest_build(const struct report *report, struct forest *forest)
{
    size_t count = report->tasks.count;
    *forest = (struct forest){.report = report};
    _cleanup_free_ bool *awaited = calloc(count + 1, sizeof *awaited);
    _cleanup_free_ bool *reached = calloc(count + 1, sizeof *reached);
    if (!awaited || !reached || !index_rows(report, forest))
        return false;
    mark_awaited(forest, count, awaited);
    for (uint32_t i = 0; i < count; i++)
        if (!awaited[i] && !reach(forest, i, reached))
            return false;
    for (uint32_t i = 0; i < count; i++)
        if (!reached[i] && (!vector_push(&forest->starts, i) || !reach(forest, i, reached)))
            return false;
    for (uint32_t i = 0; i < count; i++)
        if (!awaited[i] && !vector_push(&forest->starts, i))
            return false;
    return true;
}

void forest_free(struct forest *forest)
{
    address_map_free(&forest->rows);
    vector_free(&forest->starts);
}
