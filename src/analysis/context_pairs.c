#include "analysis/context_pairs.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "waits/callable.h"

/* Futures between a call and the task that awaits it: wait_for(), gather(), shield() … */
#define FUTURES_BETWEEN 4

/* Who refers to the future of a call that run_in_executor() has handed over: its work item, and
 * the cell that both callbacks share. */
#define OWN_REFERENCES 2

/* One callback by its name, and how often it is there. */
struct callback_search {
    const struct cpython *cpython;
    const char *file, *name;
    uint64_t callback, context;
    unsigned count;
};

static bool compare_callback(void *user, uint64_t callback, uint64_t context)
{
    struct callback_search *search = user;
    struct source_place place = {0};
    if (function_place(search->cpython, callback, &place) && place.file && place.function &&
        text_ends_with(place.file, search->file) && strcmp(place.function, search->name) == 0) {
        search->callback = callback;
        search->context = context;
        search->count++;
    }
    source_place_free(&place);
    return true;
}

/* The only callback of that name. */
static bool find_callback(const struct cpython *cpython, uint64_t future, const char *file,
                          const char *name, struct callback_search *search)
{
    struct future_view view;
    *search = (struct callback_search){cpython, file, name, .count = 0};
    return future_read(cpython, future, &view) &&
           future_callbacks_visit(cpython, &view, compare_callback, search) && search->count == 1;
}

/* ---- who awaits ------------------------------------------------------------------------------ */

struct awaiter_search {
    const struct snapshot *snapshot;
    uint64_t future, next;
    size_t task;
};

static bool meet_future(void *context, uint64_t object, enum role role)
{
    struct awaiter_search *search = context;
    if ((role == ROLE_FUTURE || role == ROLE_GATHER) && object != search->future)
        search->next = object;
    return !search->next;
}

static bool meet_callback(void *user, uint64_t callback, uint64_t context)
{
    struct awaiter_search *search = user;
    (void)context;
    search->task =
        snapshot_task(search->snapshot, callback_task(search->snapshot->cpython, callback));
    if (search->task == NOBODY && !search->next)
        callable_visit(search->snapshot->actors, callback, meet_future, search);
    return search->task == NOBODY;
}

static size_t awaiting_task(const struct snapshot *snapshot, uint64_t future)
{
    for (int i = 0; i < FUTURES_BETWEEN && future; i++) {
        struct awaiter_search search = {snapshot, future, 0, NOBODY};
        struct future_view view;
        if (!future_read(snapshot->cpython, future, &view) ||
            !future_callbacks_visit(snapshot->cpython, &view, meet_callback, &search))
            return NOBODY;
        if (search.task != NOBODY)
            return search.task;
        future = search.next;
    }
    return NOBODY;
}

/* ---- calls in executors ---------------------------------------------------------------------- */

static bool find_asyncio_future(void *context, uint64_t object, enum role role)
{
    if (role == ROLE_FUTURE)
        *(uint64_t *)context = object;
    return role != ROLE_FUTURE;
}

static bool running_future(const struct snapshot *snapshot, size_t thread, uint64_t *future)
{
    const struct seen_thread *seen = &snapshot->seen.items[thread];
    struct work_item_view work;
    struct future_view view;
    if (!seen->work_item_run || !work_item_read(snapshot->cpython, seen->work_item, &work) ||
        !future_read(snapshot->cpython, work.future, &view) || view.state != FUTURE_RUNNING)
        return false;
    *future = work.future;
    return true;
}

bool context_call_runs(const struct snapshot *snapshot, size_t thread)
{
    uint64_t future;
    return running_future(snapshot, thread, &future);
}

bool context_pair_of_call(const struct snapshot *snapshot, size_t thread, struct context_pair *pair)
{
    static const char file[] = "/asyncio/futures.py";
    const struct cpython *cpython = snapshot->cpython;
    struct callback_search search;
    uint64_t future, references, tied = 0;
    if (!running_future(snapshot, thread, &future) ||
        !find_callback(cpython, future, file, "_chain_future.<locals>._call_set_state", &search))
        return false;
    callable_visit(snapshot->actors, search.callback, find_asyncio_future, &tied);
    if (!tied || !object_refcount(cpython, future, &references) || references > OWN_REFERENCES ||
        !find_callback(cpython, tied, file, "_chain_future.<locals>._call_check_cancel", &search) ||
        !search.context)
        return false;
    *pair = (struct context_pair){
        .creator = search.context,
        .thread = thread,
        .task = NOBODY,
        .awaiter = awaiting_task(snapshot, tied),
    };
    return true;
}

/* ---- tasks of task groups -------------------------------------------------------------------- */

static uint64_t group_parent(const struct cpython *cpython, uint64_t method)
{
    uint64_t group;
    return object_type(cpython, method) == cpython->method_type &&
                   target_read_word(cpython->target, method + (uint64_t)cpython->at.method_self,
                                    &group)
               ? instance_get(cpython, group, "_parent_task")
               : 0;
}

bool context_pair_of_task(const struct snapshot *snapshot, size_t task, struct context_pair *pair)
{
    const struct seen_task *seen = &snapshot->tasks.items[task];
    struct callback_search search;
    if (!seen->view.context ||
        !find_callback(snapshot->cpython, seen->view.address, "/asyncio/taskgroups.py",
                       "TaskGroup._on_task_done", &search) ||
        !search.context)
        return false;
    *pair = (struct context_pair){
        .creator = search.context,
        .thread = NOBODY,
        .task = task,
        .awaiter = snapshot_task(snapshot, group_parent(snapshot->cpython, search.callback)),
    };
    return true;
}
