/* What a pool of workers needs, and what a result of multiprocessing's ThreadPool does. */
#include "waits/anyio.h"
#include "waits/needs.h"

struct borrowing {
    struct building *building;
    uint32_t vertex;
};

static bool need_borrower(void *context, uint64_t borrower, enum role role)
{
    struct borrowing *borrowing = context;
    if (role == ROLE_TASK)
        need(borrowing->building, borrowing->vertex, VERTEX_TASK, borrower, true,
             "all that it lets work, such as");
    else
        moves(borrowing->building, borrowing->vertex);
    return true;
}

void executor_needs(struct building *building, uint32_t vertex, uint64_t address)
{
    const struct snapshot *snapshot = building->snapshot;
    if (actors_role(snapshot->actors, address) == ROLE_LIMITER) {
        struct borrowing borrowing = {building, vertex};
        if (!limiter_borrowers_visit(snapshot->actors, address, need_borrower, &borrowing))
            moves(building, vertex);
        return;
    }
    for (size_t i = 0; i < snapshot->executors.count; i++) {
        const struct seen_executor *executor = &snapshot->executors.items[i];
        if (executor->view.address != address)
            continue;
        for (size_t k = 0; k < executor->threads.count; k++)
            need_thread(building, vertex, executor->threads.items[k], "all its workers, such as");
        if (executor->idle || executor->view.role == ROLE_PROCESS_POOL ||
            (int64_t)executor->threads.count < executor->view.max_workers)
            moves(building, vertex);
        return;
    }
    moves(building, vertex);
}

/* ---- results of multiprocessing.pool (Lib/multiprocessing/pool.py, 3.8-3.15) ------------------
 */

static const struct executor_view *pool_of(const struct snapshot *snapshot, uint64_t result)
{
    const struct cpython *cpython = snapshot->cpython;
    uint64_t cache = instance_get(cpython, result, "_cache");
    for (size_t i = 0; cache && i < snapshot->executors.count; i++) {
        const struct executor_view *pool = &snapshot->executors.items[i].view;
        if (pool->role == ROLE_MP_POOL && instance_get(cpython, pool->address, "_cache") == cache)
            return pool;
    }
    return NULL;
}

struct job_search {
    const struct cpython *cpython;
    int64_t job;
    bool found;
};

/* Of a task only the first item counts: the number of its job. */
static bool compare_number(void *context, size_t index, uint64_t item)
{
    struct job_search *search = context;
    int64_t number;
    search->found |=
        index == 0 && int_value(search->cpython, item, &number) && number == search->job;
    return false;
}

static bool compare_job(void *context, size_t index, uint64_t task)
{
    struct job_search *search = context;
    (void)index;
    if (object_type(search->cpython, task) == search->cpython->tuple_type)
        (void)sequence_visit(search->cpython, task, compare_number, search);
    return !search->found;
}

static bool is_ready(const struct cpython *cpython, uint64_t result)
{
    int64_t flag = 0;
    uint64_t event = instance_get(cpython, result, "_event");
    uint64_t value = event ? instance_get(cpython, event, "_flag") : 0;
    return value && int_value(cpython, value, &flag) && flag;
}

/*
 * The calls of a map are all to be done, but several may be in one task. What neither waits in the
 * queue nor is under way is about to be.
 */
void pool_result_needs(struct building *building, uint32_t vertex, uint64_t address)
{
    const struct snapshot *snapshot = building->snapshot;
    const struct executor_view *pool = pool_of(snapshot, address);
    struct job_search search = {.cpython = snapshot->cpython};
    uint64_t number = instance_get(snapshot->cpython, address, "_job");
    bool met = false;
    if (!pool || !number || !int_value(snapshot->cpython, number, &search.job) ||
        is_ready(snapshot->cpython, address)) {
        moves(building, vertex);
        return;
    }
    vertex_at(building, vertex)->needs_all = instance_get(snapshot->cpython, address, "_event");
    for (size_t i = 0; i < snapshot->seen.count; i++)
        if (snapshot->seen.items[i].work_item_run &&
            snapshot->seen.items[i].pool_queue == pool->work_queue &&
            snapshot->seen.items[i].pool_job == search.job) {
            need_thread(building, vertex, i, "completed by");
            met = true;
        }
    (void)queue_visit(snapshot->cpython, pool->work_queue, compare_job, &search);
    if (search.found)
        need(building, vertex, VERTEX_EXECUTOR, pool->address, true, "its work is queued in");
    if (!search.found && !met)
        moves(building, vertex);
}
