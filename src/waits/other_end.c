#include "waits/other_end.h"

#include <string.h>

#include "waits/code_use.h"
#include "waits/snapshot_parts.h"

/* More suspended tasks, or items of one pool's queue, are not read. */
#define TASKS_MAX 1000
#define ITEMS_MAX 256

/* What is missing when a call waits, and who would bring it (Lib/queue.py and threading.py,
 * 3.8-3.15). */
static const struct waiting_call calls[] = {
    {THREAD_AWAITS_QUEUE, ROLE_QUEUE, "Queue.put", {"get", "get_nowait"}, "emptied by"},
    {THREAD_AWAITS_QUEUE, ROLE_QUEUE, "Queue.get", {"put", "put_nowait"}, "filled by"},
    {THREAD_AWAITS_QUEUE, ROLE_QUEUE, "Queue.join", {"task_done", NULL}, "worked off by"},
    {THREAD_AWAITS_QUEUE, ROLE_SIMPLE_QUEUE, NULL, {"put", "put_nowait"}, "filled by"},
    {THREAD_AWAITS_EVENT, ROLE_EVENT, NULL, {"set", NULL}, "set by"},
    {THREAD_AWAITS_CONDITION, ROLE_CONDITION, NULL, {"notify", "notify_all"}, "notified by"},
    {THREAD_AWAITS_BARRIER, ROLE_BARRIER, NULL, {"wait", NULL}, "completed when it is reached by"},
};
#define CALLS (sizeof calls / sizeof *calls)

static bool waits_inside(const struct snapshot *snapshot, const struct seen_thread *thread,
                         const char *function)
{
    for (size_t i = 0; i < thread->frame_count; i++)
        if (frame_runs(snapshot->cpython, &thread->frames[i], "/queue.py", function))
            return true;
    return false;
}

const struct waiting_call *waiting_call_of(const struct snapshot *snapshot,
                                           const struct seen_thread *thread, uint64_t object)
{
    if (!object || thread->wait.object != object)
        return NULL;
    enum role role = actors_role(snapshot->actors, object);
    for (size_t i = 0; i < CALLS; i++)
        if (thread->wait.kind == calls[i].kind && role == calls[i].role &&
            (!calls[i].function || waits_inside(snapshot, thread, calls[i].function)))
            return &calls[i];
    return NULL;
}

/* A queue is worked on again and again, anything else may have been dealt with. */
static bool only_later(const struct waiting_call *call)
{
    return call->kind != THREAD_AWAITS_QUEUE;
}

static enum code_use use_by_thread(const struct snapshot *snapshot,
                                   const struct seen_thread *thread, uint64_t object,
                                   const struct waiting_call *call)
{
    enum code_use use = CODE_USES_NOT;
    for (size_t i = 0; i < 2 && call->method[i]; i++) {
        enum code_use one =
            thread_code_use(snapshot, thread, object, call->method[i], only_later(call));
        use = one > use ? one : use;
    }
    return use;
}

/* Those that may do so, when there is only one and nobody else. */
static void need_threads(struct building *building, uint32_t vertex, uint64_t object,
                         const struct waiting_call *call)
{
    const struct snapshot *snapshot = building->snapshot;
    size_t sure = 0, likely = 0, last = NOBODY;
    for (size_t i = 0; i < snapshot->seen.count; i++) {
        if (waiting_call_of(snapshot, &snapshot->seen.items[i], object))
            continue;
        enum code_use use = use_by_thread(snapshot, &snapshot->seen.items[i], object, call);
        if (use == CODE_USES)
            need_thread(building, vertex, i, call->why);
        sure += use == CODE_USES;
        likely += use == CODE_MAY_USE;
        last = use == CODE_MAY_USE ? i : last;
    }
    if (!sure && likely == 1)
        need_thread(building, vertex, last, call->why);
}

static void need_tasks(struct building *building, uint32_t vertex, uint64_t object,
                       const struct waiting_call *call)
{
    const struct snapshot *snapshot = building->snapshot;
    for (size_t i = 0; i < snapshot->tasks.count && i < TASKS_MAX; i++) {
        bool uses = false;
        for (size_t k = 0; k < 2 && call->method[k] && !uses; k++)
            uses = task_code_use(snapshot, &snapshot->tasks.items[i], object, call->method[k]) ==
                   CODE_USES;
        if (uses)
            need(building, vertex, VERTEX_TASK, snapshot->tasks.items[i].view.address, true,
                 call->why);
    }
}

struct item_search {
    const struct cpython *cpython;
    const struct waiting_call *call;
    uint64_t object;
    bool found;
};

static bool compare_queued(void *context, size_t index, uint64_t item)
{
    struct item_search *search = context;
    struct work_item_view work;
    if (work_item_read(search->cpython, item, &work))
        for (size_t i = 0; i < 2 && search->call->method[i] && !search->found; i++)
            search->found = callable_code_use(search->cpython, work.function, work.arguments,
                                              search->object, search->call->method[i]) == CODE_USES;
    return !search->found && index + 1 < ITEMS_MAX;
}

static void need_pools(struct building *building, uint32_t vertex, uint64_t object,
                       const struct waiting_call *call)
{
    const struct snapshot *snapshot = building->snapshot;
    for (size_t i = 0; i < snapshot->executors.count; i++) {
        const struct executor_view *pool = &snapshot->executors.items[i].view;
        struct item_search search = {snapshot->cpython, call, object, false};
        if (pool->role == ROLE_THREAD_POOL)
            (void)queue_visit(snapshot->cpython, pool->work_queue, compare_queued, &search);
        if (search.found)
            need(building, vertex, VERTEX_EXECUTOR, pool->address, true,
                 "brought about by work that is queued in");
    }
}

void need_other_ends(struct building *building, uint32_t vertex, uint64_t object)
{
    const struct snapshot *snapshot = building->snapshot;
    bool told[CALLS] = {false};
    for (size_t i = 0; i < snapshot->seen.count; i++) {
        const struct waiting_call *call =
            waiting_call_of(snapshot, &snapshot->seen.items[i], object);
        if (!call || told[call - calls])
            continue;
        told[call - calls] = true;
        need_threads(building, vertex, object, call);
        need_tasks(building, vertex, object, call);
        need_pools(building, vertex, object, call);
    }
}
