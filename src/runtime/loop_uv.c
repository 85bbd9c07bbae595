/*
 * uvloop's loop: one Cython object of a quarter of a megabyte, whose members no name gives away.
 * Among its first ones are the deque of callbacks and the executor, found by their types, and the
 * set of timers: in front of a dict, a process that is being started or None, and libuv's wake-up
 * and idle handles (uvloop/loop.pxd, 0.14-0.23).
 */
#include "runtime/asyncio_internal.h"

#include <string.h>

#include "base/cleanup.h"

#define BODY_WORDS                                                                                 \
    256 /* the members in question lie within the first 200 bytes (uvloop 0.17-0.23) */

struct body {
    uint64_t words[BODY_WORDS];
    uint64_t types[BODY_WORDS]; /* of what a word is the address of; 0: of nothing */
    size_t count;
};

static void body_read(const struct cpython *cpython, uint64_t object, struct body *body)
{
    struct read_request requests[BODY_WORDS];
    size_t asked = 0;
    body->count = target_read_some(cpython->target, object, body->words, sizeof body->words) /
                  sizeof *body->words;
    for (size_t i = 0; i < body->count; i++) {
        body->types[i] = 0;
        if (plausible_link(body->words[i]))
            requests[asked++] = (struct read_request){
                .address = field_of(body->words[i], cpython->at.object_type),
                .buffer = &body->types[i],
                .size = sizeof body->types[i],
            };
    }
    target_read_batch(cpython->target, requests, asked);
    for (size_t i = 0; i < asked; i++)
        if (!requests[i].ok)
            *(uint64_t *)requests[i].buffer = 0;
}

/* The only word that `is_it` accepts; 0 when there are more. */
static uint64_t only_one(const struct cpython *cpython, const struct body *body,
                         bool (*is_it)(const struct cpython *cpython, uint64_t object,
                                       uint64_t type))
{
    uint64_t found = 0;
    for (size_t i = 0; i < body->count; i++) {
        if (!body->types[i] || body->types[i] == cpython->type_type ||
            !is_it(cpython, body->words[i], body->types[i]))
            continue;
        if (found)
            return 0;
        found = body->words[i];
    }
    return found;
}

static bool is_deque(const struct cpython *cpython, uint64_t object, uint64_t type)
{
    (void)type;
    return deque_length(cpython, object) >= 0;
}

static bool is_executor(const struct cpython *cpython, uint64_t object, uint64_t type)
{
    (void)object;
    enum role role = role_of_type(cpython, type);
    return role == ROLE_THREAD_POOL || role == ROLE_PROCESS_POOL;
}

static bool has_name(const struct cpython *cpython, uint64_t type, const char *name)
{
    _cleanup_free_ char *own =
        type && type != cpython->type_type ? type_short_name(cpython, type) : NULL;
    return own && strcmp(own, name) == 0;
}

struct timer_count {
    const struct cpython *cpython;
    int64_t timers, others;
};

static bool count_timer(void *context, size_t index, uint64_t item)
{
    (void)index;
    struct timer_count *count = context;
    bool timer = role_of(count->cpython, item) == ROLE_TIMER_HANDLE;
    count->timers += timer;
    count->others += !timer;
    return !count->others;
}

static void find_timers(const struct cpython *cpython, const struct body *body,
                        struct loop_view *view)
{
    for (size_t i = 0; i + 4 < body->count; i++) {
        struct timer_count count = {.cpython = cpython};
        if (body->types[i] != cpython->set_type || body->types[i + 1] != cpython->dict_type ||
            !has_name(cpython, body->types[i + 3], "UVAsync") ||
            !has_name(cpython, body->types[i + 4], "UVIdle") ||
            !set_visit(cpython, body->words[i], count_timer, &count) || count.others)
            continue;
        view->timer_set = body->words[i];
        view->scheduled = count.timers;
        return;
    }
}

void loop_uv_read(const struct cpython *cpython, struct loop_view *view)
{
    struct body body;
    body_read(cpython, view->address, &body);
    view->ready_deque = only_one(cpython, &body, is_deque);
    if (view->ready_deque)
        view->ready = deque_length(cpython, view->ready_deque);
    find_timers(cpython, &body, view);
    view->default_executor = only_one(cpython, &body, is_executor);
}
