#include "waits/held.h"

#include <string.h>

#include "base/cleanup.h"
#include "runtime/code_names.h"
#include "waits/callable.h"
#include "waits/released.h"
#include "waits/wrapper.h"

/* Managers inside of managers. */
#define DEPTH_MAX 8

struct search {
    struct snapshot *snapshot;
    struct holds *holds;
    struct hold from;            /* what is common to the holds of one frame */
    struct address_map resumed;  /* generators that go on when somebody else's block ends */
    struct address_map lockless; /* types whose objects hold no locks; + 1 for `async with` */
    struct address_map releases; /* code -> whether it names release() */
    uint64_t wrapper;            /* whose locks are asked for */
    bool async;                  /* the statement that it is entered by */
    unsigned depth;
    bool no_memory;
};

static void enter(struct search *search, uint64_t manager, bool async);

static bool enter_inner(void *context, uint64_t manager, bool async)
{
    struct search *search = context;
    enter(search, manager, async);
    return !search->no_memory;
}

static bool enter_outer(void *context, uint64_t manager, bool async)
{
    struct search *search = context;
    search->from.block = manager;
    return enter_inner(context, manager, async);
}

/* Lib/contextlib.py, _GeneratorContextManagerBase (3.8-3.15): `gen` is suspended at its yield. */
static void enter_generator(struct search *search, uint64_t manager)
{
    const struct cpython *cpython = search->snapshot->cpython;
    struct coroutine_view generator;
    uint64_t address = instance_get(cpython, manager, "gen");
    if (!address || !coroutine_read(cpython, address, &generator) ||
        generator.state != COROUTINE_SUSPENDED || !generator.frame.address)
        return;
    struct frame_view outer = search->from.within;
    search->no_memory |= !address_map_put(&search->resumed, address, 1);
    search->from.within = generator.frame;
    (void)frame_managers_visit(cpython, &generator.frame, enter_inner, search);
    search->from.within = outer;
}

/* What `callback` is bound to, if that is its __exit__ or __aexit__; 0 for other callbacks. */
static uint64_t bound_exit(const struct cpython *cpython, uint64_t callback, bool *async)
{
    uint64_t type = object_type(cpython, callback), self = 0;
    _cleanup_free_ char *name = callable_name(cpython, callback);
    size_t length = name ? strlen(name) : 0;
    bool other = name && (length < 6 || strcmp(name + length - 6, "exit__") != 0);
    *async = name && !other && length >= 7 && name[length - 7] == 'a';
    int32_t place = type == cpython->method_type    ? cpython->at.method_self
                    : type == cpython->builtin_type ? cpython->at.builtin_self
                                                    : LAYOUT_ABSENT;
    return place != LAYOUT_ABSENT && !other &&
                   target_read_word(cpython->target, callback + (uint64_t)place, &self)
               ? self
               : 0;
}

/* (is_sync, callback) */
static bool enter_pushed(void *context, size_t index, uint64_t item)
{
    struct search *search = context;
    bool async;
    uint64_t manager = index == 1 ? bound_exit(search->snapshot->cpython, item, &async) : 0;
    if (manager)
        enter(search, manager, async);
    return !search->no_memory;
}

static bool enter_callback(void *context, size_t index, uint64_t callback)
{
    struct search *search = context;
    (void)index;
    (void)sequence_visit(search->snapshot->cpython, callback, enter_pushed, search);
    return !search->no_memory;
}

/* Lib/contextlib.py, _BaseExitStack (3.8-3.15). */
static void enter_stack(struct search *search, uint64_t stack)
{
    uint64_t callbacks = instance_get(search->snapshot->cpython, stack, "_exit_callbacks");
    if (callbacks)
        (void)deque_visit(search->snapshot->cpython, callbacks, enter_callback, search);
}

static void add_hold(struct search *search, uint64_t lock, uint64_t wrapper)
{
    struct hold hold = search->from;
    hold.manager = lock;
    hold.role = actors_role(search->snapshot->actors, lock);
    hold.wrapper = wrapper;
    hold.async = search->async;
    if (!vector_push(&search->holds->items, hold))
        search->no_memory = true;
}

static void add_wrapped(void *context, uint64_t lock)
{
    struct search *search = context;
    add_hold(search, lock, search->wrapper);
}

/* An object of a class that takes locks itself, or of one that has nothing to do with them. */
static void enter_wrapper(struct search *search, uint64_t manager)
{
    bool async = search->async;
    uint64_t type = object_type(search->snapshot->cpython, manager);
    search->wrapper = manager;
    if (address_map_get(&search->lockless, type + async) == ADDRESS_MAP_ABSENT &&
        !wrapper_locks_visit(search->snapshot->actors, manager, async, add_wrapped, search) &&
        !address_map_put(&search->lockless, type + async, 1))
        search->no_memory = true;
}

static void enter(struct search *search, uint64_t manager, bool async)
{
    enum role role = actors_role(search->snapshot->actors, manager);
    if (search->depth == DEPTH_MAX)
        return;
    search->depth++;
    search->async = async;
    if (role == ROLE_GENERATOR_MANAGER)
        enter_generator(search, manager);
    else if (role == ROLE_EXIT_STACK)
        enter_stack(search, manager);
    else if (is_lockable(role))
        add_hold(search, manager, 0);
    else if (role == ROLE_NONE)
        enter_wrapper(search, manager);
    search->depth--;
}

static bool add_released(void *context, uint64_t lock)
{
    struct search *search = context;
    search->async = false;
    search->from.released = true;
    search->from.block = lock;
    if (!is_waited_for(search->snapshot, &search->from, lock))
        add_hold(search, lock, 0);
    search->from.released = false;
    return !search->no_memory;
}

/* The same code is met in many coroutines. */
static bool may_release(struct search *search, uint64_t code)
{
    uint32_t known = address_map_get(&search->releases, code);
    if (known != ADDRESS_MAP_ABSENT)
        return known;
    bool names = code_has_name(search->snapshot->cpython, code, "release");
    search->no_memory |= !address_map_put(&search->releases, code, names);
    return names;
}

static void look_into(struct search *search, const struct frame_view *frame)
{
    search->from.frame = search->from.within = *frame;
    if (!frame_managers_visit(search->snapshot->cpython, frame, enter_outer, search))
        search->holds->unreadable++;
    if (may_release(search, frame->code))
        frame_finally_visit(search->snapshot->cpython, frame, "release", add_released, search);
}

/* A generator that another frame resumes holds nothing of its own: that frame does. */
static void drop_resumed(struct search *search)
{
    size_t kept = 0;
    for (size_t i = 0; i < search->holds->items.count; i++) {
        struct hold hold = search->holds->items.items[i];
        if (!hold.coroutine ||
            address_map_get(&search->resumed, hold.coroutine) == ADDRESS_MAP_ABSENT)
            search->holds->items.items[kept++] = hold;
    }
    search->holds->items.count = kept;
}

struct error *holds_find(struct snapshot *snapshot, struct holds *holds)
{
    struct search search = {.snapshot = snapshot, .holds = holds};
    *holds = (struct holds){0};
    for (size_t i = 0; i < snapshot->frames.count && !search.no_memory; i++) {
        search.from = (struct hold){.thread = snapshot->frames.items[i].thread};
        look_into(&search, &snapshot->frames.items[i]);
    }
    for (size_t i = 0; i < snapshot->actors->coroutines.count && !search.no_memory; i++) {
        struct coroutine_view coroutine;
        uint64_t address = snapshot->actors->coroutines.items[i];
        if (!coroutine_read(snapshot->cpython, address, &coroutine) ||
            coroutine.state != COROUTINE_SUSPENDED || !coroutine.frame.address)
            continue;
        search.from = (struct hold){.thread = NOBODY, .coroutine = address};
        look_into(&search, &coroutine.frame);
    }
    drop_resumed(&search);
    address_map_free(&search.resumed);
    address_map_free(&search.lockless);
    address_map_free(&search.releases);
    return search.no_memory ? error_no_memory() : NULL;
}

void holds_free(struct holds *holds)
{
    vector_free(&holds->items);
}

bool hold_is_of(const struct cpython *cpython, const struct hold *hold, uint64_t lock)
{
    if (hold->manager == lock)
        return true;
    return (hold->role == ROLE_CONDITION || hold->role == ROLE_ASYNC_CONDITION) &&
           instance_get(cpython, hold->manager, "_lock") == lock;
}

bool hold_is_likely(const struct snapshot *snapshot, const struct holds *holds, uint64_t lock)
{
    enum role role = actors_role(snapshot->actors, lock);
    bool likely = false, certain = role == ROLE_RLOCK; /* which states its owner */
    for (size_t i = 0; i < holds->items.count; i++) {
        const struct hold *hold = &holds->items.items[i];
        if (!hold_is_of(snapshot->cpython, hold, lock))
            continue;
        likely |= hold_likely(hold);
        certain |= !hold_likely(hold) && role != ROLE_SEMAPHORE && role != ROLE_ASYNC_SEMAPHORE;
    }
    return likely && !certain;
}
