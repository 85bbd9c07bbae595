#include "runtime/code_names.h"

#include <string.h>

#include "runtime/asyncio_internal.h"

#define NAMES_MAX 1000

struct names_reading {
    const struct cpython *cpython;
    name_vector *names;
    bool no_memory;
};

static bool add_name(void *context, size_t index, uint64_t item)
{
    struct names_reading *reading = context;
    char *name = str_value(reading->cpython, item, STR_LIMIT);
    if (!name)
        name = strdup("");
    reading->no_memory = !name || !vector_push(reading->names, name);
    if (reading->no_memory)
        free(name);
    return !reading->no_memory && index < NAMES_MAX;
}

bool code_names_read(const struct cpython *cpython, uint64_t code, name_vector *names)
{
    struct names_reading reading = {cpython, names, false};
    uint64_t tuple = pointer_at(cpython, code, cpython->at.code_names);
    if (tuple && object_type(cpython, code) == cpython->code_type)
        (void)sequence_visit(cpython, tuple, add_name, &reading);
    return !reading.no_memory;
}

void code_names_free(name_vector *names)
{
    for (size_t i = 0; i < names->count; i++)
        free(names->items[i]);
    vector_free(names);
}

uint64_t function_code_of(const struct cpython *cpython, uint64_t function)
{
    return function && object_type(cpython, function) == cpython->function_type
               ? pointer_at(cpython, function, cpython->at.function_code)
               : 0;
}
