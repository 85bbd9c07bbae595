/* Which thread's calls under way refer to an object, where no search for references sees it. */
#include <string.h>

#include "base/cleanup.h"
#include "waits/callable.h"
#include "waits/completers_search.h"

/* The thread that runs the bound method `object`, NOBODY: none. As long as it lives, the C code
 * that it began in refers to that (Modules/_threadmodule.c: struct bootstate). */
static size_t thread_begun_with(const struct snapshot *snapshot, uint64_t object)
{
    const struct cpython *cpython = snapshot->cpython;
    uint64_t self;
    if (object_type(cpython, object) != cpython->method_type ||
        !target_read_word(cpython->target, object + (uint64_t)cpython->at.method_self, &self) ||
        actors_role(snapshot->actors, self) != ROLE_THREAD)
        return NOBODY;
    return snapshot_thread_named_in(snapshot, self, "_ident");
}

struct call {
    uint64_t code;
    uint64_t self; /* of a bound method; 0 for a function */
    bool exits;    /* __exit__ */
};

static bool call_read(const struct cpython *cpython, uint64_t callable, struct call *call)
{
    uint64_t type = object_type(cpython, callable), function = callable;
    *call = (struct call){0};
    if (type == cpython->method_type) {
        if (!target_read_word(cpython->target, callable + (uint64_t)cpython->at.method_function,
                              &function) ||
            !target_read_word(cpython->target, callable + (uint64_t)cpython->at.method_self,
                              &call->self))
            return false;
        _cleanup_free_ char *name = callable_name(cpython, callable);
        const char *last = name ? strrchr(name, '.') : NULL;
        call->exits = last && strcmp(last, ".__exit__") == 0;
    }
    return object_type(cpython, function) == cpython->function_type &&
           target_read_word(cpython->target, function + (uint64_t)cpython->at.function_code,
                            &call->code);
}

static bool frame_knows(const struct cpython *cpython, const struct frame_view *frame,
                        uint64_t object)
{
    _cleanup_free_ char *local = frame_local_of(cpython, frame, object);
    return local;
}

/*
 * The thread in which C code has called the function or method `object`, which has not returned,
 * NOBODY: none. Meanwhile that C code refers to it, and in 3.11 the frame does, which is no object.
 * A with statement that has called __enter__ refers to that and to __exit__.
 */
static size_t thread_inside(const struct snapshot *snapshot, uint64_t object)
{
    const struct cpython *cpython = snapshot->cpython;
    struct call call;
    if (!call_read(cpython, object, &call))
        return NOBODY;
    for (size_t i = 0; i < snapshot->frames.count; i++) {
        const struct frame_view *frame = &snapshot->frames.items[i];
        if (frame->entry && (frame->code == call.code || call.exits) &&
            (!call.self || frame_knows(cpython, frame, call.self)))
            return frame->thread;
    }
    return NOBODY;
}

size_t ways_thread_calling(const struct snapshot *snapshot, uint64_t object, uint64_t count)
{
    size_t thread = count == 1 ? thread_begun_with(snapshot, object) : NOBODY;
    return thread == NOBODY && count <= 2 ? thread_inside(snapshot, object) : thread;
}
