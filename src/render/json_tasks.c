#include "render/json_parts.h"

static json_t *build_task(const struct task_row *task)
{
    json_t *stack = json_array();
    for (size_t i = 0; i < task->stack.count; i++)
        value_append(&stack, value_location(&task->stack.items[i]));
    json_t *awaits = json_array();
    for (size_t i = 0; i < task->awaits.count; i++)
        value_append(&awaits, value_address(task->awaits.items[i]));
    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:b}", "address",
                     value_address(task->address), "count", value_number(task->count), "name",
                     value_text(task->name), "coro", value_text(task->coroutine), "state",
                     value_text(task->state), "loop",
                     task->loop ? value_address(task->loop) : json_null(), "awaits", awaits,
                     "wait_kind", value_text(task->wait_kind), "waits_for",
                     value_text(task->waits_for), "stack", stack, "in_cycle", task->in_cycle);
}

json_t *section_tasks(const struct report *report)
{
    json_t *tasks = json_array();
    for (size_t i = 0; i < report->tasks.count; i++)
        value_append(&tasks, build_task(&report->tasks.items[i]));
    return tasks;
}
