/* Futures and tasks, in C and in Python, and what is called when they are done. */
#include "runtime/asyncio_internal.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"

#define BODY_MAX 256

/* ---- in C ------------------------------------------------------------------------------------ */

/* Which struct an object begins with. */
struct native {
    bool future, task;
    int32_t shift; /* of what lies behind the callbacks */
};

/* The first micro releases of 3.10 have one word less, fut_exception_tb; sizes give them away. */
static bool place_fields(int64_t size, int32_t known_size, struct native *native)
{
    native->shift = size < known_size ? -(int32_t)sizeof(uint64_t) : 0;
    return known_size > 0 && size >= known_size + native->shift;
}

static struct native native_kind(const struct cpython *cpython, uint64_t type)
{
    const struct native none = {0};
    struct native native = {.future = true};
    struct type_view view;
    for (int i = 0; i < BASES_MAX && type_read(cpython, type, &view); i++, type = view.base) {
        char name[NATIVE_NAME_MAX];
        if (!native_name(cpython, &view, name))
            continue;
        native.task = !strcmp(name, "_asyncio.Task");
        if (native.task || !strcmp(name, "_asyncio.Future"))
            return place_fields(view.basicsize,
                                native.task ? cpython->at.size_of_task : cpython->at.size_of_future,
                                &native)
                       ? native
                       : none;
    }
    return none;
}

/* A str, or the number of a default name. */
static bool is_name(const struct cpython *cpython, uint64_t object)
{
    struct type_view type;
    return type_read(cpython, object_type(cpython, object), &type) &&
           type.flags & (TYPE_UNICODE_SUBCLASS | TYPE_LONG_SUBCLASS);
}

static uint64_t word_in(const uint8_t *body, int64_t size, int32_t place)
{
    uint64_t word = 0;
    if (place >= 0 && place + (int64_t)sizeof word <= size)
        memcpy(&word, body + place, sizeof word);
    return word;
}

static bool read_native(const struct cpython *cpython, struct native native,
                        struct future_view *view)
{
    const struct layout_offsets *at = &cpython->at;
    uint8_t body[BODY_MAX];
    int64_t size = (native.task ? at->size_of_task : at->size_of_future) + (int64_t)native.shift;
    if (size > BODY_MAX || !target_read(cpython->target, view->address, body, (size_t)size))
        return false;
    uint32_t state = (uint32_t)word_in(body, size, at->future_state + native.shift);
    if (state > 2) /* fut_state: pending, cancelled, finished (3.8 to 3.15) */
        return false;
    view->state = (enum future_state)state;
    view->loop = unless_none(cpython, word_in(body, size, at->future_loop));
    if (!native.task)
        return true;
    const struct {
        int32_t place;
        uint64_t *value;
    } fields[] = {
        {at->task_coroutine, &view->coroutine},
        {at->task_waits_for, &view->waits_for},
        {at->task_name, &view->name},
        {at->task_context, &view->context},
    };
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        *fields[i].value =
            unless_none(cpython, word_in(body, size, fields[i].place + native.shift));
    return !view->name || is_name(cpython, view->name);
}

/* ---- in Python ------------------------------------------------------------------------------- */

static bool state_of_word(const char *word, enum future_state *state)
{
    static const struct {
        const char *word;
        enum future_state state;
    } states[] = {
        {"PENDING", FUTURE_PENDING},     {"RUNNING", FUTURE_RUNNING},
        {"CANCELLED", FUTURE_CANCELLED}, {"CANCELLED_AND_NOTIFIED", FUTURE_CANCELLED},
        {"FINISHED", FUTURE_FINISHED},
    };
    for (size_t i = 0; i < sizeof states / sizeof *states; i++)
        if (!strcmp(states[i].word, word)) {
            *state = states[i].state;
            return true;
        }
    return false;
}

/* The state that all begin with is an attribute of the class. */
static bool read_state(const struct cpython *cpython, uint64_t object, enum future_state *state)
{
    uint64_t word = instance_get(cpython, object, "_state");
    if (!word)
        word = type_lookup(cpython, object_type(cpython, object), "_state", NULL);
    _cleanup_free_ char *text = word ? str_value(cpython, word, STR_LIMIT) : NULL;
    return text && state_of_word(text, state);
}

static bool read_attributes(const struct cpython *cpython, struct future_view *view)
{
    uint64_t object = view->address;
    if (!read_state(cpython, object, &view->state))
        return false;
    if (view->role == ROLE_CONCURRENT_FUTURE)
        return true;
    view->loop = attribute_object(cpython, object, "_loop");
    if (view->role != ROLE_TASK)
        return true;
    view->coroutine = attribute_object(cpython, object, "_coro");
    view->waits_for = attribute_object(cpython, object, "_fut_waiter");
    view->name = attribute_object(cpython, object, "_name");
    view->context = attribute_object(cpython, object, "_context");
    return true;
}

bool future_read(const struct cpython *cpython, uint64_t object, struct future_view *view)
{
    uint64_t type = object_type(cpython, object);
    *view = (struct future_view){.address = object, .role = role_of_type(cpython, type)};
    if (!role_is_future(view->role))
        return false;
    struct native native = native_kind(cpython, type);
    return native.future ? read_native(cpython, native, view) : read_attributes(cpython, view);
}

char *task_name(const struct cpython *cpython, const struct future_view *task)
{
    int64_t number;
    if (!task->name)
        return NULL;
    if (int_value(cpython, task->name, &number))
        return text_format("Task-%lld", (long long)number);
    return str_value(cpython, task->name, STR_LIMIT);
}

/* ---- callbacks ------------------------------------------------------------------------------- */

struct callbacks {
    const struct cpython *cpython;
    visit_callback visit;
    void *user;
    bool bare; /* of a concurrent future: without contexts */
    bool stopped;
};

static bool visit_entry_of_list(void *context, size_t index, uint64_t item)
{
    struct callbacks *callbacks = context;
    const struct cpython *cpython = callbacks->cpython;
    (void)index;
    uint64_t callback = callbacks->bare ? item : tuple_item(cpython, item, 0);
    uint64_t in_context = callbacks->bare ? 0 : tuple_item(cpython, item, 1);
    if (callback)
        callbacks->stopped =
            !callbacks->visit(callbacks->user, callback, unless_none(cpython, in_context));
    return !callbacks->stopped;
}

bool future_callbacks_visit(const struct cpython *cpython, const struct future_view *future,
                            visit_callback visit, void *user)
{
    const struct layout_offsets *at = &cpython->at;
    bool concurrent = future->role == ROLE_CONCURRENT_FUTURE;
    struct callbacks callbacks = {cpython, visit, user, .bare = concurrent};
    uint64_t list, address = future->address;
    if (native_kind(cpython, object_type(cpython, address)).future) {
        uint64_t first = pointer_at(cpython, address, at->future_callback);
        uint64_t context = pointer_at(cpython, address, at->future_context);
        if (!target_read_word(cpython->target, field_of(address, at->future_callbacks), &list))
            return false;
        if (first && !visit(user, first, unless_none(cpython, context)))
            return true;
        list = unless_none(cpython, list);
    } else {
        list = instance_get(cpython, address, concurrent ? "_done_callbacks" : "_callbacks");
        if (!list)
            return false;
    }
    return !list || sequence_visit(cpython, list, visit_entry_of_list, &callbacks);
}
