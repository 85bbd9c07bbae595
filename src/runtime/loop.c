/* Event loops: what they say of themselves. */
#include "runtime/asyncio_internal.h"

#include <math.h>

/* A heap has few entries before the earliest one that is not cancelled. */
#define TIMERS_LOOKED_AT 10000
/* A path from the top of a heap has no more than 64 steps; each leaves one sibling behind. */
#define PENDING_MAX 128

/* ---- the earliest timer ---------------------------------------------------------------------- */

struct timer_search {
    const struct cpython *cpython;
    uint64_t items, length;
    struct handle_layout layout;
    double earliest;
};

/* Looks at one entry; whether an earlier timer may lie beneath it. */
static bool look_at_timer(struct timer_search *search, uint64_t index)
{
    uint64_t object;
    struct handle_view handle;
    if (!target_read_word(search->cpython->target, search->items + index * sizeof object,
                          &object) ||
        !handle_read_with(search->cpython, object, &search->layout, &handle) ||
        isnan(handle.when) || handle.when >= search->earliest)
        return false;
    if (handle.cancelled)
        return true;
    search->earliest = handle.when;
    return false;
}

/* _scheduled is a heap (heapq) that keeps cancelled timers until they come up. */
double loop_next_timer(const struct cpython *cpython, const struct loop_view *loop)
{
    struct timer_search search = {.cpython = cpython, .length = (uint64_t)loop->scheduled};
    if (!loop->scheduled_list || loop->scheduled <= 0 ||
        !target_read_word(cpython->target, field_of(loop->scheduled_list, cpython->at.list_items),
                          &search.items))
        return NAN;
    search.earliest = INFINITY;
    uint64_t pending[PENDING_MAX] = {0};
    size_t count = 1;
    for (int looks = 0; count && looks < TIMERS_LOOKED_AT; looks++) {
        uint64_t index = pending[--count];
        if (index >= search.length || !look_at_timer(&search, index) || count + 2 > PENDING_MAX)
            continue;
        pending[count++] = 2 * index + 2;
        pending[count++] = 2 * index + 1;
    }
    return isinf(search.earliest) ? NAN : search.earliest;
}

/* ---- loops ----------------------------------------------------------------------------------- */

static void read_timers(const struct cpython *cpython, struct loop_view *view)
{
    uint64_t list = attribute_object(cpython, view->address, "_scheduled");
    struct type_view type;
    if (!list || !type_read(cpython, object_type(cpython, list), &type) ||
        !(type.flags & TYPE_LIST_SUBCLASS))
        return;
    view->scheduled = sequence_length(cpython, list);
    view->scheduled_list = list;
}

static void read_attributes(const struct cpython *cpython, struct loop_view *view)
{
    uint64_t loop = view->address;
    uint64_t ready = attribute_object(cpython, loop, "_ready");
    view->ready = ready ? deque_length(cpython, ready) : -1;
    view->ready_deque = view->ready < 0 ? 0 : ready;
    view->thread_ident = (uint64_t)attribute_int(cpython, loop, "_thread_id", 0);
    view->selector = attribute_object(cpython, loop, "_selector");
    view->default_executor = attribute_object(cpython, loop, "_default_executor");
    view->stopping = attribute_true(cpython, loop, "_stopping");
    view->closed = attribute_true(cpython, loop, "_closed");
    view->debug = attribute_true(cpython, loop, "_debug");
    read_timers(cpython, view);
}

bool loop_read(const struct cpython *cpython, uint64_t object, struct loop_view *view)
{
    *view = (struct loop_view){.address = object, .role = role_of(cpython, object)};
    view->ready = view->scheduled = -1;
    if (view->role == ROLE_LOOP)
        read_attributes(cpython, view);
    else if (view->role == ROLE_LOOP_UV)
        loop_uv_read(cpython, view);
    else
        return false;
    return true;
}
