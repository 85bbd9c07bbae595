/* The handles of a loop: ready ones, timers, readers and writers of descriptors. */
#include "runtime/asyncio_internal.h"

struct handles {
    const struct cpython *cpython;
    struct handle_layout layout;
    visit_handle visit;
    void *user;
    bool timers; /* only those that will still fire */
    size_t read, unread;
};

static bool visit_one(void *context, size_t index, uint64_t item)
{
    struct handles *handles = context;
    struct handle_view handle;
    (void)index;
    if (!handle_read_with(handles->cpython, item, &handles->layout, &handle)) {
        handles->unread++;
        return true;
    }
    handles->read++;
    return (handles->timers && handle.cancelled) || handles->visit(handles->user, &handle);
}

bool loop_ready_visit(const struct cpython *cpython, const struct loop_view *loop,
                      visit_handle visit, void *user)
{
    struct handles handles = {.cpython = cpython, .visit = visit, .user = user};
    return loop->ready_deque && deque_visit(cpython, loop->ready_deque, visit_one, &handles) &&
           (handles.read || !handles.unread);
}

bool loop_scheduled_visit(const struct cpython *cpython, const struct loop_view *loop,
                          visit_handle visit, void *user)
{
    struct handles handles = {.cpython = cpython, .visit = visit, .user = user, .timers = true};
    if (loop->timer_set)
        return set_visit(cpython, loop->timer_set, visit_one, &handles);
    return loop->scheduled_list &&
           sequence_visit(cpython, loop->scheduled_list, visit_one, &handles);
}

/* ---- descriptors ----------------------------------------------------------------------------- */

/* Lib/selectors.py, SelectorKey: (fileobj, fd, events, data); data is (reader, writer). */
enum selector_key { KEY_DESCRIPTOR = 1, KEY_DATA = 3 };

struct descriptors {
    const struct cpython *cpython;
    struct handle_layout layout;
    visit_io visit;
    void *user;
};

static bool visit_key(void *context, uint64_t key, uint64_t value)
{
    struct descriptors *descriptors = context;
    const struct cpython *cpython = descriptors->cpython;
    (void)key;
    uint64_t number = tuple_item(cpython, value, KEY_DESCRIPTOR);
    uint64_t data = tuple_item(cpython, value, KEY_DATA);
    int64_t descriptor;
    if (!number || !int_value(cpython, number, &descriptor) || descriptor < 0 ||
        descriptor > INT32_MAX)
        return true;
    for (uint64_t side = 0; side < 2; side++) {
        struct handle_view handle;
        uint64_t object = unless_none(cpython, tuple_item(cpython, data, side));
        if (object && handle_read_with(cpython, object, &descriptors->layout, &handle) &&
            !descriptors->visit(descriptors->user, (int)descriptor, side == 1, &handle))
            return false;
    }
    return true;
}

bool loop_io_visit(const struct cpython *cpython, const struct loop_view *loop, visit_io visit,
                   void *user)
{
    struct descriptors descriptors = {.cpython = cpython, .visit = visit, .user = user};
    uint64_t map = loop->selector ? instance_get(cpython, loop->selector, "_fd_to_key") : 0;
    return map && dict_visit(cpython, map, visit_key, &descriptors);
}
