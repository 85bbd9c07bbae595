/* What a thread needs: by what it waits for. */
#include "waits/needs.h"

/* A loop in its selector gets on only when something can wake it. */
static bool selector_can_wake(const struct snapshot *snapshot, const struct seen_thread *thread)
{
    if (thread->loop == NOBODY || !thread->in_loop_wait)
        return true;
    const struct seen_loop *loop = &snapshot->loops.items[thread->loop];
    return loop->view.role == ROLE_LOOP_UV || loop->view.ready != 0 || loop->view.scheduled != 0 ||
           snapshot_loop_has_io(snapshot, loop) || snapshot_loop_has_signals(snapshot, loop);
}

/* A thread in run_until_complete() may turn its loop as often as it likes: it ends with that future
 * only. 0: it does not wait in there. */
static uint64_t runs_for(const struct snapshot *snapshot, size_t thread)
{
    const struct seen_thread *seen = &snapshot->seen.items[thread];
    if (seen->loop == NOBODY || !seen->in_loop_wait)
        return 0;
    uint64_t until = snapshot->loops.items[seen->loop].until;
    enum role role = until ? actors_role(snapshot->actors, until) : ROLE_NONE;
    return role == ROLE_TASK || role == ROLE_FUTURE || role == ROLE_GATHER ? until : 0;
}

static void join_thread(struct building *building, uint32_t vertex, uint64_t object)
{
    size_t other = snapshot_thread_named_in(building->snapshot, object, "_ident");
    uint64_t until = other == NOBODY ? 0 : runs_for(building->snapshot, other);
    if (other == NOBODY)
        moves(building, vertex); /* it has ended, or is no thread of Python */
    else if (until)
        need(building, vertex, kind_of_role(actors_role(building->snapshot->actors, until)), until,
             true, "waits for the end of a thread that runs");
    else
        need_thread(building, vertex, other, "waits for the end of");
}

/* Lib/importlib/_bootstrap.py, _ModuleLock: `owner` is the ident of the importing thread. */
static void await_import(struct building *building, uint32_t vertex, uint64_t lock)
{
    size_t other = snapshot_thread_named_in(building->snapshot, lock, "owner");
    uint64_t until = other == NOBODY ? 0 : runs_for(building->snapshot, other);
    if (other == NOBODY)
        moves(building, vertex);
    else if (until)
        need(building, vertex, kind_of_role(actors_role(building->snapshot->actors, until)), until,
             true, "waits for the import by a thread that runs");
    else
        need_thread(building, vertex, other, "waits for the import by");
}

/* A condition is no lock that somebody holds. */
static void await_something(struct building *building, uint32_t vertex, uint64_t object)
{
    enum vertex_kind kind = kind_of_role(actors_role(building->snapshot->actors, object));
    need(building, vertex, kind == VERTEX_LOCK ? VERTEX_QUEUE : kind, object, true, "blocked on");
}

void thread_needs(struct building *building, uint32_t vertex, uint64_t address)
{
    uint32_t index = address_map_get(&building->snapshot->thread_of, address);
    if (index == ADDRESS_MAP_ABSENT) {
        moves(building, vertex);
        return;
    }
    const struct seen_thread *thread = &building->snapshot->seen.items[index];
    const struct thread_wait *wait = &thread->wait;
    if (!thread->state_known || wait->timed ||
        (!wait->object && wait->kind != THREAD_IN_SELECTOR)) {
        moves(building, vertex);
        return;
    }
    switch (wait->kind) {
    case THREAD_AWAITS_LOCK:
        need(building, vertex, VERTEX_LOCK, wait->object, true, "blocked on");
        break;
    case THREAD_AWAITS_SEMAPHORE:
        need(building, vertex, VERTEX_LOCK, wait->object, true, "blocked on");
        break;
    case THREAD_AWAITS_FUTURE:
        need(building, vertex, VERTEX_FUTURE, wait->object, true, "blocked in the result of");
        break;
    case THREAD_AWAITS_CONDITION:
    case THREAD_AWAITS_EVENT:
    case THREAD_AWAITS_QUEUE:
    case THREAD_AWAITS_BARRIER:
        await_something(building, vertex, wait->object);
        break;
    case THREAD_AWAITS_THREAD:
        join_thread(building, vertex, wait->object);
        break;
    case THREAD_AWAITS_IMPORT:
        await_import(building, vertex, wait->object);
        break;
    case THREAD_IN_SELECTOR:
        if (selector_can_wake(building->snapshot, thread))
            moves(building, vertex);
        break;
    default:
        moves(building, vertex);
    }
}
