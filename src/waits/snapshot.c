#include "waits/snapshot.h"

#include <math.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/text.h"

static double now_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* ---- threads --------------------------------------------------------------------------------- */

static bool in_file(const struct named_frame *named, const char *end)
{
    const char *file = named->place.file;
    size_t length = file ? strlen(file) : 0, wanted = strlen(end);
    return length >= wanted && strcmp(file + length - wanted, end) == 0;
}

static bool runs(const struct named_frame *named, const char *file, const char *function)
{
    const char *name = named->place.function;
    const char *last = name ? strrchr(name, '.') : NULL;
    return name && in_file(named, file) && strcmp(last ? last + 1 : name, function) == 0;
}

/* The program's own frame nearest to the innermost; a library's where there is none. */
static size_t own_frame(const struct seen_thread *thread)
{
    size_t library = NOBODY;
    for (size_t i = 0; i < thread->frame_count; i++) {
        const struct named_frame *named = &thread->named[i];
        if (named->place.file && !named->library)
            return i;
        if (named->place.file && !named->standard && library == NOBODY)
            library = i;
    }
    return library;
}

/* A worker runs its item in _WorkItem.run; from 3.14 on also in a run() of its context. */
static void note_work_item(const struct snapshot *snapshot, struct seen_thread *thread)
{
    for (size_t i = 0; i < thread->frame_count && !thread->work_item_run; i++) {
        if (!runs(&thread->named[i], "/concurrent/futures/thread.py", "run"))
            continue;
        thread->work_item = frame_local(snapshot->cpython, &thread->frames[i], "self");
        thread->work_item_run = actors_role(snapshot->actors, thread->work_item) == ROLE_WORK_ITEM;
    }
}

static void see_thread(const struct snapshot *snapshot, const struct gil_view *gil,
                       struct seen_thread *thread)
{
    const struct cpython *cpython = snapshot->cpython;
    pid_t pid = target_pid(cpython->target);
    if (pid && thread->view->native_id)
        thread->state_known = thread_state_read(pid, thread->view->native_id, &thread->state);
    if (thread->state_known)
        thread->wait = thread_wait_tell(cpython, thread->frames, thread->named, thread->frame_count,
                                        &thread->state, gil);
    thread->own = own_frame(thread);
    note_work_item(snapshot, thread);
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
        thread.frames = snapshot->frames.items + first;
        thread.named = snapshot->named + first;
        thread.frame_count = end - first;
        first = end;
        if (!vector_push(&snapshot->seen, thread) ||
            !address_map_put(&snapshot->thread_of, thread.view->address, (uint32_t)i))
            return false;
    }
    return true;
}

static void name_frames(struct snapshot *snapshot, const interpreter_vector *interpreters)
{
    _cleanup_free_ char *standard =
        interpreters->count ? standard_library(snapshot->cpython, &interpreters->items[0]) : NULL;
    for (size_t i = 0; i < snapshot->frames.count; i++)
        (void)named_frame_read(snapshot->cpython, &snapshot->frames.items[i], standard,
                               &snapshot->named[i]);
}

static struct error *see_threads(struct snapshot *snapshot, const interpreter_vector *interpreters)
{
    struct error *error =
        threads_list(snapshot->cpython, interpreters, &snapshot->threads, &snapshot->frames);
    if (error)
        return error;
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

/* ---- loops ----------------------------------------------------------------------------------- */

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
        if (!runs(&thread->named[i], "/asyncio/base_events.py", "_run_once"))
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

/* In its selector as a loop, not in one that a callback uses for something else. */
static bool waits_as_loop(const struct seen_thread *thread, enum role role)
{
    int64_t call = thread->state.in_system_call ? thread->state.system_call : -1;
    if (role == ROLE_LOOP_UV)
        return (call == SYS_epoll_wait || call == SYS_epoll_pwait) &&
               !(thread->frame_count && in_file(&thread->named[0], "/selectors.py"));
    if (thread->wait.kind != THREAD_IN_SELECTOR)
        return false;
    for (size_t i = 0; i < thread->frame_count; i++)
        if (!in_file(&thread->named[i], "/selectors.py"))
            return runs(&thread->named[i], "/asyncio/base_events.py", "_run_once");
    return false;
}

static bool count_io(void *user, int descriptor, bool writer, const struct handle_view *handle)
{
    (void)descriptor, (void)writer, (void)handle;
    ++*(uint64_t *)user;
    return true;
}

static void see_loop(struct snapshot *snapshot, struct seen_loop *loop, size_t index,
                     const interpreter_vector *interpreters)
{
    const struct cpython *cpython = snapshot->cpython;
    loop->thread = NOBODY;
    loop->turn_began = NAN;
    loop->turn_step = -1;
    for (size_t i = 0; i < snapshot->seen.count; i++) {
        struct seen_thread *thread = &snapshot->seen.items[i];
        if (thread->loop != NOBODY ||
            thread_running_loop(cpython, thread->view) != loop->view.address)
            continue;
        loop->thread = i;
        thread->loop = index;
        thread->in_loop_wait = waits_as_loop(thread, loop->view.role);
        if (thread->in_loop_wait)
            thread->wait.kind = THREAD_IN_SELECTOR;
        read_turn(cpython, thread, loop);
        for (size_t j = 0; j < interpreters->count; j++)
            if (interpreters->items[j].address == thread->view->interpreter)
                loop->current_task = loop_current_task(cpython, &interpreters->items[j],
                                                       thread->view, loop->view.address);
        break;
    }
    uint64_t watched = 0;
    (void)loop_io_visit(cpython, &loop->view, count_io, &watched);
    loop->own_io = watched ? watched - 1 : 0; /* one is the loop's own self-pipe */
    uint64_t signals = instance_get(cpython, loop->view.address, "_signal_handlers");
    loop->has_signals = signals && dict_length(cpython, signals) > 0;
}

static struct error *see_loops(struct snapshot *snapshot, const interpreter_vector *interpreters)
{
    for (size_t i = 0; i < snapshot->actors->items.count; i++) {
        const struct actor *actor = &snapshot->actors->items.items[i];
        struct seen_loop loop = {0};
        if ((actor->role != ROLE_LOOP && actor->role != ROLE_LOOP_UV) ||
            !loop_read(snapshot->cpython, actor->address, &loop.view) || loop.view.closed)
            continue;
        size_t index = snapshot->loops.count;
        see_loop(snapshot, &loop, index, interpreters);
        if (!vector_push(&snapshot->loops, loop) ||
            !address_map_put(&snapshot->loop_of, actor->address, (uint32_t)index))
            return error_no_memory();
    }
    return NULL;
}

/* ---- tasks ----------------------------------------------------------------------------------- */

static bool see_task(struct snapshot *snapshot, uint64_t address)
{
    struct seen_task task = {0};
    if (!future_read(snapshot->cpython, address, &task.view))
        return true;
    if (task.view.state != FUTURE_PENDING) {
        snapshot->done_tasks++;
        return true;
    }
    task.loop = snapshot_loop(snapshot, task.view.loop);
    uint32_t index = (uint32_t)snapshot->tasks.count;
    bool ok = !task.view.coroutine ||
              await_chain_read(snapshot->cpython, task.view.coroutine, &task.chain);
    ok = ok && address_map_put(&snapshot->task_of, address, index);
    for (size_t i = 0; ok && i < task.chain.links.count; i++)
        ok = address_map_put(&snapshot->task_of, task.chain.links.items[i].address, index);
    if (ok && vector_push(&snapshot->tasks, task))
        return true;
    await_chain_free(&task.chain);
    return false;
}

static struct error *see_tasks(struct snapshot *snapshot)
{
    for (size_t i = 0; i < snapshot->actors->items.count; i++) {
        const struct actor *actor = &snapshot->actors->items.items[i];
        if (actor->role == ROLE_TASK && !see_task(snapshot, actor->address))
            return error_no_memory();
    }
    return NULL;
}

/* ---- executors ------------------------------------------------------------------------------- */

struct worker_search {
    struct snapshot *snapshot;
    struct seen_executor *executor;
    bool failed;
};

static bool add_worker(void *context, size_t index, uint64_t object)
{
    struct worker_search *search = context;
    int64_t ident;
    (void)index;
    uint64_t value = instance_get(search->snapshot->cpython, object, "_ident");
    if (!value || !int_value(search->snapshot->cpython, value, &ident))
        return true;
    size_t number = snapshot_thread_of_ident(search->snapshot, (uint64_t)ident);
    if (number == NOBODY)
        return true;
    const struct seen_thread *thread = &search->snapshot->seen.items[number];
    if (!thread->work_item_run && thread->wait.kind != THREAD_RUNS)
        search->executor->idle++;
    search->failed |= !vector_push(&search->executor->threads, number);
    return !search->failed;
}

static struct error *see_executors(struct snapshot *snapshot)
{
    for (size_t i = 0; i < snapshot->actors->items.count; i++) {
        const struct actor *actor = &snapshot->actors->items.items[i];
        struct seen_executor executor = {0};
        if ((actor->role != ROLE_THREAD_POOL && actor->role != ROLE_PROCESS_POOL) ||
            !executor_read(snapshot->cpython, actor->address, &executor.view))
            continue;
        executor.queued = executor.view.work_queue
                              ? queue_length(snapshot->cpython, executor.view.work_queue)
                              : -1;
        struct worker_search search = {snapshot, &executor, false};
        if (executor.view.threads && actor->role == ROLE_THREAD_POOL)
            (void)set_visit(snapshot->cpython, executor.view.threads, add_worker, &search);
        if (search.failed || !vector_push(&snapshot->executors, executor)) {
            vector_free(&executor.threads);
            return error_no_memory();
        }
    }
    return NULL;
}

/* ---- */

struct error *snapshot_take(const struct cpython *cpython, const interpreter_vector *interpreters,
                            struct actors *actors, struct memo **memo, struct snapshot **out)
{
    struct snapshot *snapshot = calloc(1, sizeof *snapshot);
    if (!snapshot)
        return error_no_memory();
    snapshot->cpython = cpython;
    snapshot->actors = actors;
    snapshot->when = now_seconds();
    struct error *error = see_threads(snapshot, interpreters);
    *memo = target_memo_begin(cpython->target);
    if (!error)
        error = see_loops(snapshot, interpreters);
    if (!error)
        error = see_tasks(snapshot);
    if (!error)
        error = see_executors(snapshot);
    if (error) {
        snapshot_free(snapshot);
        return error;
    }
    *out = snapshot;
    return NULL;
}

void snapshot_free(struct snapshot *snapshot)
{
    if (!snapshot)
        return;
    for (size_t i = 0; snapshot->named && i < snapshot->frames.count; i++)
        named_frame_release(&snapshot->named[i]);
    free(snapshot->named);
    for (size_t i = 0; i < snapshot->tasks.count; i++)
        await_chain_free(&snapshot->tasks.items[i].chain);
    for (size_t i = 0; i < snapshot->executors.count; i++)
        vector_free(&snapshot->executors.items[i].threads);
    threads_free(&snapshot->threads, &snapshot->frames);
    vector_free(&snapshot->seen);
    vector_free(&snapshot->loops);
    vector_free(&snapshot->tasks);
    vector_free(&snapshot->executors);
    address_map_free(&snapshot->task_of);
    address_map_free(&snapshot->thread_of);
    address_map_free(&snapshot->loop_of);
    free(snapshot);
}

/* ---- looking things up ----------------------------------------------------------------------- */

static size_t index_in(const struct address_map *map, uint64_t address)
{
    uint32_t number = address ? address_map_get(map, address) : ADDRESS_MAP_ABSENT;
    return number == ADDRESS_MAP_ABSENT ? NOBODY : number;
}

size_t snapshot_task(const struct snapshot *snapshot, uint64_t task_or_coroutine)
{
    return index_in(&snapshot->task_of, task_or_coroutine);
}

size_t snapshot_loop(const struct snapshot *snapshot, uint64_t loop)
{
    return index_in(&snapshot->loop_of, loop);
}

size_t snapshot_thread_of_ident(const struct snapshot *snapshot, uint64_t ident)
{
    for (size_t i = 0; ident && i < snapshot->threads.count; i++)
        if (snapshot->threads.items[i].ident == ident)
            return i;
    return NOBODY;
}

char *snapshot_thread_name(const struct snapshot *snapshot, size_t thread)
{
    const struct thread_view *view = &snapshot->threads.items[thread];
    return view->name ? strdup(view->name) : text_format("thread %d", (int)view->native_id);
}

char *snapshot_task_name(const struct snapshot *snapshot, size_t task)
{
    const struct future_view *view = &snapshot->tasks.items[task].view;
    char *name = task_name(snapshot->cpython, view);
    return name ? name : text_format("task 0x%llx", (unsigned long long)view->address);
}

uint64_t snapshot_task_number(const struct snapshot *snapshot, size_t task)
{
    _cleanup_free_ char *name = snapshot_task_name(snapshot, task);
    unsigned long long number;
    return name && sscanf(name, "Task-%llu", &number) == 1 ? number : UINT32_MAX;
}

bool snapshot_task_place(const struct snapshot *snapshot, size_t task, struct source_place *place)
{
    const struct await_chain *chain = &snapshot->tasks.items[task].chain;
    struct source_place library = {0};
    *place = (struct source_place){0};
    for (size_t i = chain->links.count; i-- > 0;) {
        struct source_place at = {0};
        if (!chain->links.items[i].frame.address ||
            !frame_place(snapshot->cpython, &chain->links.items[i].frame, &at))
            continue;
        bool own = at.file && !strstr(at.file, "/site-packages/") && !strstr(at.file, "/asyncio/");
        struct source_place *keep = own ? place : library.file ? NULL : &library;
        if (keep)
            *keep = at;
        else
            source_place_free(&at);
        if (own)
            break;
    }
    if (!place->file) {
        *place = library;
        library = (struct source_place){0};
    }
    source_place_free(&library);
    return place->file;
}
