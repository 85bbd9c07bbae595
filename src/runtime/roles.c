/* Roles of types, by the modules and names of the classes along their MRO. */
#include "runtime/asyncio_internal.h"

#include <string.h>

#include "base/cleanup.h"

struct named_role {
    const char *module, *name;
    enum role role;
};

/* As the standard library of 3.8 to 3.15, uvloop and anyio (3, 4) name them. */
static const struct named_role named_roles[] = {
    {"_asyncio", "Task", ROLE_TASK},
    {"asyncio.tasks", "Task", ROLE_TASK},
    {"_asyncio", "Future", ROLE_FUTURE},
    {"asyncio.futures", "Future", ROLE_FUTURE},
    {"asyncio.tasks", "_GatheringFuture", ROLE_GATHER},
    {"concurrent.futures._base", "Future", ROLE_CONCURRENT_FUTURE},
    {"asyncio.base_events", "BaseEventLoop", ROLE_LOOP},
    {"uvloop.loop", "Loop", ROLE_LOOP_UV},
    {"asyncio.events", "Handle", ROLE_HANDLE},
    {"uvloop.loop", "Handle", ROLE_HANDLE},
    {"asyncio.events", "TimerHandle", ROLE_TIMER_HANDLE},
    {"uvloop.loop", "TimerHandle", ROLE_TIMER_HANDLE},
    {"concurrent.futures.thread", "ThreadPoolExecutor", ROLE_THREAD_POOL},
    {"concurrent.futures.process", "ProcessPoolExecutor", ROLE_PROCESS_POOL},
    {"multiprocessing.pool", "ThreadPool", ROLE_MP_POOL},
    {"multiprocessing.pool", "ApplyResult", ROLE_MP_RESULT},
    {"multiprocessing.pool", "IMapIterator", ROLE_MP_RESULT},
    {"concurrent.futures.thread", "_WorkItem", ROLE_WORK_ITEM},
    {"concurrent.futures.process", "_WorkItem", ROLE_WORK_ITEM},
    {"threading", "Thread", ROLE_THREAD},
    {"_thread", "lock", ROLE_LOCK},
    {"_thread", "RLock", ROLE_RLOCK},
    {"threading", "_RLock", ROLE_RLOCK},
    {"threading", "Condition", ROLE_CONDITION},
    {"threading", "Event", ROLE_EVENT},
    {"threading", "Semaphore", ROLE_SEMAPHORE},
    {"threading", "Barrier", ROLE_BARRIER},
    {"queue", "Queue", ROLE_QUEUE},
    {"_queue", "SimpleQueue", ROLE_SIMPLE_QUEUE},
    {"queue", "_PySimpleQueue", ROLE_SIMPLE_QUEUE},
    {"asyncio.locks", "Lock", ROLE_ASYNC_LOCK},
    {"asyncio.locks", "Condition", ROLE_ASYNC_CONDITION},
    {"asyncio.locks", "Event", ROLE_ASYNC_EVENT},
    {"asyncio.locks", "Semaphore", ROLE_ASYNC_SEMAPHORE},
    {"asyncio.locks", "Barrier", ROLE_ASYNC_BARRIER},
    {"asyncio.queues", "Queue", ROLE_ASYNC_QUEUE},
    {"weakref", "ReferenceType", ROLE_WEAKREF},
    {"contextlib", "_GeneratorContextManager", ROLE_GENERATOR_MANAGER},
    {"contextlib", "_AsyncGeneratorContextManager", ROLE_GENERATOR_MANAGER},
    {"contextlib", "ExitStack", ROLE_EXIT_STACK},
    {"contextlib", "AsyncExitStack", ROLE_EXIT_STACK},
    {"anyio._backends._asyncio", "CancelScope", ROLE_CANCEL_SCOPE},
    {"anyio._backends._asyncio", "CapacityLimiter", ROLE_LIMITER},
    {"", "weakref", ROLE_WEAKREF}, /* 3.8 */
};

static const char *const words[] = {
    [ROLE_NONE] = "object",
    [ROLE_TASK] = "task",
    [ROLE_FUTURE] = "future",
    [ROLE_GATHER] = "gather",
    [ROLE_CONCURRENT_FUTURE] = "future",
    [ROLE_LOOP] = "loop",
    [ROLE_LOOP_UV] = "loop",
    [ROLE_HANDLE] = "callback",
    [ROLE_TIMER_HANDLE] = "timer",
    [ROLE_THREAD_POOL] = "executor",
    [ROLE_PROCESS_POOL] = "executor",
    [ROLE_MP_POOL] = "executor",
    [ROLE_MP_RESULT] = "future",
    [ROLE_WORK_ITEM] = "call",
    [ROLE_THREAD] = "thread",
    [ROLE_LOCK] = "lock",
    [ROLE_RLOCK] = "lock",
    [ROLE_CONDITION] = "condition",
    [ROLE_EVENT] = "event",
    [ROLE_SEMAPHORE] = "semaphore",
    [ROLE_BARRIER] = "barrier",
    [ROLE_QUEUE] = "queue",
    [ROLE_SIMPLE_QUEUE] = "queue",
    [ROLE_ASYNC_LOCK] = "lock",
    [ROLE_ASYNC_CONDITION] = "condition",
    [ROLE_ASYNC_EVENT] = "event",
    [ROLE_ASYNC_SEMAPHORE] = "semaphore",
    [ROLE_ASYNC_BARRIER] = "barrier",
    [ROLE_ASYNC_QUEUE] = "queue",
    [ROLE_LIMITER] = "executor",
    [ROLE_WEAKREF] = "weak reference",
};

const char *role_word(enum role role)
{
    return (size_t)role < sizeof words / sizeof *words ? words[role] : words[ROLE_NONE];
}

/* ---- types in C ------------------------------------------------------------------------------ */

bool native_name(const struct cpython *cpython, const struct type_view *type,
                 char name[NATIVE_NAME_MAX])
{
    return (!(type->flags & TYPE_HEAPTYPE) || type->flags & TYPE_IMMUTABLE) &&
           target_read_c_string(cpython->target, type->name, name, NATIVE_NAME_MAX);
}

bool is_native(const struct cpython *cpython, uint64_t object, const char *name, int32_t offset)
{
    struct type_view type;
    char own[NATIVE_NAME_MAX];
    return offset >= 0 && type_read(cpython, object_type(cpython, object), &type) &&
           native_name(cpython, &type, own) && !strcmp(own, name) &&
           type.basicsize >= offset + (int64_t)sizeof(uint64_t);
}

/* ---- roles ----------------------------------------------------------------------------------- */

static bool str_is(const struct cpython *cpython, uint64_t object, const char *expected)
{
    _cleanup_free_ char *text = object ? str_value(cpython, object, STR_LIMIT) : NULL;
    return text && !strcmp(text, expected);
}

/* "module.name", as the tp_name of a type in C; a builtin has no module in it. */
static bool full_name_is(const char *full, const struct named_role *known)
{
    size_t length = strlen(known->module);
    if (!length)
        return !strcmp(full, known->name);
    return !strncmp(full, known->module, length) && full[length] == '.' &&
           !strcmp(full + length + 1, known->name);
}

static bool class_is(const struct cpython *cpython, const struct type_view *type,
                     const struct named_role *known)
{
    return str_is(cpython, pointer_at(cpython, type->address, cpython->at.heap_type_qualname),
                  known->name) &&
           str_is(cpython, dict_get(cpython, type->dict, "__module__"), known->module);
}

/* What the class itself is, not its bases. */
static enum role own_role(const struct cpython *cpython, uint64_t address)
{
    struct type_view type;
    char name[NATIVE_NAME_MAX];
    if (!type_read(cpython, address, &type) ||
        !target_read_c_string(cpython->target, type.name, name, sizeof name))
        return ROLE_NONE;
    const char *dot = strrchr(name, '.');
    const char *last = dot ? dot + 1 : name;
    bool native = !(type.flags & TYPE_HEAPTYPE) || type.flags & TYPE_IMMUTABLE;
    for (size_t i = 0; i < sizeof named_roles / sizeof *named_roles; i++)
        if (!strcmp(named_roles[i].name, last) &&
            (native ? full_name_is(name, &named_roles[i])
                    : class_is(cpython, &type, &named_roles[i])))
            return named_roles[i].role;
    return ROLE_NONE;
}

struct role_search {
    const struct cpython *cpython;
    enum role role;
};

static bool try_base(void *context, size_t index, uint64_t base)
{
    struct role_search *search = context;
    if (index)
        search->role = own_role(search->cpython, base);
    return search->role == ROLE_NONE && index < BASES_MAX;
}

static bool note_base(void *context, size_t index, uint64_t base)
{
    uint64_t *bases = context;
    bases[index] = base;
    return index + 1 < BASES_EXPECTED;
}

enum role role_of_type(const struct cpython *cpython, uint64_t type)
{
    struct type_view view;
    struct role_search search = {.cpython = cpython, .role = own_role(cpython, type)};
    if (search.role != ROLE_NONE || !type_read(cpython, type, &view))
        return search.role;
    uint64_t bases[BASES_EXPECTED] = {0};
    sequence_visit(cpython, view.mro, note_base, bases);
    target_expect(cpython->target, bases, BASES_EXPECTED, (size_t)cpython->at.size_of_heap_type);
    sequence_visit(cpython, view.mro, try_base, &search);
    return search.role;
}

enum role role_of(const struct cpython *cpython, uint64_t object)
{
    return role_of_type(cpython, object_type(cpython, object));
}
