/* Handles: callbacks that a loop will call, soon or at some time. Objects with __slots__. */
#include "runtime/asyncio_internal.h"

#include <math.h>
#include <string.h>

#define BODY_MAX 256

static bool find_slots(const struct cpython *cpython, const struct type_view *type,
                       struct handle_layout *layout)
{
    const struct {
        const char *name;
        uint64_t *offset;
    } slots[] = {
        {"_callback", &layout->callback},
        {"_args", &layout->arguments},
        {"_context", &layout->context},
        {"_cancelled", &layout->cancelled},
    };
    for (size_t i = 0; i < sizeof slots / sizeof *slots; i++)
        if (!member_find(cpython, type, slots[i].name, slots[i].offset) ||
            *slots[i].offset > BODY_MAX - sizeof(uint64_t))
            return false;
    return true;
}

static bool is_uv(const struct cpython *cpython, const struct type_view *type)
{
    char name[NATIVE_NAME_MAX];
    return native_name(cpython, type, name) &&
           (!strcmp(name, "uvloop.loop.Handle") || !strcmp(name, "uvloop.loop.TimerHandle"));
}

static void layout_read(const struct cpython *cpython, uint64_t type, struct handle_layout *layout)
{
    struct type_view view;
    enum role role = role_of_type(cpython, type);
    *layout = (struct handle_layout){.type = type};
    if ((role != ROLE_HANDLE && role != ROLE_TIMER_HANDLE) || !type_read(cpython, type, &view))
        return;
    if (is_uv(cpython, &view))
        layout->size_uv = view.basicsize;
    if (layout->size_uv || !find_slots(cpython, &view, layout))
        return;
    layout->readable = true;
    if (role == ROLE_TIMER_HANDLE)
        layout->readable = member_find(cpython, &view, "_when", &layout->when) &&
                           layout->when <= BODY_MAX - sizeof(uint64_t);
}

static uint64_t word_at(const uint8_t *body, uint64_t offset)
{
    uint64_t word;
    memcpy(&word, body + offset, sizeof word);
    return word;
}

/* The first float is looked at well, the others only for having its type. */
static bool read_when(const struct cpython *cpython, uint64_t object, struct handle_layout *layout,
                      double *when)
{
    uint64_t type = object_type(cpython, object);
    if (type && type == layout->float_type)
        return target_read(cpython->target, field_of(object, cpython->at.float_value), when,
                           sizeof *when);
    if (!float_value(cpython, object, when))
        return false;
    int64_t whole;
    if (!int_value(cpython, object, &whole))
        layout->float_type = type;
    return true;
}

static bool read_cancelled(const struct cpython *cpython, uint64_t object,
                           struct handle_layout *layout, bool *cancelled)
{
    int64_t value;
    *cancelled = false;
    if (object && object == layout->not_cancelled)
        return true;
    if (!int_value(cpython, object, &value))
        return false;
    if (!value)
        layout->not_cancelled = object;
    *cancelled = value != 0;
    return true;
}

bool handle_read_with(const struct cpython *cpython, uint64_t object, struct handle_layout *layout,
                      struct handle_view *view)
{
    uint8_t body[BODY_MAX];
    uint64_t type = object_type(cpython, object);
    *view = (struct handle_view){.address = object, .when = NAN};
    if (!type)
        return false;
    if (type != layout->type)
        layout_read(cpython, type, layout);
    if (layout->size_uv)
        return handle_uv_read(cpython, object, layout->size_uv, view);
    const uint64_t offsets[] = {layout->callback, layout->arguments, layout->context,
                                layout->cancelled, layout->when};
    uint64_t end = 0;
    for (size_t i = 0; i < sizeof offsets / sizeof *offsets; i++)
        end = offsets[i] > end ? offsets[i] : end;
    end += sizeof(uint64_t);
    if (!layout->readable || !target_read(cpython->target, object, body, (size_t)end) ||
        !read_cancelled(cpython, word_at(body, layout->cancelled), layout, &view->cancelled))
        return false;
    view->callback = unless_none(cpython, word_at(body, layout->callback));
    view->arguments = unless_none(cpython, word_at(body, layout->arguments));
    view->context = unless_none(cpython, word_at(body, layout->context));
    return !layout->when || read_when(cpython, word_at(body, layout->when), layout, &view->when);
}

bool handle_read(const struct cpython *cpython, uint64_t object, struct handle_view *view)
{
    struct handle_layout layout = {0};
    return handle_read_with(cpython, object, &layout, view);
}
