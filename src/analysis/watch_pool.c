#include "analysis/watch_pool.h"

#include <math.h>

#include "analysis/watch_series.h"
#include "runtime/asyncio.h"

#define FRAMES_MAX 256
/*
 * Later work items reuse the memory of earlier ones, though not of the one right before: one call
 * is what so many samples in a row, at irregular times, found the same.
 */
#define SAMPLES_SAME 12

/* ---- the workers ----------------------------------------------------------------------------- */

static struct watched_pool *pool_of(watched_pool_vector *pools, uint64_t queue)
{
    for (size_t i = 0; i < pools->count; i++)
        if (pools->items[i].queue == queue)
            return &pools->items[i];
    struct watched_pool fresh = {
        .queue = queue,
        .busy_max = -1,
        .queued_first = -1,
        .queued_last = -1,
        .queued_max = -1,
        .oldest_function = CALL_UNKNOWN,
    };
    return vector_push(pools, fresh) ? &pools->items[pools->count - 1] : NULL;
}

static bool add_worker(struct watched_pool *pool, const struct thread_view *thread,
                       const struct frame_view *frame)
{
    for (size_t i = 0; i < pool->workers.count; i++) {
        struct watched_worker *worker = &pool->workers.items[i];
        if (worker->thread.address != thread->address || worker->frame.address != frame->address)
            continue;
        worker->there = true;
        return true;
    }
    struct watched_worker fresh = {.thread = *thread, .frame = *frame, .there = true};
    fresh.thread.name = NULL;
    return vector_push(&pool->workers, fresh);
}

static void drop_gone(struct watched_pool *pool)
{
    size_t kept = 0;
    for (size_t i = 0; i < pool->workers.count; i++)
        if (pool->workers.items[i].there)
            pool->workers.items[kept++] = pool->workers.items[i];
    pool->workers.count = kept;
}

bool watched_pools_list(struct code_cache *codes, const thread_vector *threads,
                        const frame_vector *frames, watched_pool_vector *pools)
{
    for (size_t i = 0; i < pools->count; i++)
        for (size_t k = 0; k < pools->items[i].workers.count; k++)
            pools->items[i].workers.items[k].there = false;
    for (size_t i = 0; i < frames->count; i++) {
        const struct frame_view *frame = &frames->items[i];
        uint32_t number = code_cache_get(codes, frame);
        uint64_t queue;
        if (number == NO_CODE || codes->items.items[number].part != CODE_WORKER ||
            !frame_locals_read(codes->cpython, frame, codes->items.items[number].places, &queue,
                               1) ||
            !queue)
            continue;
        struct watched_pool *pool = pool_of(pools, queue);
        if (!pool || !add_worker(pool, &threads->items[frame->thread], frame))
            return false;
    }
    for (size_t i = 0; i < pools->count; i++)
        drop_gone(&pools->items[i]);
    return true;
}

/* ---- one worker ------------------------------------------------------------------------------ */

/* The item that it runs now, 0 when it runs none; false when that cannot be told. */
static bool read_item(const struct code_cache *codes, const struct cpython *cpython,
                      const struct watched_worker *worker, uint64_t *item)
{
    uint32_t number = address_map_get(&codes->index, worker->frame.code);
    if (number == ADDRESS_MAP_ABSENT)
        return false;
    const uint32_t *places = codes->items.items[number].places;
    if (!frame_locals_read(cpython, &worker->frame, &places[1], item, 1))
        return false;
    if (*item == cpython->none)
        *item = 0;
    return true;
}

static void sample_worker(const struct code_cache *codes, double when,
                          struct watched_worker *worker)
{
    uint64_t item;
    if (!read_item(codes, codes->cpython, worker, &item))
        item = 0;
    if (!item || item != worker->item) {
        worker->since = when;
        worker->samples = 0;
    }
    worker->item = item;
    worker->samples += item != 0;
}

/* ---- the oldest call ------------------------------------------------------------------------- */

struct place_search {
    struct code_cache *codes;
    struct frame_choice choice;
};

static bool look_at_frame(void *context, const struct frame_view *frame)
{
    struct place_search *search = context;
    uint32_t number = code_cache_get(search->codes, frame);
    if (number != NO_CODE && search->codes->items.items[number].part == CODE_WORKER)
        return false;
    if (number != NO_CODE)
        frame_choice_offer(&search->choice, search->codes, number, frame);
    return true;
}

/* Looks where the oldest call is, if it is the oldest so far. */
static void place_oldest(struct code_cache *codes, double when, struct watched_pool *pool)
{
    const struct watched_worker *oldest = NULL;
    for (size_t i = 0; i < pool->workers.count; i++) {
        const struct watched_worker *worker = &pool->workers.items[i];
        if (worker->samples >= SAMPLES_SAME && when - worker->since > pool->oldest &&
            (!oldest || worker->since < oldest->since))
            oldest = worker;
    }
    if (!oldest)
        return;
    struct place_search search = {codes, FRAME_CHOICE_NONE};
    (void)thread_frames_visit(codes->cpython, &oldest->thread, FRAMES_MAX, look_at_frame, &search);
    uint64_t item;
    if (!read_item(codes, codes->present, oldest, &item) || item != oldest->item)
        return; /* it ended meanwhile: the frames are of another call */
    pool->oldest = when - oldest->since;
    pool->oldest_function = search.choice.code;
    if (search.choice.code != NO_CODE)
        pool->oldest_line = code_cache_line(codes, search.choice.code, &search.choice.frame);
}

/* ---- a sample -------------------------------------------------------------------------------- */

void watched_pool_sample(struct code_cache *codes, double when, struct watched_pool *pool)
{
    int64_t busy = 0, queued = queue_length(codes->cpython, pool->queue);
    if (!pool->workers.count)
        return;
    for (size_t i = 0; i < pool->workers.count; i++) {
        sample_worker(codes, when, &pool->workers.items[i]);
        busy += pool->workers.items[i].item != 0;
    }
    if (!pool->samples) {
        pool->began = when;
        pool->queued_first = queued;
    }
    pool->queued_last = queued;
    pool->queued_max = queued > pool->queued_max ? queued : pool->queued_max;
    pool->busy_max = busy > pool->busy_max ? busy : pool->busy_max;
    pool->busy_sum += (uint64_t)busy;
    pool->samples++;
    pool->last = when;
    place_oldest(codes, when, pool);
}

double watched_call_since(const watched_pool_vector *pools, uint64_t thread, uint64_t item)
{
    for (size_t i = 0; i < pools->count; i++)
        for (size_t k = 0; k < pools->items[i].workers.count; k++) {
            const struct watched_worker *worker = &pools->items[i].workers.items[k];
            if (worker->thread.address == thread && worker->item == item &&
                worker->samples >= SAMPLES_SAME)
                return worker->since;
        }
    return NAN;
}

void watched_pools_free(watched_pool_vector *pools)
{
    for (size_t i = 0; i < pools->count; i++)
        vector_free(&pools->items[i].workers);
    vector_free(pools);
}
