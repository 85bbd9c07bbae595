/* Which C function a Python frame has called, by the native stack. */
#include <string.h>

#include "analysis/native_calls.h"

/* The interpreter's own way from a frame to a C function. */
static bool is_machinery(const char *function)
{
    static const char *const prefixes[] = {
        "_Py",          "Py",          "cfunction_",     "method_vectorcall",
        "builtin_exec", "vectorcall_", "object_",        "slot_",
        "call_",        "do_call",     "type_call",      "wrap_",
        "partial_",     "unicode_new", "function_code_", "run_mod",
        "run_eval_",
    };
    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++)
        if (strncmp(function, prefixes[i], strlen(prefixes[i])) == 0)
            return true;
    return false;
}

/* The outermost function inside of the innermost Python frame that is not the interpreter's. */
static const char *called_by_python(const struct native_stack *stack)
{
    const char *called = NULL;
    for (size_t i = 0; i < stack->frames.count; i++) {
        const struct native_frame *frame = &stack->frames.items[i];
        if (frame->evaluates)
            break;
        if (frame->function && !is_machinery(frame->function))
            called = frame->function;
    }
    return called;
}

char *native_call(struct diagnosis *diagnosis, const struct seen_thread *thread)
{
    struct native_stack stack;
    const char *called =
        native_stack_of(diagnosis, thread, &stack) ? called_by_python(&stack) : NULL;
    char *copy = called ? strdup(called) : NULL;
    native_stack_free(&stack);
    return copy;
}

/* ---- merging --------------------------------------------------------------------------------- */

static bool add_python(const struct named_frame *named, struct thread_row *row)
{
    const struct source_place *place = &named->place;
    struct thread_frame frame = {.at = {.line = place->line}};
    frame.at.file = place->file ? strdup(place->file) : NULL;
    frame.at.function = place->function ? strdup(place->function) : NULL;
    return vector_push(&row->stack, frame);
}

static bool add_native(const struct native_frame *native, struct thread_row *row)
{
    struct thread_frame frame = {.native = true};
    frame.at.file = native->library ? strdup(native->library) : NULL;
    frame.at.function = native->function ? strdup(native->function) : NULL;
    return vector_push(&row->stack, frame);
}

/* The Python frames that one run of the interpreter's loop evaluates: up to the one it began with.
 */
static bool add_evaluated(const struct seen_thread *thread, size_t *next, struct thread_row *row)
{
    while (*next < thread->frame_count) {
        size_t frame = (*next)++;
        if (!add_python(&thread->named[frame], row))
            return false;
        if (thread->frames[frame].entry)
            break;
    }
    return true;
}

bool stack_merge(const struct seen_thread *thread, const struct native_stack *stack,
                 struct thread_row *row)
{
    size_t next = 0;
    for (size_t i = 0; i < stack->frames.count; i++) {
        const struct native_frame *frame = &stack->frames.items[i];
        bool ok = true;
        if (frame->evaluates)
            ok = add_evaluated(thread, &next, row);
        else if (!frame->function || !is_machinery(frame->function))
            ok = add_native(frame, row);
        if (!ok)
            return false;
    }
    while (next < thread->frame_count)
        if (!add_evaluated(thread, &next, row))
            return false;
    return true;
}
