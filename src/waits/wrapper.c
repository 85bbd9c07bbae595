#include "waits/wrapper.h"

#include <string.h>

#include "runtime/code_names.h"

#define CALLS_MAX 4 /* of one method by another */
#define LOCKS_MAX 8

/* What a method, with those that it calls, does to a lock. */
struct lock_use {
    uint64_t lock;
    bool acquired, released;
};

struct reading {
    struct actors *actors;
    uint64_t object;           /* whose method is read */
    uint64_t codes[CALLS_MAX]; /* of the methods under way */
    unsigned calls;
    struct lock_use uses[LOCKS_MAX];
    size_t count;
    bool verbs; /* some lock, known or not, is acquired or released */
};

bool is_lockable(enum role role)
{
    switch (role) {
    case ROLE_LOCK:
    case ROLE_RLOCK:
    case ROLE_CONDITION:
    case ROLE_SEMAPHORE:
    case ROLE_ASYNC_LOCK:
    case ROLE_ASYNC_CONDITION:
    case ROLE_ASYNC_SEMAPHORE:
        return true;
    default:
        return false;
    }
}

static bool acquires(const char *name)
{
    return strcmp(name, "acquire") == 0 || strcmp(name, "__enter__") == 0 ||
           strcmp(name, "__aenter__") == 0;
}

static bool releases(const char *name)
{
    return strcmp(name, "release") == 0 || strcmp(name, "__exit__") == 0 ||
           strcmp(name, "__aexit__") == 0;
}

/* ---- what names stand for -------------------------------------------------------------------- */

static uint64_t attribute_of(const struct reading *reading, uint64_t object, const char *name)
{
    const struct cpython *cpython = reading->actors->cpython;
    uint64_t value = object ? instance_get(cpython, object, name) : 0;
    return value || !object ? value : member_get(cpython, object, name);
}

static uint64_t lock_named(const struct reading *reading, uint64_t object, const char *name)
{
    uint64_t value = attribute_of(reading, object, name);
    return value && is_lockable(actors_role(reading->actors, value)) ? value : 0;
}

static bool is_under_way(const struct reading *reading, uint64_t code)
{
    for (unsigned i = 0; i < reading->calls; i++)
        if (reading->codes[i] == code)
            return true;
    return false;
}

struct method_search {
    const struct reading *reading;
    const char *name;
    uint64_t code;
};

static bool look_into_class(void *context, size_t index, uint64_t class)
{
    struct method_search *search = context;
    const struct cpython *cpython = search->reading->actors->cpython;
    struct type_view type;
    (void)index;
    if (!type_read(cpython, class, &type) || !type_is_python(cpython, &type))
        return true;
    uint64_t code = function_code_of(cpython, dict_get(cpython, type.dict, search->name));
    if (code && !is_under_way(search->reading, code))
        search->code = code;
    return !search->code;
}

/* The code of a method in Python. One under way calls the next one along the MRO: super(). */
static uint64_t method_of(const struct reading *reading, uint64_t object, const char *name)
{
    const struct cpython *cpython = reading->actors->cpython;
    struct method_search search = {.reading = reading, .name = name};
    struct type_view type;
    if (type_read(cpython, object_type(cpython, object), &type) && type_is_python(cpython, &type))
        (void)type_mro_visit(cpython, &type, look_into_class, &search);
    return search.code;
}

/* ---- what code does -------------------------------------------------------------------------- */

static void note(struct reading *reading, uint64_t lock, const char *verb)
{
    size_t i = 0;
    while (i < reading->count && reading->uses[i].lock != lock)
        i++;
    if (i == LOCKS_MAX)
        return;
    if (i == reading->count)
        reading->uses[reading->count++] = (struct lock_use){.lock = lock};
    reading->uses[i].acquired |= acquires(verb);
    reading->uses[i].released |= releases(verb);
}

/*
 * A name is listed where it is first used, so that of a verb follows that of its lock, if both are
 * new there. Otherwise it may be any lock's that the code names. False when it is none's.
 */
static bool note_verb(struct reading *reading, const name_vector *names, size_t verb)
{
    uint64_t object = reading->object, lock = 0;
    const char *name = names->items[verb];
    if (verb > 0)
        lock = lock_named(reading, object, names->items[verb - 1]);
    if (verb > 1 && !lock)
        lock = lock_named(reading, attribute_of(reading, object, names->items[verb - 2]),
                          names->items[verb - 1]);
    bool noted = lock;
    if (lock)
        note(reading, lock, name);
    for (size_t i = 0; i < names->count && !lock; i++) {
        uint64_t any = lock_named(reading, object, names->items[i]);
        if (any)
            note(reading, any, name);
        noted |= any;
    }
    return noted;
}

static void read_code(struct reading *reading, uint64_t object, uint64_t code);

/* A method of its own, or one of an object among its attributes. */
static void follow(struct reading *reading, const name_vector *names, size_t index)
{
    uint64_t object = reading->object, code = method_of(reading, object, names->items[index]);
    if (!code && index + 1 < names->count) {
        object = attribute_of(reading, object, names->items[index]);
        if (object && actors_role(reading->actors, object) == ROLE_NONE)
            code = method_of(reading, object, names->items[index + 1]);
    }
    if (code)
        read_code(reading, object, code);
}

static void read_code(struct reading *reading, uint64_t object, uint64_t code)
{
    name_vector names = {0};
    uint64_t outer = reading->object;
    if (reading->calls == CALLS_MAX)
        return;
    reading->codes[reading->calls++] = code;
    reading->object = object;
    (void)code_names_read(reading->actors->cpython, code, &names);
    for (size_t i = 0; i < names.count; i++) {
        bool verb = acquires(names.items[i]) || releases(names.items[i]);
        reading->verbs |= verb;
        if (!verb || !note_verb(reading, &names, i))
            follow(reading, &names, i);
    }
    code_names_free(&names);
    reading->object = outer;
    reading->calls--;
}

static bool read_method(struct reading *reading, uint64_t manager, const char *name)
{
    uint64_t code = method_of(reading, manager, name);
    if (code)
        read_code(reading, manager, code);
    return code && reading->verbs;
}

bool wrapper_locks_visit(struct actors *actors, uint64_t manager, bool async, visit_lock visit,
                         void *context)
{
    struct reading enter = {.actors = actors}, leave = {.actors = actors};
    if (!read_method(&leave, manager, async ? "__aexit__" : "__exit__") ||
        !read_method(&enter, manager, async ? "__aenter__" : "__enter__"))
        return false;
    for (size_t i = 0; i < enter.count; i++)
        for (size_t k = 0; k < leave.count; k++)
            if (enter.uses[i].lock == leave.uses[k].lock && enter.uses[i].acquired &&
                !enter.uses[i].released && leave.uses[k].released && !leave.uses[k].acquired)
                visit(context, enter.uses[i].lock);
    return true;
}
