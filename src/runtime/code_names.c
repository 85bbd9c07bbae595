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

bool code_has_name(const struct cpython *cpython, uint64_t code, const char *name)
{
    name_vector names = {0};
    bool found = false;
    (void)code_names_read(cpython, code, &names);
    for (size_t i = 0; i < names.count && !found; i++)
        found = strcmp(names.items[i], name) == 0;
    code_names_free(&names);
    return found;
}

unsigned name_of_argument(const struct cpython *cpython, uint8_t argument)
{
    return cpython->at.opcode_instrumented == LAYOUT_ABSENT ? argument : argument >> 1;
}

uint64_t function_code_of(const struct cpython *cpython, uint64_t function)
{
    return function && object_type(cpython, function) == cpython->function_type
               ? pointer_at(cpython, function, cpython->at.function_code)
               : 0;
}
