#include "runtime/internal.h"

#include <string.h>

#include "base/cleanup.h"

/* Reads one thread state and the link to the next; false on a fault or a foreign thread. */
static bool read_thread(const struct cpython *cpython, uint64_t address, uint64_t interpreter,
                        struct thread_view *thread, uint64_t *next)
{
    const struct layout_offsets *at = &cpython->at;
    uint64_t owner, native_id = 0;
    *thread = (struct thread_view){.address = address, .interpreter = interpreter};
    struct read_request requests[] = {
        {.address = field_of(address, at->thread_next), .buffer = next, .size = 8},
        {.address = field_of(address, at->thread_interpreter), .buffer = &owner, .size = 8},
        {.address = field_of(address, at->thread_id), .buffer = &thread->ident, .size = 8},
        {.address = field_of(address, at->thread_dict), .buffer = &thread->dict, .size = 8},
        {.address = field_of(address, at->thread_native_id), .buffer = &native_id, .size = 8},
    };
    size_t count = sizeof requests / sizeof *requests - (at->thread_native_id == LAYOUT_ABSENT);
    target_read_batch(cpython->target, requests, count);
    for (size_t i = 0; i < count; i++)
        if (!requests[i].ok)
            return false;
    thread->native_id = native_id <= INT32_MAX ? (int32_t)native_id : 0;
    return owner == interpreter;
}

static enum chain walk(const struct cpython *cpython, uint64_t interpreter, thread_vector *threads,
                       struct address_map *seen)
{
    uint64_t address;
    if (!target_read_word(cpython->target,
                          field_of(interpreter, cpython->at.interpreter_threads_head), &address))
        return CHAIN_BROKEN;
    while (address && threads->count < RUNTIME_THREADS_MAX) {
        struct thread_view thread;
        uint64_t next;
        if (!plausible_link(address) || address_map_get(seen, address) != ADDRESS_MAP_ABSENT ||
            !read_thread(cpython, address, interpreter, &thread, &next))
            return CHAIN_BROKEN;
        if (!address_map_put(seen, address, 0) || !vector_push(threads, thread))
            return CHAIN_NO_MEMORY;
        address = next;
    }
    return CHAIN_WHOLE;
}

/* Appends the threads of one interpreter; of a chain that stays broken, what was readable. */
static bool append_threads(const struct cpython *cpython, uint64_t interpreter,
                           thread_vector *threads)
{
    size_t start = threads->count;
    enum chain chain = CHAIN_BROKEN;
    for (int attempt = 0; attempt < CHAIN_ATTEMPTS && chain == CHAIN_BROKEN; attempt++) {
        struct address_map seen = {0};
        threads->count = start;
        chain = walk(cpython, interpreter, threads, &seen);
        address_map_free(&seen);
    }
    return chain != CHAIN_NO_MEMORY;
}

/* Names the threads from `start` on, which are of `interpreter`. */
static bool name_threads(const struct cpython *cpython, const struct interpreter *interpreter,
                         thread_vector *threads, size_t start, int32_t *native_ids)
{
    thread_object_vector objects = {0};
    bool done = thread_objects_read(cpython, interpreter, &objects);
    for (size_t i = start; done && i < threads->count; i++) {
        uint64_t object = thread_objects_find(&objects, threads->items[i].ident);
        if (!object)
            continue;
        threads->items[i].name = thread_object_name(cpython, object);
        native_ids[i] = thread_object_native_id(cpython, object);
    }
    vector_free(&objects);
    return done;
}

/* Names and kernel ids of all threads. */
static bool identify_threads(const struct cpython *cpython, const interpreter_vector *interpreters,
                             thread_vector *threads)
{
    _cleanup_free_ int32_t *native_ids = calloc(threads->count + 1, sizeof *native_ids);
    if (!native_ids)
        return false;
    size_t start = 0;
    for (size_t i = 0; i < interpreters->count; i++) {
        const struct interpreter *interpreter = &interpreters->items[i];
        thread_vector own = *threads;
        own.count = start;
        while (own.count < threads->count &&
               threads->items[own.count].interpreter == interpreter->address)
            own.count++;
        if (!name_threads(cpython, interpreter, &own, start, native_ids))
            return false;
        start = own.count;
    }
    return native_ids_settle(cpython, threads, native_ids);
}

static bool append_frames(const struct cpython *cpython, const struct cpython *remembered,
                          const thread_vector *threads, frame_vector *frames)
{
    struct frame_walk walk_state = {.cpython = cpython, .remembered = remembered, .frames = frames};
    for (size_t i = 0; i < threads->count && !walk_state.no_memory; i++)
        frames_append(&walk_state, threads->items[i].address, (unsigned)i);
    bool done = !walk_state.no_memory;
    frame_walk_free(&walk_state);
    return done;
}

struct error *threads_list_with(const struct cpython *cpython, const struct cpython *remembered,
                                const interpreter_vector *interpreters, thread_vector *threads,
                                frame_vector *frames)
{
    bool done = true;
    for (size_t i = 0; done && i < interpreters->count; i++)
        done = append_threads(cpython, interpreters->items[i].address, threads);
    done = done && append_frames(cpython, remembered, threads, frames) &&
           identify_threads(remembered, interpreters, threads);
    if (done)
        return NULL;
    threads_free(threads, frames);
    return error_no_memory();
}

struct error *threads_list(const struct cpython *cpython, const interpreter_vector *interpreters,
                           thread_vector *threads, frame_vector *frames)
{
    struct cpython remembered;
    cpython_remember(cpython, &remembered);
    struct error *error = threads_list_with(cpython, &remembered, interpreters, threads, frames);
    cpython_forget(cpython, &remembered);
    return error;
}

void threads_free(thread_vector *threads, frame_vector *frames)
{
    for (size_t i = 0; i < threads->count; i++)
        free(threads->items[i].name);
    vector_free(threads);
    vector_free(frames);
}
