/* context_names.c: the names of globals and attributes that code uses. */
#include "analysis/context_names.h"

#include <stdlib.h>
#include <string.h>

#define NAMES_MAX 1000

/* Without debug(), mostly switched off, and log(), which loggers themselves are often called. */
static bool is_logging_method(const char *name)
{
    static const char *const methods[] = {"info",  "warning",   "warn",
                                          "error", "exception", "critical"};
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
        if (strcmp(name, methods[i]) == 0)
            return true;
    return false;
}

struct names_reading {
    const struct cpython *cpython;
    struct used_names *names;
    bool no_memory;
};

static bool add_name(void *context, size_t index, uint64_t item)
{
    struct names_reading *reading = context;
    struct used_names *names = reading->names;
    char *name = str_value(reading->cpython, item, STR_LIMIT);
    if (!name)
        return index < NAMES_MAX;
    names->gets |= strcmp(name, "get") == 0;
    names->sets |= strcmp(name, "set") == 0 || strcmp(name, "reset") == 0;
    names->logs |= is_logging_method(name);
    reading->no_memory = !vector_push(&names->items, name);
    if (reading->no_memory)
        free(name);
    return !reading->no_memory && index < NAMES_MAX;
}

bool used_names_read(const struct cpython *cpython, uint64_t code, struct used_names *names)
{
    struct names_reading reading = {cpython, names, false};
    uint64_t tuple = 0;
    int32_t offset = cpython->at.code_names;
    *names = (struct used_names){.code = code};
    if (code && offset >= 0 && target_read_word(cpython->target, code + (uint64_t)offset, &tuple) &&
        tuple && object_type(cpython, code) == cpython->code_type)
        (void)sequence_visit(cpython, tuple, add_name, &reading);
    return !reading.no_memory;
}

void used_names_free(struct used_names *names)
{
    for (size_t i = 0; i < names->items.count; i++)
        free(names->items.items[i]);
    vector_free(&names->items);
}
