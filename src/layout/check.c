/* Does a layout fit what is in memory? Each check relies on facts that any CPython keeps. */
#include "layout/internal.h"

#include <stddef.h>
#include <string.h>

#define INTERPRETERS_MAX 1024
#define TYPE_READY       (UINT64_C(1) << 12) /* Py_TPFLAGS_READY */
#define NAME_MAX_SIZE    64

const char misfit_no_interpreter[] = "has no interpreter: it is starting up, or has finished";

static bool read_word(const struct cpython *cpython, uint64_t address, uint64_t *word)
{
    return target_read_word(cpython->target, address, word);
}

static bool has_type(const struct cpython *cpython, uint64_t object, uint64_t type)
{
    uint64_t found;
    return object && read_word(cpython, object + cpython->at.object_type, &found) && found == type;
}

static bool has_name(const struct cpython *cpython, uint64_t type, const char *name)
{
    char text[NAME_MAX_SIZE];
    uint64_t address;
    return read_word(cpython, type + cpython->at.type_name, &address) &&
           target_read_c_string(cpython->target, address, text, sizeof text) &&
           strcmp(text, name) == 0;
}

static bool has_size(const struct cpython *cpython, uint64_t type, int32_t size)
{
    uint64_t found;
    return read_word(cpython, type + cpython->at.type_basicsize, &found) && found == (uint64_t)size;
}

static const struct {
    size_t role; /* offset of the address in struct cpython */
    const char *name;
} named_types[] = {
    {offsetof(struct cpython, type_type), "type"},
    {offsetof(struct cpython, dict_type), "dict"},
    {offsetof(struct cpython, list_type), "list"},
    {offsetof(struct cpython, tuple_type), "tuple"},
    {offsetof(struct cpython, str_type), "str"},
    {offsetof(struct cpython, module_type), "module"},
    {offsetof(struct cpython, function_type), "function"},
    {offsetof(struct cpython, set_type), "set"},
    {offsetof(struct cpython, frozenset_type), "frozenset"},
    {offsetof(struct cpython, cell_type), "cell"},
    {offsetof(struct cpython, code_type), "code"},
    {offsetof(struct cpython, frame_type), "frame"},
    {offsetof(struct cpython, method_type), "method"},
    {offsetof(struct cpython, builtin_type), "builtin_function_or_method"},
    {offsetof(struct cpython, generator_type), "generator"},
    {offsetof(struct cpython, coroutine_type), "coroutine"},
    {offsetof(struct cpython, async_generator_type), "async_generator"},
};

#define NAMED_TYPES (sizeof named_types / sizeof *named_types)

static uint64_t type_in_role(const struct cpython *cpython, size_t role)
{
    uint64_t type;
    memcpy(&type, (const char *)cpython + role, sizeof type);
    return type;
}

static void expect_types(const struct cpython *cpython)
{
    uint64_t types[NAMED_TYPES], names[NAMED_TYPES] = {0};
    for (size_t i = 0; i < NAMED_TYPES; i++)
        types[i] = type_in_role(cpython, named_types[i].role);
    target_expect(cpython->target, types, NAMED_TYPES, (size_t)cpython->at.size_of_type);
    for (size_t i = 0; i < NAMED_TYPES; i++)
        if (types[i] && !read_word(cpython, types[i] + cpython->at.type_name, &names[i]))
            names[i] = 0;
    target_expect(cpython->target, names, NAMED_TYPES, NAME_MAX_SIZE);
}

const char *check_types(const struct cpython *cpython)
{
    expect_types(cpython);
    for (size_t i = 0; i < NAMED_TYPES; i++) {
        uint64_t flags, type = type_in_role(cpython, named_types[i].role);
        if (!type) /* this build does not export it */
            continue;
        if (!has_type(cpython, type, cpython->type_type))
            return "the type of a built-in type is not type";
        if (!has_name(cpython, type, named_types[i].name))
            return "the names of built-in types do not read right";
        if (!read_word(cpython, type + cpython->at.type_flags, &flags) || !(flags & TYPE_READY))
            return "a built-in type is not ready";
    }
    if (!has_size(cpython, cpython->type_type, cpython->at.size_of_heap_type))
        return "the size of a class is another";
    if (!has_size(cpython, cpython->dict_type, cpython->at.size_of_dict))
        return "the size of a dict is another";
    return NULL;
}

/* A thread knows its interpreter. */
static bool threads_fit(const struct cpython *cpython, uint64_t interpreter)
{
    uint64_t thread, owner;
    if (!read_word(cpython, interpreter + cpython->at.interpreter_threads_head, &thread))
        return false;
    return !thread || (read_word(cpython, thread + cpython->at.thread_interpreter, &owner) &&
                       owner == interpreter);
}

const char *check_interpreters(const struct cpython *cpython, uint64_t *main_interpreter)
{
    uint64_t interpreter;
    *main_interpreter = 0;
    if (!read_word(cpython, cpython->runtime + cpython->at.runtime_interpreters_head, &interpreter))
        return "its runtime cannot be read";
    if (!interpreter)
        return misfit_no_interpreter;
    for (unsigned i = 0; interpreter && i < INTERPRETERS_MAX; i++) {
        uint64_t id;
        if (!read_word(cpython, interpreter + cpython->at.interpreter_id, &id) || id > INT32_MAX)
            return "the chain of interpreters is broken";
        if (!threads_fit(cpython, interpreter))
            return "a thread does not belong to its interpreter";
        if (id == 0)
            *main_interpreter = interpreter;
        if (!read_word(cpython, interpreter + cpython->at.interpreter_next, &interpreter))
            return "the chain of interpreters is broken";
    }
    return *main_interpreter ? NULL : "there is no main interpreter";
}

static bool is_dict_at(const struct cpython *cpython, uint64_t place, uint64_t *dict)
{
    return read_word(cpython, place, dict) && has_type(cpython, *dict, cpython->dict_type);
}

const char *check_namespaces(struct cpython *cpython, uint64_t main_interpreter)
{
    uint64_t modules, builtins, sys;
    uint32_t hex;
    if (!is_dict_at(cpython, main_interpreter + cpython->at.interpreter_modules, &modules) ||
        !is_dict_at(cpython, main_interpreter + cpython->at.interpreter_builtins, &builtins) ||
        !is_dict_at(cpython, main_interpreter + cpython->at.interpreter_sysdict, &sys))
        return "the dicts of sys, builtins and sys.modules are not where they should be";
    if (!peek_dict(cpython, modules, "sys"))
        return "sys.modules has no module named sys";
    if (!peek_int(cpython, peek_dict(cpython, sys, "hexversion"), &hex))
        return "sys.hexversion cannot be read";
    struct cpython_version version = version_from_hex(hex);
    if (version_is_exact(cpython->version) ? hex != cpython->version.hex
                                           : hex >> 16 != cpython->version.hex >> 16)
        return "sys.hexversion says another version";
    cpython->version = version;
    return NULL;
}
