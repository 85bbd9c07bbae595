#include "waits/still.h"

static bool same_chain(const struct await_chain *then, const struct await_chain *now)
{
    if (then->leaf != now->leaf || then->links.count != now->links.count)
        return false;
    for (size_t i = 0; i < now->links.count; i++)
        if (then->links.items[i].address != now->links.items[i].address ||
            then->links.items[i].awaits != now->links.items[i].awaits ||
            then->links.items[i].frame.address != now->links.items[i].frame.address)
            return false;
    return true;
}

struct manager_search {
    uint64_t manager;
    bool found;
};

static bool compare_manager(void *context, uint64_t manager, bool async)
{
    struct manager_search *search = context;
    (void)async;
    search->found |= manager == search->manager;
    return !search->found;
}

static bool compare_released(void *context, uint64_t lock)
{
    return compare_manager(context, lock, false);
}

/* The with and try blocks that the picture shows for this coroutine, seen again. */
static bool still_inside(const struct wait_picture *picture, const struct coroutine_view *link)
{
    const struct cpython *cpython = picture->snapshot->cpython;
    for (size_t i = 0; i < picture->holds.items.count; i++) {
        const struct hold *hold = &picture->holds.items.items[i];
        struct manager_search search = {hold->block, false};
        if (hold->coroutine != link->address)
            continue;
        if (hold->released)
            frame_finally_visit(cpython, &link->frame, "release", compare_released, &search);
        else
            (void)frame_managers_visit(cpython, &link->frame, compare_manager, &search);
        if (!search.found)
            return false;
    }
    return true;
}

bool picture_task_stands(const struct wait_picture *picture, size_t task)
{
    const struct await_chain *then = &picture->snapshot->tasks.items[task].chain;
    struct await_chain now = {0};
    bool same = !then->links.count ||
                (await_chain_read(picture->snapshot->cpython, then->links.items[0].address, &now) &&
                 same_chain(then, &now));
    for (size_t i = 0; i < now.links.count && same; i++)
        same = still_inside(picture, &now.links.items[i]);
    await_chain_free(&now);
    return same;
}
