/*
 * uvloop's handles: Cython objects whose members no name gives away, known by how they lie: the
 * kind of the callback (1: of Python), a C function (none), the callback, a tuple or None, and two
 * arguments more that only callbacks in C have (uvloop/cbhandles.pxd, 0.14-0.23).
 */
#include "runtime/asyncio_internal.h"

#define HANDLE_WORDS 20
#define KIND_PYTHON  1

enum member { KIND, FUNCTION, CALLBACK, ARGUMENTS, UNUSED, UNUSED_TOO, MEMBERS };

static bool is_python_callback(const struct cpython *cpython, const uint64_t *words)
{
    return (uint32_t)words[KIND] == KIND_PYTHON && !words[FUNCTION] &&
           plausible_link(words[CALLBACK]) && words[CALLBACK] != cpython->none &&
           words[UNUSED] == cpython->none && words[UNUSED_TOO] == cpython->none &&
           (words[ARGUMENTS] == cpython->none ||
            object_type(cpython, words[ARGUMENTS]) == cpython->tuple_type);
}

bool handle_uv_read(const struct cpython *cpython, uint64_t object, int64_t size,
                    struct handle_view *view)
{
    uint64_t words[HANDLE_WORDS];
    size_t wanted = size > 0 && (uint64_t)size < sizeof words ? (size_t)size : sizeof words;
    size_t count = target_read_some(cpython->target, object, words, wanted) / sizeof *words;
    for (size_t i = 0; i + MEMBERS <= count; i++) {
        if (!is_python_callback(cpython, words + i))
            continue;
        view->callback = words[i + CALLBACK];
        view->arguments = unless_none(cpython, words[i + ARGUMENTS]);
        return true;
    }
    return false; /* cancelled, or a callback in C */
}
