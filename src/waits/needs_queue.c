/* What a queue between threads needs: those whose code works at its other end. */
#include "waits/needs.h"

#include <string.h>

#include "waits/code_use.h"
#include "waits/snapshot_parts.h"

/* What is missing when a call waits, and who would bring it (Lib/queue.py, 3.8-3.15). */
static const struct queue_call {
    const char *function;  /* of queue.Queue, that waits */
    const char *method[2]; /* that lets it go on */
    const char *why;
} queue_calls[] = {
    {"Queue.put", {"get", "get_nowait"}, "emptied by"},
    {"Queue.get", {"put", "put_nowait"}, "filled by"},
    {"Queue.join", {"task_done", NULL}, "worked off by"},
};
#define QUEUE_CALLS (sizeof queue_calls / sizeof *queue_calls)

/* The call that `thread` waits in; NULL when it waits for something else. */
static const struct queue_call *call_of(const struct snapshot *snapshot,
                                        const struct seen_thread *thread, uint64_t queue)
{
    if (thread->wait.kind != THREAD_AWAITS_QUEUE || thread->wait.object != queue)
        return NULL;
    for (size_t i = 0; i < thread->frame_count; i++)
        for (size_t k = 0; k < QUEUE_CALLS; k++)
            if (frame_runs(snapshot->cpython, &thread->frames[i], "/queue.py",
                           queue_calls[k].function))
                return &queue_calls[k];
    return NULL;
}

static enum code_use use_of_other_end(const struct snapshot *snapshot,
                                      const struct seen_thread *thread, uint64_t queue,
                                      const struct queue_call *call)
{
    enum code_use use = CODE_USES_NOT;
    for (size_t i = 0; i < 2 && call->method[i]; i++) {
        enum code_use one = thread_code_use(snapshot, thread, queue, call->method[i]);
        use = one > use ? one : use;
    }
    return use;
}

/* Those that may do so, when there is only one and nobody else. */
static void need_other_end(struct building *building, uint32_t vertex, uint64_t queue,
                           const struct queue_call *call)
{
    const struct snapshot *snapshot = building->snapshot;
    size_t sure = 0, likely = 0, last = NOBODY;
    for (size_t i = 0; i < snapshot->seen.count; i++) {
        if (call_of(snapshot, &snapshot->seen.items[i], queue))
            continue;
        enum code_use use = use_of_other_end(snapshot, &snapshot->seen.items[i], queue, call);
        if (use == CODE_USES)
            need_thread(building, vertex, i, call->why);
        sure += use == CODE_USES;
        likely += use == CODE_MAY_USE;
        last = use == CODE_MAY_USE ? i : last;
    }
    if (!sure && likely == 1)
        need_thread(building, vertex, last, call->why);
}

/* Whether it may be one that only its maker knows: a thread knows of such in wait() for several
 * futures only. That is asked first, as most threads need no promises. */
static bool may_be_promised(const struct snapshot *snapshot, uint64_t event)
{
    bool by_thread = false;
    for (size_t i = 0; i < snapshot->seen.count; i++) {
        const struct seen_thread *thread = &snapshot->seen.items[i];
        if (thread->wait.object != event)
            continue;
        by_thread = true;
        for (size_t k = 0; k < thread->frame_count; k++)
            if (named_in_file(&thread->named[k], "/concurrent/futures/_base.py"))
                return true;
    }
    return !by_thread;
}

/* An event that only its maker knows: of a limiter, or of a wait for several futures. */
static bool promised_event_needs(struct building *building, uint32_t vertex, uint64_t event)
{
    if (!may_be_promised(building->snapshot, event))
        return false;
    const struct promises *promises = promises_of(building);
    uint32_t first = promises_for(promises, event);
    for (uint32_t i = first; i != PROMISE_NONE; i = promises->items.items[i].next) {
        const struct promise *promise = &promises->items.items[i];
        enum role role = actors_role(building->snapshot->actors, promise->by);
        vertex_at(building, vertex)->needs_all |= promise->kind == PROMISE_ALL;
        need(building, vertex, kind_of_role(role), promise->by, true,
             role == ROLE_LIMITER ? "set when there is room in" : "set by the end of");
    }
    return first != PROMISE_NONE;
}

void queue_needs(struct building *building, uint32_t vertex, uint64_t address)
{
    const struct snapshot *snapshot = building->snapshot;
    bool told[QUEUE_CALLS] = {false};
    if (promised_event_needs(building, vertex, address))
        return;
    for (size_t i = 0; i < snapshot->seen.count; i++) {
        const struct queue_call *call = call_of(snapshot, &snapshot->seen.items[i], address);
        if (!call || told[call - queue_calls])
            continue;
        told[call - queue_calls] = true;
        need_other_end(building, vertex, address, call);
    }
    need_somebody(building, address);
}

static bool waits_in(const struct snapshot *snapshot, size_t thread, const char *function)
{
    const struct seen_thread *seen = &snapshot->seen.items[thread];
    const struct queue_call *call = call_of(snapshot, seen, seen->wait.object);
    return call && strcmp(call->function, function) == 0;
}

bool queue_is_joined(const struct snapshot *snapshot, size_t thread)
{
    return waits_in(snapshot, thread, "Queue.join");
}

bool queue_holds_up(const struct snapshot *snapshot, size_t thread)
{
    return queue_is_joined(snapshot, thread) || waits_in(snapshot, thread, "Queue.put");
}
