/* Callbacks that a task gave to what it waits for. */
#include "runtime/asyncio_internal.h"

#include <string.h>

#include "base/cleanup.h"

#define C_NAME_MAX 64

static uint64_t if_task(const struct cpython *cpython, uint64_t object)
{
    return object && role_of(cpython, object) == ROLE_TASK ? object : 0;
}

/* TaskStepMethWrapper; up to 3.9 TaskWakeupMethWrapper. The module is part of the name since 3.12.
 */
static bool is_wrapper_of_task(const struct cpython *cpython, uint64_t callback)
{
    static const char *const names[] = {
        "TaskStepMethWrapper",
        "_asyncio.TaskStepMethWrapper",
        "TaskWakeupMethWrapper",
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (is_native(cpython, callback, names[i], cpython->at.wrapper_wrapped))
            return true;
    return false;
}

/* A function in C, bound to a task: task_wakeup (3.10+), but task.cancel too. */
static bool wakes(const struct cpython *cpython, uint64_t builtin)
{
    char name[C_NAME_MAX];
    uint64_t definition = pointer_at(cpython, builtin, cpython->at.builtin_definition);
    uint64_t text = pointer_at(cpython, definition, cpython->at.definition_name);
    return text && target_read_c_string(cpython->target, text, name, sizeof name) &&
           !strcmp(name, "task_wakeup");
}

/* A method of the task in Python. */
static bool steps(const struct cpython *cpython, uint64_t method)
{
    uint64_t function = pointer_at(cpython, method, cpython->at.method_function);
    if (!function || object_type(cpython, function) != cpython->function_type)
        return false;
    uint64_t text = pointer_at(cpython, function, cpython->at.function_name);
    _cleanup_free_ char *name = text ? str_value(cpython, text, STR_LIMIT) : NULL;
    return name && (!strcmp(name, "__wakeup") || !strcmp(name, "__step"));
}

uint64_t callback_task(const struct cpython *cpython, uint64_t callback)
{
    const struct layout_offsets *at = &cpython->at;
    uint64_t type = object_type(cpython, callback);
    if (!type)
        return 0;
    if (type == cpython->builtin_type)
        return wakes(cpython, callback)
                   ? if_task(cpython, pointer_at(cpython, callback, at->builtin_self))
                   : 0;
    if (type == cpython->method_type)
        return steps(cpython, callback)
                   ? if_task(cpython, pointer_at(cpython, callback, at->method_self))
                   : 0;
    return is_wrapper_of_task(cpython, callback)
               ? if_task(cpython, pointer_at(cpython, callback, at->wrapper_wrapped))
               : 0;
}
