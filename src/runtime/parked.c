/*
 * From the futex that a thread sleeps on to the Python object. Locks with a semaphore sleep on the
 * semaphore: the object that points at it is somewhere on the waiting thread's own C stack, since
 * the functions that wait were called for it. Locks with a mutex sleep on a semaphore on that
 * stack, in the record of their place in the queue, where the address of the mutex stands before
 * it (Python/parking_lot.c, 3.13 to 3.15: struct wait_entry).
 */
#include "runtime/parked.h"

#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>

#include "base/cleanup.h"
#include "runtime/internal.h"

#define STACK_MAX   (UINT64_C(256) << 10)
#define RECORD_NEAR (UINT64_C(64) << 10) /* the record lies in one of the innermost frames */
#define BATCH       24
/* What a semaphore and its pointer, or a mutex, lie behind: the head of an object. */
#define OBJECT_ALIGNMENT 8

bool parked_futex(const struct thread_state *state, uint64_t *futex)
{
    if (!state->in_system_call || state->system_call != SYS_futex)
        return false;
    *futex = state->arguments[0];
    return true;
}

/* Whether `object` is of a lock's type and sleeps on `place`. */
static bool is_lock_at(const struct cpython *cpython, uint64_t object, enum lock_kind kind,
                       uint64_t place)
{
    uint64_t found;
    enum role role = role_of(cpython, object);
    return lock_kind_of(cpython, object, role, &found) == kind && found == place;
}

/* The object whose mutex the record before the futex names. */
static uint64_t by_record(const struct cpython *cpython, uint64_t stack, uint64_t futex)
{
    const struct layout_offsets *at = &cpython->at;
    const int32_t places[] = {at->lock_mutex, at->mutex_rlock_mutex, at->simple_queue_waiting};
    uint64_t mutex;
    if (futex - stack >= RECORD_NEAR ||
        !target_read_word(cpython->target, futex - sizeof mutex, &mutex))
        return 0;
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        uint64_t object = mutex - (uint64_t)(int64_t)places[i];
        if (places[i] != LAYOUT_ABSENT && plausible_link(object) &&
            is_lock_at(cpython, object, LOCK_KIND_MUTEX, mutex))
            return object;
    }
    return 0;
}

/* Objects that the stack names, to be asked for the semaphore together. */
struct candidates {
    const struct cpython *cpython;
    uint64_t futex;
    uint64_t objects[BATCH];
    size_t count;
};

/* All locks with a semaphore hold its pointer at the same place, right behind the head. */
static uint64_t ask(struct candidates *candidates)
{
    const struct cpython *cpython = candidates->cpython;
    struct read_request requests[BATCH];
    uint64_t words[BATCH], found = 0;
    for (size_t i = 0; i < candidates->count; i++)
        requests[i] =
            (struct read_request){field_of(candidates->objects[i], cpython->at.lock_semaphore),
                                  &words[i], sizeof *words, false};
    target_read_batch(cpython->target, requests, candidates->count);
    for (size_t i = 0; i < candidates->count && !found; i++) {
        uint64_t object = candidates->objects[i];
        if (requests[i].ok && words[i] == candidates->futex &&
            is_lock_at(cpython, object, LOCK_KIND_SEMAPHORE,
                       field_of(object, cpython->at.lock_semaphore)))
            found = object;
    }
    candidates->count = 0;
    return found;
}

/* Whether a word of the stack may be the address of an object. */
static bool may_be_object(const struct cpython *cpython, uint64_t word)
{
    const struct mapping *mapping =
        word && !(word % OBJECT_ALIGNMENT) ? target_mapping_at(cpython->target, word) : NULL;
    return mapping && mapping->readable && mapping->writable;
}

static uint64_t by_semaphore(const struct cpython *cpython, uint64_t stack, uint64_t futex)
{
    struct candidates candidates = {.cpython = cpython, .futex = futex};
    const struct mapping *mapping = target_mapping_at(cpython->target, stack);
    uint64_t size = mapping ? mapping->end - stack : 0, found = 0;
    size = size < STACK_MAX ? size : STACK_MAX;
    _cleanup_free_ uint8_t *bytes = malloc(size + 1);
    if (!bytes || cpython->at.lock_semaphore == LAYOUT_ABSENT)
        return 0;
    size = target_read_some(cpython->target, stack, bytes, size);
    for (uint64_t offset = 0; offset + 8 <= size && !found; offset += 8) {
        uint64_t word;
        memcpy(&word, bytes + offset, sizeof word);
        if (word - stack < size || !may_be_object(cpython, word))
            continue;
        candidates.objects[candidates.count++] = word;
        if (candidates.count == BATCH)
            found = ask(&candidates);
    }
    return found ? found : ask(&candidates);
}

uint64_t lock_waited_for(const struct cpython *cpython, const struct thread_state *state)
{
    uint64_t futex;
    if (!parked_futex(state, &futex) || state->stack_pointer % 8)
        return 0;
    uint64_t object = by_record(cpython, state->stack_pointer, futex);
    return object ? object : by_semaphore(cpython, state->stack_pointer, futex);
}
