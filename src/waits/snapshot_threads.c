/* Threads with their frames, and what each waits for. */
#include <string.h>

#include "base/cleanup.h"
#include "waits/snapshot_parts.h"

bool named_in_file(const struct named_frame *named, const char *end)
{
    const char *file = named->place.file;
    size_t length = file ? strlen(file) : 0, wanted = strlen(end);
    return length >= wanted && strcmp(file + length - wanted, end) == 0;
}

bool named_runs(const struct named_frame *named, const char *file, const char *function)
{
    const char *name = named->place.function;
    const char *last = name ? strrchr(name, '.') : NULL;
    return name && named_in_file(named, file) && strcmp(last ? last + 1 : name, function) == 0;
}

/* The program's own frame nearest to the innermost; a library's where there is none. */
static size_t own_frame(const struct seen_thread *thread)
{
    size_t library = NOBODY;
    for (size_t i = 0; i < thread->frame_count; i++) {
        const struct named_frame *named = &thread->named[i];
        if (named->place.file && !named->library &&
            (i + 1 == thread->frame_count || !is_comprehension(named->place.function)))
            return i;
        if (named->place.file && !named->standard && library == NOBODY)
            library = i;
    }
    return library;
}

bool is_comprehension(const char *function)
{
    static const char *const names[] = {"<listcomp>", "<setcomp>", "<dictcomp>"};
    const char *last = function ? strrchr(function, '.') : NULL;
    last = last ? last + 1 : function ? function : "";
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(last, names[i]) == 0)
            return true;
    return false;
}

enum entering entering_by(const char *function)
{
    const char *last = function ? strrchr(function, '.') : NULL;
    last = last ? last + 1 : function ? function : "";
    if (strcmp(last, "__enter__") == 0 || strcmp(last, "__aenter__") == 0)
        return ENTERING_BLOCK;
    return strcmp(last, "acquire") == 0 ? ENTERING_MAYBE : ENTERING_NOTHING;
}

/* Who waits for a lock does so at the with statement, not in the class that wraps the lock. */
static size_t with_statement(const struct seen_thread *thread, size_t own)
{
    bool enters = false;
    if (own == NOBODY ||
        (thread->wait.kind != THREAD_AWAITS_LOCK && thread->wait.kind != THREAD_AWAITS_SEMAPHORE))
        return own;
    for (size_t i = own; i < thread->frame_count && !thread->named[i].library; i++) {
        enum entering entering = entering_by(thread->named[i].place.function);
        if (entering == ENTERING_NOTHING)
            return enters ? i : own;
        enters |= entering == ENTERING_BLOCK;
    }
    return own;
}

/* A worker runs its item in _WorkItem.run; from 3.14 on also in a run() of its context. */
static void note_work_item(const struct snapshot *snapshot, struct seen_thread *thread)
{
    for (size_t i = 0; i < thread->frame_count && !thread->work_item_run; i++) {
        if (!named_runs(&thread->named[i], "/concurrent/futures/thread.py", "run"))
            continue;
        thread->work_item = frame_local(snapshot->cpython, &thread->frames[i], "self");
        thread->work_item_run = actors_role(snapshot->actors, thread->work_item) == ROLE_WORK_ITEM;
    }
}

/* A worker of multiprocessing.pool has the number of its job in a variable while it is at it. */
static void note_pool_job(const struct snapshot *snapshot, struct seen_thread *thread)
{
    for (size_t i = 0; i < thread->frame_count && !thread->pool_queue; i++) {
        const struct frame_view *frame = &thread->frames[i];
        if (!named_runs(&thread->named[i], "/multiprocessing/pool.py", "worker"))
            continue;
        uint64_t job = frame_local(snapshot->cpython, frame, "job");
        thread->pool_queue = frame_local(snapshot->cpython, frame, "inqueue");
        thread->work_item_run = job && int_value(snapshot->cpython, job, &thread->pool_job);
    }
}

/* WorkerThread.run() has the future that it completes in a variable (anyio, 3 and 4). */
static void note_future(const struct snapshot *snapshot, struct seen_thread *thread)
{
    for (size_t i = 0; i < thread->frame_count && !thread->work_future; i++) {
        if (!named_runs(&thread->named[i], "/anyio/_backends/_asyncio.py", "run"))
            continue;
        uint64_t future = frame_local(snapshot->cpython, &thread->frames[i], "future");
        if (future && actors_role(snapshot->actors, future) == ROLE_FUTURE)
            thread->work_future = future;
    }
}

static void see_thread(const struct snapshot *snapshot, const struct gil_view *gil,
                       struct seen_thread *thread)
{
    const struct cpython *cpython = snapshot->cpython;
    const struct thread_state *state =
        thread_states_find(&snapshot->states, thread->view->native_id);
    thread->state_known = state;
    if (state)
        thread->state = *state;
    if (thread->state_known)
        thread->wait = thread_wait_tell(cpython, thread->frames, thread->named, thread->frame_count,
                                        &thread->state, gil);
    thread->own = with_statement(thread, own_frame(thread));
    note_work_item(snapshot, thread);
    note_pool_job(snapshot, thread);
    note_future(snapshot, thread);
}

/* frame_vector is ordered by thread: each gets its own stretch. */
static bool deal_frames(struct snapshot *snapshot)
{
    size_t first = 0;
    for (size_t i = 0; i < snapshot->threads.count; i++) {
        struct seen_thread thread = {
            .view = &snapshot->threads.items[i], .loop = NOBODY, .own = NOBODY};
        size_t end = first;
        while (end < snapshot->frames.count && snapshot->frames.items[end].thread == i)
            end++;
        thread.frame_count = end - first;
        thread.frames = thread.frame_count ? snapshot->frames.items + first : NULL;
        thread.named = snapshot->named + first;
        first = end;
        if (!vector_push(&snapshot->seen, thread) ||
            !address_map_put(&snapshot->thread_of, thread.view->address, (uint32_t)i))
            return false;
    }
    return true;
}

static void name_frames(struct snapshot *snapshot, const interpreter_vector *interpreters)
{
    snapshot->standard =
        interpreters->count ? standard_library(snapshot->cpython, &interpreters->items[0]) : NULL;
    frames_expect(snapshot->cpython, snapshot->frames.items, snapshot->frames.count);
    for (size_t i = 0; i < snapshot->frames.count; i++)
        (void)named_frame_read(snapshot->cpython, &snapshot->frames.items[i], snapshot->standard,
                               &snapshot->named[i]);
}

struct error *snapshot_see_threads(struct snapshot *snapshot,
                                   const interpreter_vector *interpreters)
{
    snapshot->named = calloc(snapshot->frames.count + 1, sizeof *snapshot->named);
    if (!snapshot->named || !deal_frames(snapshot))
        return error_no_memory();
    name_frames(snapshot, interpreters);
    for (size_t i = 0; i < snapshot->seen.count; i++) {
        struct seen_thread *thread = &snapshot->seen.items[i];
        struct gil_view gil = {0};
        bool known = gil_read(snapshot->cpython, thread->view->interpreter, &gil);
        see_thread(snapshot, known ? &gil : NULL, thread);
    }
    return NULL;
}
