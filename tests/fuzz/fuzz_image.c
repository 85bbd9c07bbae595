/* Arbitrary memory, read as a process: a layout is proved or, failing that, forced. */
#include <stdlib.h>
#include <string.h>

#include "exercise.h"
#include "input.h"
#include "layout/tables.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void force_layout(struct cpython *cpython, uint16_t number)
{
    size_t count;
    const struct layout_table *tables = layout_tables(&count);
    const struct layout_table *table = &tables[number % count];
    cpython->at = table->at;
    cpython->is = table->is;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cpython cpython;
    uint16_t table;
    if (!input_open(data, size, &cpython, &table))
        return 0;
    struct error *error = cpython_prove_layout(&cpython);
    if (error)
        force_layout(&cpython, table);
    error_free(error);
    for (size_t i = 0; i < INPUT_ANCHORS; i++)
        exercise_type(&cpython, *input_anchor(&cpython, i));
    exercise_process(&cpython);
    target_close(cpython.target);
    free(cpython.table);
    return 0;
}
