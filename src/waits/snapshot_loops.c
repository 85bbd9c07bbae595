/* Event loops: who runs them, and whether they turn. */
#include <math.h>
#include <sys/syscall.h>

#include "waits/snapshot_parts.h"

/* One turn of a loop: asyncio's, or that which nest_asyncio (1.4-1.6) puts in its place. */
static bool runs_turn(const struct named_frame *named)
{
    return named_runs(named, "/asyncio/base_events.py", "_run_once") ||
           named_runs(named, "/nest_asyncio.py", "_run_once");
}

/* The future that a run_until_complete() runs for; 0 when the frame is none. */
static uint64_t runs_for(const struct cpython *cpython, const struct frame_view *frame,
                         const struct named_frame *named)
{
    if (named_runs(named, "/asyncio/base_events.py", "run_until_complete"))
        return frame_local(cpython, frame, "future"); /* 3.8-3.15 */
    if (named_runs(named, "/nest_asyncio.py", "run_until_complete"))
        return frame_local(cpython, frame, "f");
    return 0;
}

/*
 * When the turn under way began: _run_once computes `end_time = self.time() + resolution` right
 * after its selector has returned (Lib/asyncio/base_events.py, 3.8-3.15).
 */
static void read_turn(const struct cpython *cpython, const struct seen_thread *thread,
                      struct seen_loop *loop)
{
    loop->turn_began = NAN;
    loop->turn_step = -1;
    for (size_t i = 0; i < thread->frame_count; i++) {
        if (!runs_turn(&thread->named[i]))
            continue;
        int64_t step;
        double began;
        uint64_t end_time = frame_local(cpython, &thread->frames[i], "end_time");
        if (end_time && float_value(cpython, end_time, &began))
            loop->turn_began = began;
        uint64_t counter = frame_local(cpython, &thread->frames[i], "i");
        if (counter && int_value(cpython, counter, &step))
            loop->turn_step = step;
        return;
    }
}

/* Of the innermost run_until_complete(), 0 outside of any. */
static uint64_t runs_until(const struct cpython *cpython, const struct seen_thread *thread)
{
    uint64_t future = 0;
    for (size_t i = 0; i < thread->frame_count && !future; i++)
        future = runs_for(cpython, &thread->frames[i], &thread->named[i]);
    return future;
}

uint64_t snapshot_frame_behind(const struct snapshot *snapshot, uint64_t frame)
{
    for (size_t i = 0; i < snapshot->seen.count; i++) {
        const struct seen_thread *thread = &snapshot->seen.items[i];
        uint64_t behind = 0, until = 0;
        bool met = false;
        for (size_t k = 0; k < thread->frame_count; k++) {
            met |= thread->frames[k].address == frame;
            until = runs_for(snapshot->cpython, &thread->frames[k], &thread->named[k]);
            if (until && met)
                return behind; /* what the frame is part of is itself run by a loop */
            behind = until ? until : behind;
        }
    }
    return 0;
}

static bool waits_in_turn(const struct seen_thread *thread)
{
    if (thread->wait.kind != THREAD_IN_SELECTOR)
        return false;
    for (size_t i = 0; i < thread->frame_count; i++)
        if (!named_in_file(&thread->named[i], "/selectors.py"))
            return runs_turn(&thread->named[i]);
    return false;
}

/* In its selector as a loop, not in one that a callback uses for something else. */
static bool waits_as_loop(const struct seen_thread *thread, enum role role)
{
    int64_t call = thread->state.in_system_call ? thread->state.system_call : -1;
    if (role == ROLE_LOOP_UV)
        return (call == SYS_epoll_wait || call == SYS_epoll_pwait) &&
               !(thread->frame_count && named_in_file(&thread->named[0], "/selectors.py"));
    return waits_in_turn(thread);
}

static bool count_io(void *user, int descriptor, bool writer, const struct handle_view *handle)
{
    (void)descriptor, (void)writer, (void)handle;
    return ++*(unsigned *)user < 2;
}

bool snapshot_loop_has_io(const struct snapshot *snapshot, const struct seen_loop *loop)
{
    unsigned watched = 0; /* one is the loop's own self-pipe */
    (void)loop_io_visit(snapshot->cpython, &loop->view, count_io, &watched);
    return watched > 1;
}

bool snapshot_loop_has_signals(const struct snapshot *snapshot, const struct seen_loop *loop)
{
    uint64_t handlers = instance_get(snapshot->cpython, loop->view.address, "_signal_handlers");
    return handlers && dict_length(snapshot->cpython, handlers) > 0;
}

static void see_loop(struct snapshot *snapshot, struct seen_loop *loop, size_t index,
                     const interpreter_vector *interpreters)
{
    const struct cpython *cpython = snapshot->cpython;
    loop->thread = NOBODY;
    loop->turn_began = NAN;
    loop->turn_step = -1;
    loop->counted =
        loop->view.ready_deque && deque_counts_read(cpython, loop->view.ready_deque, &loop->counts);
    for (size_t i = 0; i < snapshot->seen.count; i++) {
        struct seen_thread *thread = &snapshot->seen.items[i];
        if (thread->loop != NOBODY || thread->running_loop != loop->view.address)
            continue;
        loop->thread = i;
        thread->loop = index;
        thread->in_loop_wait = waits_as_loop(thread, loop->view.role);
        if (thread->in_loop_wait)
            thread->wait.kind = THREAD_IN_SELECTOR;
        read_turn(cpython, thread, loop);
        loop->until = runs_until(cpython, thread);
        for (size_t j = 0; j < interpreters->count; j++)
            if (interpreters->items[j].address == thread->view->interpreter)
                loop->current_task = loop_current_task(cpython, &interpreters->items[j],
                                                       thread->view, loop->view.address);
        break;
    }
}

/*
 * A loop in one of whose callbacks another loop was started stands still until that one ends: it is
 * not the running one of its thread any more, but still on its stack.
 */
static void see_interrupted(const struct snapshot *snapshot, struct seen_loop *loop)
{
    for (size_t i = 0; i < snapshot->frames.count && loop->thread == NOBODY; i++) {
        size_t inner = snapshot->seen.items[snapshot->frames.items[i].thread].loop;
        if (inner != NOBODY &&
            named_runs(&snapshot->named[i], "/asyncio/base_events.py", "_run_once") &&
            frame_local(snapshot->cpython, &snapshot->frames.items[i], "self") ==
                loop->view.address)
            loop->behind = snapshot->loops.items[inner].until;
    }
}

static struct error *add_loop(struct snapshot *snapshot, uint64_t address, enum role role,
                              const interpreter_vector *interpreters)
{
    struct seen_loop loop = {0};
    if ((role != ROLE_LOOP && role != ROLE_LOOP_UV) ||
        !loop_read(snapshot->cpython, address, &loop.view) || loop.view.closed ||
        (role == ROLE_LOOP && loop.view.ready < 0)) /* only its type word is there */
        return NULL;
    size_t index = snapshot->loops.count;
    see_loop(snapshot, &loop, index, interpreters);
    if (!vector_push(&snapshot->loops, loop) ||
        !address_map_put(&snapshot->loop_of, address, (uint32_t)index))
        return error_no_memory();
    return NULL;
}

/* Whether every loop waits for events, and no thread for the end of one that may run a loop: what
 * the loops hold then makes no difference to the threads. */
static bool loops_are_idle(struct snapshot *snapshot)
{
    bool idle = true;
    for (size_t i = 0; i < snapshot->seen.count; i++) {
        struct seen_thread *thread = &snapshot->seen.items[i];
        thread->in_loop_wait = thread->running_loop && waits_in_turn(thread);
        idle &= thread->wait.kind != THREAD_AWAITS_THREAD &&
                (!thread->running_loop || thread->in_loop_wait);
    }
    return idle;
}

/* Without a census of the heap, the loops that run are known from the threads. */
struct error *snapshot_see_loops(struct snapshot *snapshot, const interpreter_vector *interpreters,
                                 bool threads_only)
{
    struct error *error = NULL;
    for (size_t i = 0; i < snapshot->seen.count; i++)
        snapshot->seen.items[i].running_loop =
            thread_running_loop(snapshot->cpython, snapshot->seen.items[i].view);
    if (threads_only && loops_are_idle(snapshot))
        return NULL;
    for (size_t i = 0; i < snapshot->actors->items.count && !error; i++) {
        const struct actor *actor = &snapshot->actors->items.items[i];
        error = add_loop(snapshot, actor->address, actor->role, interpreters);
    }
    for (size_t i = 0; i < snapshot->seen.count && !error; i++) {
        uint64_t loop = snapshot->seen.items[i].running_loop;
        if (loop && snapshot->seen.items[i].loop == NOBODY)
            error = add_loop(snapshot, loop, actors_role(snapshot->actors, loop), interpreters);
    }
    for (size_t i = 0; i < snapshot->loops.count; i++)
        see_interrupted(snapshot, &snapshot->loops.items[i]);
    return error;
}
