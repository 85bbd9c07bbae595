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

/* ---- arguments that a call under way was made with ------------------------------------------- */

#define ENTRIES_MAX 16

struct values {
    uint64_t items[ENTRIES_MAX];
    size_t count;
};

static bool add_value(void *context, size_t index, uint64_t value)
{
    struct values *values = context;
    (void)index;
    if (values->count < ENTRIES_MAX)
        values->items[values->count] = value;
    return ++values->count <= ENTRIES_MAX;
}

static bool add_entry(void *context, uint64_t key, uint64_t value)
{
    (void)key;
    return add_value(context, 0, value);
}

/* The values of a dict, or of a tuple or list. */
static bool values_read(const struct cpython *cpython, uint64_t object, bool dict,
                        struct values *values)
{
    values->count = 0;
    if (dict != (object_type(cpython, object) == cpython->dict_type))
        return false;
    return (dict ? dict_visit(cpython, object, add_entry, values)
                 : sequence_visit(cpython, object, add_value, values)) &&
           values->count && values->count <= ENTRIES_MAX;
}

/* Whether one is the other, or made of it: `f(*list)` makes a tuple, `f(**names)` from 3.9 on
 * another dict. */
static bool is_made_of(const struct cpython *cpython, uint64_t object, uint64_t other)
{
    struct values made, original;
    bool dict = object_type(cpython, object) == cpython->dict_type;
    return object == other ||
           (values_read(cpython, object, dict, &made) &&
            values_read(cpython, other, dict, &original) && made.count == original.count &&
            memcmp(made.items, original.items, made.count * sizeof *made.items) == 0);
}

struct argument_search {
    const struct cpython *cpython;
    uint64_t object;
    bool found;
};

/* As Thread.run() and _WorkItem.run() have them, or a function that hands on its own. */
static bool compare_argument(void *context, const char *name, uint64_t value)
{
    static const char *const attributes[] = {"_args", "_kwargs", "args", "kwargs"};
    struct argument_search *search = context;
    search->found = is_made_of(search->cpython, search->object, value);
    for (size_t i = 0; i < 4 && !search->found && strcmp(name, "self") == 0; i++) {
        uint64_t attribute = instance_get(search->cpython, value, attributes[i]);
        search->found = attribute && is_made_of(search->cpython, search->object, attribute);
    }
    return !search->found;
}

/*
 * The thread that has called a function with the tuple or dict `object` as its arguments, NOBODY:
 * none. Up to 3.11 C code refers to them until that returns (Python/ceval.c, CALL_FUNCTION_EX).
 */
static size_t thread_passing(const struct snapshot *snapshot, uint64_t object)
{
    const struct cpython *cpython = snapshot->cpython;
    uint64_t type = object_type(cpython, object);
    struct argument_search search = {.cpython = cpython, .object = object};
    if (type != cpython->tuple_type && type != cpython->dict_type)
        return NOBODY;
    for (size_t i = 0; i + 1 < snapshot->frames.count; i++) {
        const struct frame_view *frame = &snapshot->frames.items[i], *caller = frame + 1;
        if (frame->entry && caller->thread == frame->thread)
            (void)frame_locals_visit(cpython, caller, compare_argument, &search);
        if (search.found)
            return frame->thread;
    }
    return NOBODY;
}

size_t ways_thread_calling(const struct snapshot *snapshot, uint64_t object, uint64_t count)
{
    size_t thread = count == 1 ? thread_begun_with(snapshot, object) : NOBODY;
    if (thread == NOBODY && count == 1)
        thread = thread_passing(snapshot, object);
    return thread == NOBODY && count <= 2 ? thread_inside(snapshot, object) : thread;
}
