/*
 * uvloop's handles: Cython objects whose members no name gives away, known by how they lie
 * (uvloop/cbhandles.pxd, 0.14-0.23). A Handle: the kind of the callback (1: of Python), a C
 * function (none), the callback, a tuple or None, and two arguments more that only callbacks in C
 * have. A TimerHandle: the callback, a tuple or None, whether it is cancelled, libuv's timer, the
 * loop.
 */
#include "runtime/asyncio_internal.h"

#define HANDLE_WORDS 20
#define KIND_PYTHON  1

enum member { KIND, FUNCTION, CALLBACK, ARGUMENTS, UNUSED, UNUSED_TOO, MEMBERS };
enum timer_member { TIMER_CALLBACK, TIMER_ARGUMENTS, CANCELLED, TIMER, LOOP, TIMER_MEMBERS };

static bool is_callback(const struct cpython *cpython, uint64_t callback, uint64_t arguments)
{
    return plausible_link(callback) && callback != cpython->none &&
           (arguments == cpython->none || object_type(cpython, arguments) == cpython->tuple_type);
}

static bool is_python_callback(const struct cpython *cpython, const uint64_t *words)
{
    return (uint32_t)words[KIND] == KIND_PYTHON && !words[FUNCTION] &&
           words[UNUSED] == cpython->none && words[UNUSED_TOO] == cpython->none &&
           is_callback(cpython, words[CALLBACK], words[ARGUMENTS]);
}

static bool is_timer_callback(const struct cpython *cpython, const uint64_t *words)
{
    return !(uint32_t)words[CANCELLED] && plausible_link(words[TIMER]) &&
           words[TIMER] != cpython->none && plausible_link(words[LOOP]) &&
           role_of(cpython, words[LOOP]) == ROLE_LOOP_UV &&
           is_callback(cpython, words[TIMER_CALLBACK], words[TIMER_ARGUMENTS]);
}

static bool fill(const struct cpython *cpython, uint64_t callback, uint64_t arguments,
                 struct handle_view *view)
{
    view->callback = callback;
    view->arguments = unless_none(cpython, arguments);
    return true;
}

bool handle_uv_read(const struct cpython *cpython, uint64_t object, int64_t size,
                    struct handle_view *view)
{
    uint64_t words[HANDLE_WORDS];
    size_t wanted = size > 0 && (uint64_t)size < sizeof words ? (size_t)size : sizeof words;
    size_t count = target_read_some(cpython->target, object, words, wanted) / sizeof *words;
    for (size_t i = 0; i + MEMBERS <= count; i++)
        if (is_python_callback(cpython, words + i))
            return fill(cpython, words[i + CALLBACK], words[i + ARGUMENTS], view);
    for (size_t i = 0; i + TIMER_MEMBERS <= count; i++)
        if (is_timer_callback(cpython, words + i))
            return fill(cpython, words[i + TIMER_CALLBACK], words[i + TIMER_ARGUMENTS], view);
    return false; /* cancelled, or a callback in C */
}
