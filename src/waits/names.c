#include "waits/names.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"

/* ---- objects, as code knows them ------------------------------------------------------------- */

struct name_search {
    const struct cpython *cpython;
    uint64_t object;
    char *name;
};

static bool compare_local(void *context, const char *name, uint64_t object)
{
    struct name_search *search = context;
    if (object == search->object)
        search->name = strdup(name);
    return !search->name;
}

static bool compare_entry(void *context, uint64_t key, uint64_t value)
{
    struct name_search *search = context;
    if (value == search->object)
        search->name = str_value(search->cpython, key, STR_LIMIT);
    return !search->name;
}

/* "Class.attribute" */
static char *attribute_of(const struct cpython *cpython, uint64_t self, uint64_t object)
{
    struct name_search search = {.cpython = cpython, .object = object};
    if (!self)
        return NULL;
    (void)instance_visit(cpython, self, compare_entry, &search);
    if (!search.name)
        return NULL;
    _cleanup_free_ char *type = type_short_name(cpython, object_type(cpython, self));
    _cleanup_free_ char *attribute = search.name;
    return text_format("%s.%s", type, attribute);
}

static char *global_name(const struct cpython *cpython, const struct frame_view *frame,
                         uint64_t object)
{
    struct name_search search = {.cpython = cpython, .object = object};
    uint64_t globals = frame_globals(cpython, frame);
    if (!globals)
        return NULL;
    (void)dict_visit(cpython, globals, compare_entry, &search);
    if (!search.name)
        return NULL;
    _cleanup_free_ char *name = search.name;
    _cleanup_free_ char *module =
        str_value(cpython, dict_get(cpython, globals, "__name__"), STR_LIMIT);
    return module ? text_format("%s.%s", module, name) : strdup(name);
}

char *frame_name_of(const struct cpython *cpython, const struct frame_view *frame, uint64_t object)
{
    struct name_search search = {.cpython = cpython, .object = object};
    char *name = attribute_of(cpython, frame_local(cpython, frame, "self"), object);
    if (!name)
        name = global_name(cpython, frame, object);
    if (!name) {
        (void)frame_locals_visit(cpython, frame, compare_local, &search);
        name = search.name;
    }
    return name;
}

char *hold_name_of(const struct cpython *cpython, const struct hold *hold)
{
    char *name = hold->wrapper ? attribute_of(cpython, hold->wrapper, hold->manager) : NULL;
    return name ? name : frame_name_of(cpython, &hold->within, hold->manager);
}

/* By a frame of a thread that waits for it or of one that holds it. */
static char *known_name(const struct wait_picture *picture, uint64_t object)
{
    const struct snapshot *snapshot = picture->snapshot;
    for (size_t i = 0; i < picture->holds.items.count; i++) {
        const struct hold *hold = &picture->holds.items.items[i];
        char *name = hold->manager == object ? hold_name_of(snapshot->cpython, hold) : NULL;
        if (name)
            return name;
    }
    for (size_t i = 0; i < snapshot->seen.count; i++) {
        const struct seen_thread *thread = &snapshot->seen.items[i];
        char *name = NULL;
        if (thread->wait.object == object && thread->own != NOBODY)
            name = frame_name_of(snapshot->cpython, &thread->frames[thread->own], object);
        if (name)
            return name;
    }
    return NULL;
}

static char *object_name(const struct wait_picture *picture, uint64_t object)
{
    const struct cpython *cpython = picture->snapshot->cpython;
    _cleanup_free_ char *type = type_short_name(cpython, object_type(cpython, object));
    _cleanup_free_ char *known = known_name(picture, object);
    if (known)
        return text_format("%s (%s)", known, type);
    return text_format("%s 0x%llx", type, (unsigned long long)object);
}

/* ---- vertices -------------------------------------------------------------------------------- */

/* "fetch()", or `otherwise`. */
static char *coroutine_name(const struct cpython *cpython, uint64_t address, const char *more,
                            const char *otherwise)
{
    struct coroutine_view coroutine;
    struct source_place place;
    char *name = NULL;
    if (coroutine_read(cpython, address, &coroutine) && coroutine.frame.code &&
        code_place(cpython, coroutine.frame.code, &place)) {
        name = text_format("%s()%s", place.function ? place.function : "coroutine", more);
        source_place_free(&place);
    }
    return name ? name : strdup(otherwise);
}

/* A task, or a coroutine of which a loop has still to make one. */
static char *task_vertex_name(const struct wait_picture *picture, uint64_t address)
{
    size_t task = snapshot_task(picture->snapshot, address);
    return task != NOBODY ? snapshot_task_name(picture->snapshot, task)
                          : coroutine_name(picture->snapshot->cpython, address, " (not started)",
                                           "a task that is not started");
}

char *vertex_name(const struct wait_picture *picture, uint32_t vertex)
{
    const struct wait_vertex *facts = &picture->graph.vertices.items[vertex];
    const struct cpython *cpython = picture->snapshot->cpython;
    size_t thread;
    switch (facts->kind) {
    case VERTEX_THREAD:
        thread = picture_thread(picture, vertex);
        return thread == NOBODY ? strdup("a thread")
                                : snapshot_thread_name(picture->snapshot, thread);
    case VERTEX_TASK:
        return task_vertex_name(picture, facts->address);
    case VERTEX_LOOP:
        return type_short_name(cpython, object_type(cpython, facts->address));
    case VERTEX_ANYBODY:
        return strdup("any code that runs");
    case VERTEX_QUEUE:
        if (snapshot_is_generator(picture->snapshot, facts->address))
            return coroutine_name(cpython, facts->address, "", "a generator");
        return object_name(picture, facts->address);
    default:
        return object_name(picture, facts->address);
    }
}

const char *vertex_word(const struct wait_picture *picture, uint32_t vertex)
{
    const struct wait_vertex *facts = &picture->graph.vertices.items[vertex];
    static const char *const words[] = {
        [VERTEX_THREAD] = "thread", [VERTEX_LOOP] = "loop",    [VERTEX_TASK] = "task",
        [VERTEX_FUTURE] = "future", [VERTEX_LOCK] = "lock",    [VERTEX_EXECUTOR] = "executor",
        [VERTEX_QUEUE] = "queue",   [VERTEX_ANYBODY] = "code",
    };
    if (facts->kind == VERTEX_QUEUE && snapshot_is_generator(picture->snapshot, facts->address))
        return "generator";
    if (facts->kind == VERTEX_QUEUE || facts->kind == VERTEX_LOCK)
        return role_word(actors_role(picture->snapshot->actors, facts->address));
    return words[facts->kind];
}

bool thread_place(const struct seen_thread *thread, struct source_place *place)
{
    *place = (struct source_place){0};
    size_t frame = thread->own != NOBODY ? thread->own : 0;
    if (frame >= thread->frame_count || !thread->named[frame].place.file)
        return false;
    const struct source_place *at = &thread->named[frame].place;
    place->file = strdup(at->file);
    place->function = at->function ? strdup(at->function) : NULL;
    place->line = at->line;
    return place->file;
}

bool vertex_place(const struct wait_picture *picture, uint32_t vertex, struct source_place *place)
{
    const struct wait_vertex *facts = &picture->graph.vertices.items[vertex];
    *place = (struct source_place){0};
    if (facts->kind == VERTEX_THREAD) {
        size_t thread = picture_thread(picture, vertex);
        return thread != NOBODY && thread_place(&picture->snapshot->seen.items[thread], place);
    }
    size_t task =
        facts->kind == VERTEX_TASK ? snapshot_task(picture->snapshot, facts->address) : NOBODY;
    return task != NOBODY && snapshot_task_place(picture->snapshot, task, place);
}
