#include "runtime/internal.h"
#include "runtime/parked.h"

#define BASES_MAX 16

/* The size of instances of the class in C that `type` is or derives from. */
static int64_t size_in_c(const struct cpython *cpython, uint64_t type)
{
    struct type_view view;
    int64_t size = 0;
    for (int i = 0; i < BASES_MAX && type && type_read(cpython, type, &view) && view.base; i++) {
        size = view.basicsize;
        type = view.base;
    }
    return size;
}

static enum lock_kind at_place(uint64_t object, int32_t offset, enum lock_kind kind,
                               uint64_t *place)
{
    if (offset == LAYOUT_ABSENT)
        return LOCK_KIND_NONE;
    *place = field_of(object, offset);
    return kind;
}

enum lock_kind lock_kind_of(const struct cpython *cpython, uint64_t object, enum role role,
                            uint64_t *place)
{
    const struct layout_offsets *at = &cpython->at;
    int64_t size = size_in_c(cpython, object_type(cpython, object));
    if (role == ROLE_LOCK && size == at->size_of_semaphore_lock)
        return at_place(object, at->lock_semaphore, LOCK_KIND_SEMAPHORE, place);
    if (role == ROLE_LOCK && size == at->size_of_mutex_lock)
        return at_place(object, at->lock_mutex, LOCK_KIND_MUTEX, place);
    if (role == ROLE_RLOCK && size == at->size_of_semaphore_rlock)
        return at_place(object, at->semaphore_rlock_semaphore, LOCK_KIND_SEMAPHORE, place);
    if (role == ROLE_RLOCK && size == at->size_of_mutex_rlock)
        return at_place(object, at->mutex_rlock_mutex, LOCK_KIND_MUTEX, place);
    if (role == ROLE_SIMPLE_QUEUE && at->simple_queue_semaphore != LAYOUT_ABSENT)
        return at_place(object, at->simple_queue_semaphore, LOCK_KIND_SEMAPHORE, place);
    if (role == ROLE_SIMPLE_QUEUE)
        return at_place(object, at->simple_queue_waiting, LOCK_KIND_MUTEX, place);
    return LOCK_KIND_NONE;
}

static bool read_lock(const struct cpython *cpython, struct lock_view *view)
{
    uint64_t place;
    uint8_t byte;
    enum lock_kind kind = lock_kind_of(cpython, view->address, view->role, &place);
    if (kind == LOCK_KIND_NONE)
        return false;
    if (kind == LOCK_KIND_SEMAPHORE)
        place = field_of(view->address, cpython->at.lock_locked);
    if (!target_read(cpython->target, place, &byte, 1))
        return false;
    view->locked = byte & 1; /* bit 1 of a mutex: others are parked on it */
    return true;
}

/* threading._RLock: a plain lock, its owner and how often that took it (Lib/threading.py). */
static bool read_rlock_in_python(const struct cpython *cpython, struct lock_view *view)
{
    int64_t owner;
    uint64_t ident = instance_get(cpython, view->address, "_owner");
    uint64_t count = instance_get(cpython, view->address, "_count");
    if (!ident || !count || !int_value(cpython, count, &view->depth))
        return false;
    if (ident != cpython->none && int_value(cpython, ident, &owner))
        view->owner_ident = (uint64_t)owner;
    view->locked = view->depth > 0;
    return true;
}

static bool read_rlock(const struct cpython *cpython, struct lock_view *view)
{
    const struct layout_offsets *at = &cpython->at;
    uint64_t place, owner, count;
    if (read_rlock_in_python(cpython, view))
        return true;
    enum lock_kind kind = lock_kind_of(cpython, view->address, view->role, &place);
    if (kind == LOCK_KIND_NONE)
        return false;
    bool mutex = kind == LOCK_KIND_MUTEX;
    uint8_t byte = 0;
    struct read_request requests[] = {
        {field_of(view->address, mutex ? at->mutex_rlock_owner : at->semaphore_rlock_owner), &owner,
         sizeof owner, false},
        {field_of(view->address, mutex ? at->mutex_rlock_level : at->semaphore_rlock_count), &count,
         sizeof count, false},
        {place, &byte, sizeof byte, false},
    };
    target_read_batch(cpython->target, requests, 3);
    if (!requests[0].ok || !requests[1].ok || !requests[2].ok || count > INT64_MAX - 1)
        return false;
    view->locked = mutex ? byte & 1 : count > 0;
    view->depth = view->locked ? (int64_t)count + mutex : 0;
    view->owner_ident = view->locked ? owner : 0;
    return true;
}

bool lock_read(const struct cpython *cpython, uint64_t object, struct lock_view *view)
{
    *view = (struct lock_view){.address = object, .role = role_of(cpython, object)};
    return view->role == ROLE_LOCK    ? read_lock(cpython, view)
           : view->role == ROLE_RLOCK ? read_rlock(cpython, view)
                                      : false;
}
