#include <ctype.h>

#include "render/json_parts.h"

static json_t *build_frame(const struct thread_frame *frame)
{
    json_t *object = value_location(&frame->at);
    if (json_is_null(object)) {
        json_decref(object);
        object = json_pack("{s:n, s:n, s:n}", "file", "line", "function");
    }
    if (object && json_object_set_new(object, "native", json_boolean(frame->native)) != 0) {
        json_decref(object);
        return NULL;
    }
    return object;
}

static json_t *value_state(char state)
{
    const char text[] = {state, '\0'};
    return value_text(isalpha((unsigned char)state) ? text : NULL);
}

static json_t *build_thread(const struct thread_row *thread)
{
    bool observed = thread->observed_ms > 0;
    json_t *stack = json_array();
    for (size_t i = 0; i < thread->stack.count; i++)
        value_append(&stack, build_frame(&thread->stack.items[i]));
    return json_pack("{s:o, s:o, s:o, s:b, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
                     "tid", thread->tid > 0 ? json_integer(thread->tid) : json_null(), "name",
                     value_text(thread->name), "comm", value_text(thread->comm), "python",
                     thread->python, "state", value_state(thread->state), "cpu_ms",
                     observed ? value_milliseconds(thread->cpu_ms) : json_null(), "observed_ms",
                     observed ? value_milliseconds(thread->observed_ms) : json_null(), "gil",
                     value_text(thread->gil), "blocked_in", value_text(thread->blocked_in),
                     "wait_kind", value_text(thread->wait_kind), "waits_for",
                     value_text(thread->waits_for), "owed_by", value_text(thread->owed_by), "stack",
                     stack, "stack_note", value_text(thread->stack_note));
}

json_t *section_threads(const struct report *report)
{
    json_t *threads = json_array();
    for (size_t i = 0; i < report->threads.count; i++)
        value_append(&threads, build_thread(&report->threads.items[i]));
    return threads;
}
