/* What a queue or an event needs: those who promised it, or whose code works at its other end. */
#include "waits/needs.h"

#include <string.h>

#include "waits/other_end.h"
#include "waits/snapshot_parts.h"

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
    if (promised_event_needs(building, vertex, address))
        return;
    need_other_ends(building, vertex, address);
    need_somebody(building, address);
}

static bool waits_in(const struct snapshot *snapshot, size_t thread, const char *function)
{
    const struct seen_thread *seen = &snapshot->seen.items[thread];
    if (seen->wait.kind != THREAD_AWAITS_QUEUE)
        return false;
    const struct waiting_call *call = waiting_call_of(snapshot, seen, seen->wait.object);
    return call && call->function && strcmp(call->function, function) == 0;
}

bool queue_is_joined(const struct snapshot *snapshot, size_t thread)
{
    return waits_in(snapshot, thread, "Queue.join");
}

bool queue_holds_up(const struct snapshot *snapshot, size_t thread)
{
    return queue_is_joined(snapshot, thread) || waits_in(snapshot, thread, "Queue.put");
}
