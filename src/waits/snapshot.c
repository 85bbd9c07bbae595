#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "waits/snapshot_parts.h"

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
    (void)index;
    size_t number = snapshot_thread_named_in(search->snapshot, object, "_ident");
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
        if ((actor->role != ROLE_THREAD_POOL && actor->role != ROLE_PROCESS_POOL &&
             actor->role != ROLE_MP_POOL) ||
            !executor_read(snapshot->cpython, actor->address, &executor.view))
            continue;
        executor.queued = executor.view.work_queue
                              ? queue_length(snapshot->cpython, executor.view.work_queue)
                              : -1;
        struct worker_search search = {snapshot, &executor, false};
        if (executor.view.threads && actor->role == ROLE_THREAD_POOL)
            (void)set_visit(snapshot->cpython, executor.view.threads, add_worker, &search);
        else if (executor.view.threads && actor->role == ROLE_MP_POOL)
            (void)sequence_visit(snapshot->cpython, executor.view.threads, add_worker, &search);
        if (search.failed || !vector_push(&snapshot->executors, executor)) {
            vector_free(&executor.threads);
            return error_no_memory();
        }
    }
    return NULL;
}

/* ---- */

struct error *snapshot_take(const struct cpython *cpython, const struct cpython *remembered,
                            const interpreter_vector *interpreters, struct actors *actors,
                            bool threads_only, struct snapshot **out)
{
    struct snapshot *snapshot = calloc(1, sizeof *snapshot);
    if (!snapshot)
        return error_no_memory();
    snapshot->cpython = remembered;
    snapshot->actors = actors;
    snapshot->when = process_files_monotonic(target_files(cpython->target));
    struct error *error = thread_states_read(target_files(cpython->target), &snapshot->states);
    if (!error)
        error = threads_list_with(cpython, remembered, interpreters, &snapshot->threads,
                                  &snapshot->frames);
    if (!error)
        error = snapshot_see_threads(snapshot, interpreters);
    if (!error)
        error = snapshot_see_loops(snapshot, interpreters, threads_only);
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

bool snapshot_stands(const struct snapshot *snapshot)
{
    return thread_states_still(target_files(snapshot->cpython->target), &snapshot->states);
}

void snapshot_free(struct snapshot *snapshot)
{
    if (!snapshot)
        return;
    for (size_t i = 0; snapshot->named && i < snapshot->frames.count; i++)
        named_frame_release(&snapshot->named[i]);
    free(snapshot->named);
    free(snapshot->standard);
    for (size_t i = 0; i < snapshot->tasks.count; i++)
        await_chain_free(&snapshot->tasks.items[i].chain);
    for (size_t i = 0; i < snapshot->executors.count; i++)
        vector_free(&snapshot->executors.items[i].threads);
    threads_free(&snapshot->threads, &snapshot->frames);
    vector_free(&snapshot->states);
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

bool snapshot_is_generator(const struct snapshot *snapshot, uint64_t object)
{
    uint64_t type = object_type(snapshot->cpython, object);
    return type && (type == snapshot->cpython->generator_type ||
                    type == snapshot->cpython->async_generator_type);
}

size_t snapshot_thread_of_ident(const struct snapshot *snapshot, uint64_t ident)
{
    for (size_t i = 0; ident && i < snapshot->threads.count; i++)
        if (snapshot->threads.items[i].ident == ident)
            return i;
    return NOBODY;
}

size_t snapshot_thread_named_in(const struct snapshot *snapshot, uint64_t object, const char *name)
{
    int64_t ident;
    uint64_t value = instance_get(snapshot->cpython, object, name);
    return value && int_value(snapshot->cpython, value, &ident)
               ? snapshot_thread_of_ident(snapshot, (uint64_t)ident)
               : NOBODY;
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

struct place_search {
    struct source_place own, library; /* the innermost ones */
    bool locks;                       /* inside of that it waits for a lock of asyncio */
    bool enters;                      /* and `own` is the class around it */
};

/* Takes `at` over. False when nothing further out can be better. */
static bool consider_place(struct place_search *search, struct source_place *at, bool library)
{
    enum entering entering = library ? ENTERING_NOTHING : entering_by(at->function);
    struct source_place *keep = library ? &search->library : &search->own;
    search->locks |= library && at->file && strstr(at->file, "/asyncio/locks.py");
    if (!library && search->enters && entering == ENTERING_NOTHING)
        source_place_free(keep);
    search->enters |= entering == ENTERING_BLOCK;
    if (!keep->file)
        *keep = *at;
    else
        source_place_free(at);
    return library || (search->locks && entering != ENTERING_NOTHING);
}

bool snapshot_task_place(const struct snapshot *snapshot, size_t task, struct source_place *place)
{
    const struct await_chain *chain = &snapshot->tasks.items[task].chain;
    struct place_search search = {0};
    bool on = true;
    for (size_t i = chain->links.count; on && i-- > 0;) {
        struct source_place at = {0};
        if (!chain->links.items[i].frame.address ||
            !frame_place(snapshot->cpython, &chain->links.items[i].frame, &at))
            continue;
        if (i && is_comprehension(at.function)) {
            source_place_free(&at);
            continue;
        }
        bool library = !at.file || is_library_file(at.file, snapshot->standard);
        if (library && search.own.file) { /* the wrapper itself runs in one */
            source_place_free(&at);
            break;
        }
        on = consider_place(&search, &at, library);
    }
    bool own = search.own.file;
    *place = own ? search.own : search.library;
    source_place_free(own ? &search.library : &search.own);
    return place->file;
}
