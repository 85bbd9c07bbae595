/* orphans_purpose.c: tasks that wait for what nobody delivers, and are meant to. */
#include <string.h>

#include "analysis/diagnosis.h"
#include "base/cleanup.h"
#include "waits/callable.h"

struct callback_search {
    const struct cpython *cpython;
    bool found;
};

static bool find_run_callback(void *user, uint64_t callback, uint64_t context)
{
    (void)context;
    struct callback_search *search = user;
    _cleanup_free_ char *name = callable_name(search->cpython, callback);
    search->found = name && strcmp(name, "_run_until_complete_cb") == 0;
    return !search->found;
}

/* Whether run_until_complete() waits for the task (uvloop's own does so in C). */
static bool is_main_task(const struct snapshot *snapshot, const struct seen_task *task)
{
    struct callback_search search = {.cpython = snapshot->cpython};
    if (snapshot->loops.items[task->loop].view.role == ROLE_LOOP_UV)
        return snapshot_task_number(snapshot, (size_t)(task - snapshot->tasks.items)) == 1;
    (void)future_callbacks_visit(snapshot->cpython, &task->view, find_run_callback, &search);
    return search.found;
}

/* Whether a loop has anything to do besides `task`. */
static bool has_other_work(const struct diagnosis *diagnosis, size_t index, size_t task)
{
    const struct snapshot *snapshot = diagnosis->snapshot;
    const struct seen_loop *loop = &snapshot->loops.items[index];
    if (loop->view.role == ROLE_LOOP_UV || loop->view.scheduled > 0 || loop->view.ready > 0 ||
        snapshot->threads.count > 1 || snapshot_loop_has_io(snapshot, loop))
        return true;
    for (size_t i = 0; i < snapshot->tasks.count; i++)
        if (i != task && !picture_stuck(diagnosis->picture, snapshot->tasks.items[i].view.address))
            return true;
    return false;
}

/* Of asyncio's own waits only that for an event is one that may have no end. */
static bool is_limited_wait(const struct source_place *at)
{
    const char *queues = at->file ? strstr(at->file, "/asyncio/queues.py") : NULL;
    const char *locks = at->file ? strstr(at->file, "/asyncio/locks.py") : NULL;
    const char *function = at->function ? at->function : "";
    return queues ||
           (locks && strcmp(function, "Event.wait") != 0 && strcmp(function, "wait") != 0);
}

/* Whether a task waits for a lock, for an item of a queue or for its end: no wait on purpose. */
static bool awaits_others(const struct snapshot *snapshot, const struct seen_task *task)
{
    bool limited = false;
    for (size_t i = task->chain.links.count; i-- > 0 && !limited;) {
        struct source_place at = {0};
        bool known = frame_place(snapshot->cpython, &task->chain.links.items[i].frame, &at);
        limited = known && is_limited_wait(&at);
        bool asyncio = known && at.file && strstr(at.file, "/asyncio/");
        source_place_free(&at);
        if (!asyncio)
            break;
    }
    return limited;
}

bool task_waits_on_purpose(const struct diagnosis *diagnosis, size_t index)
{
    const struct seen_task *task = &diagnosis->snapshot->tasks.items[index];
    return task->loop != NOBODY && is_main_task(diagnosis->snapshot, task) &&
           has_other_work(diagnosis, task->loop, index) &&
           !awaits_others(diagnosis->snapshot, task);
}
