#include "runtime/internal.h"

/* `address` when a dict is there, 0 otherwise: an interpreter that starts or ends has none. */
static uint64_t dict_at(const struct cpython *cpython, uint64_t address)
{
    return address && object_type(cpython, address) == cpython->dict_type ? address : 0;
}

/* Reads one interpreter and the link to the next; false on a fault. */
static bool read_interpreter(const struct cpython *cpython, uint64_t address,
                             struct interpreter *interpreter, uint64_t *next)
{
    const struct layout_offsets *at = &cpython->at;
    uint64_t modules, builtins, sysdict;
    int64_t id;
    struct read_request requests[] = {
        {.address = field_of(address, at->interpreter_next), .buffer = next, .size = 8},
        {.address = field_of(address, at->interpreter_id), .buffer = &id, .size = 8},
        {.address = field_of(address, at->interpreter_modules), .buffer = &modules, .size = 8},
        {.address = field_of(address, at->interpreter_builtins), .buffer = &builtins, .size = 8},
        {.address = field_of(address, at->interpreter_sysdict), .buffer = &sysdict, .size = 8},
    };
    size_t count = sizeof requests / sizeof *requests;
    target_read_batch(cpython->target, requests, count);
    for (size_t i = 0; i < count; i++)
        if (!requests[i].ok)
            return false;
    *interpreter = (struct interpreter){
        .address = address,
        .id = id,
        .gc = cpython_gc_of(cpython, address),
        .modules = dict_at(cpython, modules),
        .builtins = dict_at(cpython, builtins),
        .sysdict = dict_at(cpython, sysdict),
    };
    return true;
}

static bool listed(const interpreter_vector *interpreters, uint64_t address)
{
    for (size_t i = 0; i < interpreters->count; i++)
        if (interpreters->items[i].address == address)
            return true;
    return false;
}

static enum chain walk(const struct cpython *cpython, interpreter_vector *interpreters)
{
    uint64_t address;
    if (!target_read_word(cpython->target,
                          field_of(cpython->runtime, cpython->at.runtime_interpreters_head),
                          &address))
        return CHAIN_BROKEN;
    while (address) {
        struct interpreter interpreter;
        uint64_t next;
        if (interpreters->count >= INTERPRETERS_MAX || !plausible_link(address) ||
            listed(interpreters, address) ||
            !read_interpreter(cpython, address, &interpreter, &next) || interpreter.id < 0 ||
            !interpreter.gc)
            return CHAIN_BROKEN;
        if (!vector_push(interpreters, interpreter))
            return CHAIN_NO_MEMORY;
        address = next;
    }
    return CHAIN_WHOLE;
}

/* CPython puts new interpreters first; we give the main one first. */
static void reverse(interpreter_vector *interpreters)
{
    for (size_t i = 0, j = interpreters->count; i + 1 < j; i++) {
        struct interpreter kept = interpreters->items[i];
        interpreters->items[i] = interpreters->items[--j];
        interpreters->items[j] = kept;
    }
}

struct error *interpreters_list(const struct cpython *cpython, interpreter_vector *interpreters)
{
    enum chain chain = CHAIN_BROKEN;
    for (int attempt = 0; attempt < CHAIN_ATTEMPTS && chain == CHAIN_BROKEN; attempt++) {
        interpreters->count = 0;
        chain = walk(cpython, interpreters);
    }
    if (chain == CHAIN_WHOLE && interpreters->count) {
        reverse(interpreters);
        return NULL;
    }
    bool none = interpreters->count == 0;
    vector_free(interpreters);
    if (chain == CHAIN_NO_MEMORY)
        return error_no_memory();
    return error_new(ERROR_CANNOT_LOOK, none ? "the process has no readable Python interpreter"
                                             : "the chain of Python interpreters is broken");
}
