/* The chain of awaits from a coroutine down to what all of them wait for. */
#include "runtime/asyncio_internal.h"

#include <string.h>

#define WRAPPERS_MAX 64

/* Objects through which an await goes on to the one that they wrap. */
static const char *const transparent[] = {
    "coroutine_wrapper",
    "async_generator_asend",
    "async_generator_athrow",
    "anext_awaitable",
};

/* The object inside `object` when that is a transparent one or the iterator of a future. */
static uint64_t wrapped_in(const struct cpython *cpython, uint64_t object)
{
    int32_t place = cpython->at.wrapper_wrapped;
    uint64_t address = object_type(cpython, object);
    struct type_view type;
    char name[NATIVE_NAME_MAX];
    if (is_generator_type(cpython, address) || !type_read_compiled(cpython, address, &type) ||
        !native_name(cpython, &type, name) || type.basicsize < place + (int64_t)sizeof(uint64_t))
        return 0;
    bool wraps = !strcmp(name, "_asyncio.FutureIter");
    for (size_t i = 0; i < sizeof transparent / sizeof *transparent; i++)
        wraps = wraps || !strcmp(name, transparent[i]);
    return wraps ? pointer_at(cpython, object, place) : 0;
}

static uint64_t unwrap(const struct cpython *cpython, uint64_t object)
{
    for (int i = 0; i < WRAPPERS_MAX && object; i++) {
        uint64_t inner = wrapped_in(cpython, object);
        if (!inner)
            return object;
        object = inner;
    }
    return 0;
}

/* The future whose __await__, a generator where futures are Python code, is `view`; or 0. */
static uint64_t future_iterated(const struct cpython *cpython, const struct coroutine_view *view)
{
    if (view->state != COROUTINE_SUSPENDED || view->awaits ||
        !frame_runs(cpython, &view->frame, "asyncio/futures.py", "Future.__await__"))
        return 0;
    uint64_t future = frame_local(cpython, &view->frame, "self");
    return future && role_is_future(role_of(cpython, future)) ? future : 0;
}

bool await_chain_read(const struct cpython *cpython, uint64_t coroutine, struct await_chain *chain)
{
    struct address_map seen = {0};
    bool memory = true;
    *chain = (struct await_chain){0};
    uint64_t next = unwrap(cpython, coroutine);
    while (memory && next && chain->links.count < AWAIT_CHAIN_MAX &&
           address_map_get(&seen, next) == ADDRESS_MAP_ABSENT) {
        struct coroutine_view view;
        if (!coroutine_read(cpython, next, &view)) {
            chain->leaf = next;
            break;
        }
        chain->leaf = future_iterated(cpython, &view);
        if (chain->leaf)
            break;
        memory = address_map_put(&seen, next, 0) && vector_push(&chain->links, view);
        next = unwrap(cpython, view.awaits);
    }
    address_map_free(&seen);
    if (!memory)
        await_chain_free(chain);
    return memory;
}

void await_chain_free(struct await_chain *chain)
{
    vector_free(&chain->links);
    chain->leaf = 0;
}
