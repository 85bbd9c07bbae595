/* Executors of concurrent.futures and the calls that wait in them. */
#include "runtime/asyncio_internal.h"

#include <string.h>

/* Lib/multiprocessing/pool.py, 3.8-3.15. What is queued are tuples that begin with a job's number.
 */
static bool read_mp_pool(const struct cpython *cpython, uint64_t object, struct executor_view *view)
{
    view->max_workers = attribute_int(cpython, object, "_processes", -1);
    view->work_queue = attribute_object(cpython, object, "_inqueue");
    view->threads = attribute_object(cpython, object, "_pool");
    return view->max_workers > 0 && view->work_queue;
}

bool executor_read(const struct cpython *cpython, uint64_t object, struct executor_view *view)
{
    *view = (struct executor_view){.address = object, .role = role_of(cpython, object)};
    if (view->role == ROLE_MP_POOL)
        return read_mp_pool(cpython, object, view);
    bool threads = view->role == ROLE_THREAD_POOL;
    if (!threads && view->role != ROLE_PROCESS_POOL)
        return false;
    view->max_workers = attribute_int(cpython, object, "_max_workers", -1);
    view->work_queue = attribute_object(cpython, object, threads ? "_work_queue" : "_work_ids");
    view->threads = threads ? attribute_object(cpython, object, "_threads") : 0;
    view->shutdown = attribute_true(cpython, object, threads ? "_shutdown" : "_shutdown_thread");
    /* Memory that only has the right type word has none of these. */
    return view->max_workers > 0 && view->work_queue;
}

bool partial_read(const struct cpython *cpython, uint64_t object, uint64_t *function,
                  uint64_t *arguments)
{
    if (!is_native(cpython, object, "functools.partial", cpython->at.partial_arguments))
        return false;
    *function = pointer_at(cpython, object, cpython->at.partial_function);
    *arguments = pointer_at(cpython, object, cpython->at.partial_arguments);
    return *function && *arguments;
}

/* asyncio.to_thread submits partial(context.run, function, …): the function is what runs. */
static uint64_t called_in_context(const struct cpython *cpython, uint64_t callable)
{
    const struct layout_offsets *at = &cpython->at;
    uint64_t function, arguments;
    if (!partial_read(cpython, callable, &function, &arguments) ||
        object_type(cpython, function) != cpython->builtin_type)
        return callable;
    uint64_t self = pointer_at(cpython, function, at->builtin_self);
    struct type_view type;
    char name[NATIVE_NAME_MAX];
    if (!type_read(cpython, object_type(cpython, self), &type) ||
        !native_name(cpython, &type, name) ||
        (strcmp(name, "Context") != 0 && strcmp(name, "_contextvars.Context") != 0))
        return callable;
    uint64_t inner = tuple_item(cpython, arguments, 0);
    return inner ? inner : callable;
}

bool work_item_read(const struct cpython *cpython, uint64_t object, struct work_item_view *view)
{
    *view = (struct work_item_view){0};
    if (role_of(cpython, object) != ROLE_WORK_ITEM)
        return false;
    view->future = attribute_object(cpython, object, "future");
    view->arguments = attribute_object(cpython, object, "args");
    uint64_t function = attribute_object(cpython, object, "fn");
    if (!function) { /* 3.14+: task is (function, arguments, keywords) */
        uint64_t task = attribute_object(cpython, object, "task");
        function = tuple_item(cpython, task, 0);
        view->arguments = tuple_item(cpython, task, 1);
    }
    view->function = function ? called_in_context(cpython, function) : 0;
    return view->future != 0;
}
