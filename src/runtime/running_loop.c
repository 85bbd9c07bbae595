/* Which loop a thread runs, and which task that loop. */
#include "runtime/asyncio_internal.h"

#include "os/tasks.h"

/* ---- the loop of a thread -------------------------------------------------------------------- */

/* Whether the process calls itself `inner`. */
static bool is_process(const struct cpython *cpython, int32_t inner)
{
    pid_t pid = target_pid(cpython->target);
    process_task_vector tasks = {0};
    if (!pid || pid == inner)
        return true;
    error_free(process_tasks(target_files(cpython->target), &tasks));
    bool same = !tasks.count;
    for (size_t i = 0; i < tasks.count && !same; i++)
        same = tasks.items[i].id == pid && tasks.items[i].inner == inner;
    vector_free(&tasks);
    return same;
}

/* Up to 3.11 the record names the process too: a fork inherits the record, not the loop. */
static uint64_t loop_in_holder(const struct cpython *cpython, uint64_t holder)
{
    const struct layout_offsets *at = &cpython->at;
    int32_t process;
    if (!is_native(cpython, holder, "_RunningLoopHolder", at->running_loop_process) ||
        !target_read(cpython->target, field_of(holder, at->running_loop_process), &process,
                     sizeof process) ||
        !is_process(cpython, process))
        return 0;
    return pointer_at(cpython, holder, at->wrapper_wrapped);
}

static uint64_t loop_in_dict(const struct cpython *cpython, uint64_t dict)
{
    uint64_t value = dict ? dict_get(cpython, dict, "__asyncio_running_event_loop__") : 0;
    return value && cpython->at.running_loop_process != LAYOUT_ABSENT
               ? loop_in_holder(cpython, value)
               : value;
}

uint64_t thread_running_loop(const struct cpython *cpython, const struct thread_view *thread)
{
    int32_t place = cpython->at.thread_running_loop;
    uint64_t loop = place == LAYOUT_ABSENT ? loop_in_dict(cpython, thread->dict)
                                           : pointer_at(cpython, thread->address, place);
    struct type_view type;
    loop = unless_none(cpython, loop);
    return plausible_link(loop) && type_read(cpython, object_type(cpython, loop), &type) ? loop : 0;
}

/* ---- the task of a loop ---------------------------------------------------------------------- */

struct entry_search {
    uint64_t key, value;
};

static bool match_entry(void *context, uint64_t key, uint64_t value)
{
    struct entry_search *search = context;
    if (key == search->key)
        search->value = value;
    return key != search->key;
}

/*
 * asyncio.tasks._current_tasks, {loop: task}: of tasks in C and in Python up to 3.13, where both
 * share it; from 3.14 on of those in Python.
 */
static uint64_t task_in_dict(const struct cpython *cpython, const struct interpreter *interpreter,
                             uint64_t loop)
{
    struct entry_search search = {.key = loop};
    uint64_t namespace = module_namespace(cpython, interpreter, "asyncio.tasks");
    uint64_t dict = namespace ? dict_get(cpython, namespace, "_current_tasks") : 0;
    if (dict)
        dict_visit(cpython, dict, match_entry, &search);
    return search.value;
}

uint64_t loop_current_task(const struct cpython *cpython, const struct interpreter *interpreter,
                           const struct thread_view *thread, uint64_t loop)
{
    int32_t place = cpython->at.thread_running_task;
    uint64_t task = 0;
    if (!loop)
        return 0;
    if (thread && thread_running_loop(cpython, thread) == loop)
        task = pointer_at(cpython, thread->address, place);
    if (!task)
        task = task_in_dict(cpython, interpreter, loop);
    return task && role_of(cpython, task) == ROLE_TASK ? task : 0;
}
