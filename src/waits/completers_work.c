/* Who runs an item of a pool: as a source at which ways back end. */
#include "waits/completers_search.h"

/* The worker that runs it; NOBODY. */
static size_t thread_of_work(const struct snapshot *snapshot, uint64_t item)
{
    for (size_t i = 0; i < snapshot->seen.count; i++)
        if (snapshot->seen.items[i].work_item_run && snapshot->seen.items[i].work_item == item)
            return i;
    return NOBODY;
}

struct item_search {
    uint64_t item;
    bool found;
};

static bool compare_item(void *context, size_t index, uint64_t item)
{
    struct item_search *search = context;
    (void)index;
    search->found |= item == search->item;
    return !search->found;
}

/* The pool in whose queue it waits for a worker; NULL. */
static const struct executor_view *pool_of_work(const struct snapshot *snapshot, uint64_t item)
{
    for (size_t i = 0; i < snapshot->executors.count; i++) {
        const struct executor_view *pool = &snapshot->executors.items[i].view;
        struct item_search search = {item, false};
        if (pool->role == ROLE_THREAD_POOL)
            (void)queue_visit(snapshot->cpython, pool->work_queue, compare_item, &search);
        if (search.found)
            return pool;
    }
    return NULL;
}

void ways_end_in_work(const struct snapshot *snapshot, uint64_t item, struct completer *source)
{
    size_t thread = thread_of_work(snapshot, item);
    const struct executor_view *pool = thread == NOBODY ? pool_of_work(snapshot, item) : NULL;
    if (thread != NOBODY) {
        source->kind = COMPLETER_THREAD;
        source->thread = thread;
    } else if (pool) {
        source->object = pool->address;
        source->role = pool->role;
    } else {
        source->kind = COMPLETER_UNSEEN;
    }
}
