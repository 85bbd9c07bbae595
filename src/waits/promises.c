#include "waits/promises_search.h"

#include <string.h>

#include "base/cleanup.h"
#include "waits/anyio.h"

/*
 * Handles of one kind looked at in a loop. A queue that grows without end holds millions, mostly
 * alike; what the rest would complete is found backwards.
 */
#define HANDLES_MAX 100000

void promise(struct promise_search *search, uint64_t future)
{
    struct promises *promises = search->promises;
    struct promise made = search->next;
    if (!future || future == made.by)
        return;
    made.future = future;
    made.next = address_map_get(&promises->first, future);
    uint32_t number = (uint32_t)promises->items.count;
    if (!vector_push(&promises->items, made) || !address_map_put(&promises->first, future, number))
        search->no_memory = true;
}

static bool promise_met(void *context, uint64_t object, enum role role)
{
    struct promise_search *search = context;
    /* A callback completes futures, not tasks: those it wakes, steps or cancels. */
    if (role == ROLE_TASK) {
        if (search->timer && !address_map_put(&search->promises->timed, object, 1))
            search->no_memory = true;
    } else if (role != ROLE_NONE) {
        promise(search, object);
    }
    return !search->no_memory;
}

/* ---- callbacks of loops ---------------------------------------------------------------------- */

/* A coroutine that run_coroutine_threadsafe() has handed over and that was not started yet. */
static bool find_coroutine(void *context, uint64_t object, enum role role)
{
    if (role == ROLE_NONE)
        *(uint64_t *)context = object;
    return role != ROLE_NONE;
}

static void promise_by_callback(struct promise_search *search, const struct handle_view *handle)
{
    struct actors *actors = search->snapshot->actors;
    _cleanup_free_ char *name = callable_name(actors->cpython, handle->callback);
    if (name && strcmp(name, "run_coroutine_threadsafe.<locals>.callback") == 0) {
        search->next.kind = PROMISE_START;
        callable_visit(actors, handle->callback, find_coroutine, &search->next.through);
    }
    callable_visit(actors, handle->callback, promise_met, search);
    if (handle->arguments)
        callable_visit(actors, handle->arguments, promise_met, search);
}

static bool visit_ready(void *user, const struct handle_view *handle)
{
    struct promise_search *search = user;
    search->next.kind = PROMISE_CALLBACK;
    search->next.through = 0;
    if (!handle->cancelled && !callback_task(search->snapshot->cpython, handle->callback))
        promise_by_callback(search, handle);
    return ++search->handles < HANDLES_MAX && !search->no_memory;
}

static bool visit_timer(void *user, const struct handle_view *handle)
{
    struct promise_search *search = user;
    search->next.kind = PROMISE_TIMER;
    search->next.when = handle->when;
    search->timer = true;
    uint64_t scope =
        handle->cancelled ? 0 : cancel_scope_of(search->snapshot->actors, handle->callback);
    if (scope)
        cancel_scope_visit(search->snapshot->actors, scope, promise_met, search);
    else if (!handle->cancelled)
        promise_by_callback(search, handle);
    search->timer = false;
    return ++search->handles < HANDLES_MAX && !search->no_memory;
}

/* What leads from a transport to a future is no promise by itself: others are told first. */
static bool promise_io(void *context, uint64_t object, enum role role)
{
    struct promise_search *search = context;
    if (promises_for(search->promises, object) == PROMISE_NONE)
        (void)promise_met(context, object, role);
    return !search->no_memory;
}

static bool visit_io_handle(void *user, int descriptor, bool writer,
                            const struct handle_view *handle)
{
    (void)writer;
    struct promise_search *search = user;
    search->next.kind = PROMISE_IO;
    search->next.descriptor = descriptor;
    if (handle->cancelled)
        return true;
    callable_reach(search->snapshot->actors, handle->callback, promise_io, search);
    if (handle->arguments)
        callable_reach(search->snapshot->actors, handle->arguments, promise_io, search);
    return !search->no_memory;
}

static void promises_of_loops(struct promise_search *search)
{
    const struct cpython *cpython = search->snapshot->cpython;
    for (size_t i = 0; i < search->snapshot->loops.count; i++) {
        const struct loop_view *loop = &search->snapshot->loops.items[i].view;
        search->next = (struct promise){.by = loop->address};
        search->handles = 0;
        (void)loop_ready_visit(cpython, loop, visit_ready, search);
        search->handles = 0;
        (void)loop_scheduled_visit(cpython, loop, visit_timer, search);
    }
}

static void promises_of_io(struct promise_search *search)
{
    for (size_t i = 0; i < search->snapshot->loops.count && !search->no_memory; i++) {
        const struct loop_view *loop = &search->snapshot->loops.items[i].view;
        search->next = (struct promise){.by = loop->address};
        (void)loop_io_visit(search->snapshot->cpython, loop, visit_io_handle, search);
    }
}

/* ---- callbacks of futures -------------------------------------------------------------------- */

/* These hand a cancellation down, from the future that waits to the one that it waits for. */
static bool hands_down(const char *name)
{
    const char *last = strrchr(name, '.');
    last = last ? last + 1 : name;
    return strcmp(last, "_call_check_cancel") == 0 || strcmp(last, "_outer_done_callback") == 0;
}

/* It is done with the last of several: asyncio.gather(), in the later ones of 3.9 made by
 * _gather().
 */
static bool counts_children(const char *name)
{
    return strcmp(name, "gather.<locals>._done_callback") == 0 ||
           strcmp(name, "_gather.<locals>._done_callback") == 0;
}

/* Of the packages that make futures depend on one another themselves. */
static bool joins_futures(const char *file)
{
    return file && (strstr(file, "/asyncio/") || strstr(file, "/concurrent/futures/"));
}

static bool visit_done_callback(void *user, uint64_t callback, uint64_t context)
{
    (void)context;
    struct promise_search *search = user;
    if (callback_task(search->snapshot->cpython, callback))
        return true; /* it wakes a task: the task says itself what it waits for */
    struct source_place place = {0};
    (void)function_place(search->snapshot->cpython, callback, &place);
    const char *name = place.function;
    search->next.kind = name && counts_children(name) ? PROMISE_ALL : PROMISE_FUTURE;
    search->next.foreign = !joins_futures(place.file);
    if (!name || !hands_down(name))
        callable_visit(search->snapshot->actors, callback, promise_met, search);
    source_place_free(&place);
    return !search->no_memory;
}

static void promises_of_future(struct promise_search *search, uint64_t address)
{
    struct future_view future;
    if (!future_read(search->snapshot->cpython, address, &future) ||
        future.state == FUTURE_FINISHED || future.state == FUTURE_CANCELLED)
        return;
    search->next = (struct promise){.by = address};
    (void)future_callbacks_visit(search->snapshot->cpython, &future, visit_done_callback, search);
    if (future.role == ROLE_CONCURRENT_FUTURE)
        promises_of_waiters(search, address);
}

static void promises_of_actor(struct promise_search *search, const struct actor *actor)
{
    switch (actor->role) {
    case ROLE_TASK:
    case ROLE_FUTURE:
    case ROLE_GATHER:
    case ROLE_CONCURRENT_FUTURE:
        promises_of_future(search, actor->address);
        break;
    case ROLE_LIMITER:
        promises_of_limiter(search, actor->address);
        break;
    case ROLE_PROCESS_POOL:
        promises_of_process_pool(search, actor->address);
        break;
    case ROLE_ASYNC_LOCK:
    case ROLE_ASYNC_CONDITION:
    case ROLE_ASYNC_EVENT:
    case ROLE_ASYNC_SEMAPHORE:
    case ROLE_ASYNC_BARRIER:
    case ROLE_ASYNC_QUEUE:
        promises_of_primitive(search, actor->address);
        break;
    default:
        break;
    }
}

struct error *promises_find(struct snapshot *snapshot, struct promises *promises)
{
    struct promise_search search = {.snapshot = snapshot, .promises = promises};
    *promises = (struct promises){0};
    promises_of_loops(&search);
    promises_of_executors(&search);
    for (size_t i = 0; i < snapshot->actors->items.count && !search.no_memory; i++)
        promises_of_actor(&search, &snapshot->actors->items.items[i]);
    promises_of_io(&search);
    return search.no_memory ? error_no_memory() : NULL;
}

void promises_free(struct promises *promises)
{
    vector_free(&promises->items);
    address_map_free(&promises->first);
    address_map_free(&promises->timed);
}

uint32_t promises_for(const struct promises *promises, uint64_t future)
{
    return future ? address_map_get(&promises->first, future) : PROMISE_NONE;
}

bool promises_timed(const struct promises *promises, uint64_t task)
{
    return address_map_get(&promises->timed, task) != ADDRESS_MAP_ABSENT;
}
