#include "analysis/watch.h"

#include <time.h>

#include "target/memo.h"
#include "waits/thread_wait.h"

/* At least so long between two samples, and between two listings of all threads. */
#define SECONDS_SAMPLE (1.0 / WATCH_RATE)
#define SECONDS_LIST   1.0
/* Share of one processor that samples, and listings, may take. */
#define SHARE 0.01

static double clock_seconds(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void rest(double seconds)
{
    if (seconds <= 0)
        return;
    struct timespec time = {.tv_sec = (time_t)seconds};
    time.tv_nsec = (long)((seconds - (double)time.tv_sec) * 1e9);
    nanosleep(&time, NULL);
}

/* ---- who is there ---------------------------------------------------------------------------- */

static struct watched_loop *loop_at(const struct watch *watch, uint64_t address)
{
    for (size_t i = 0; i < watch->loops.count; i++)
        if (watch->loops.items[i].address == address)
            return &watch->loops.items[i];
    return NULL;
}

static void find_ready(const struct cpython *cpython, struct watched_loop *loop)
{
    struct loop_view view;
    uint64_t ready = loop_read(cpython, loop->address, &view) ? view.ready_deque : 0;
    if (ready != loop->ready) {
        loop->counts = (struct deque_counts){0};
        loop->counted = false;
    }
    loop->ready = ready;
}

static bool note_loop(struct watch *watch, const struct thread_view *thread)
{
    uint64_t address = thread_running_loop(watch->cpython, thread);
    enum role role = address ? role_of(watch->cpython, address) : ROLE_NONE;
    if (role != ROLE_LOOP && role != ROLE_LOOP_UV)
        return true;
    struct watched_loop *loop = loop_at(watch, address);
    if (!loop) {
        struct watched_loop fresh = {.address = address, .role = role};
        if (!vector_push(&watch->loops, fresh))
            return false;
        loop = &watch->loops.items[watch->loops.count - 1];
    }
    loop->runs = true;
    loop->thread = *thread;
    loop->thread.name = NULL;
    find_ready(watch->cpython, loop);
    return true;
}

/* Loops and workers come and go: every thread is looked at, now and then. */
static struct error *list(struct watch *watch)
{
    thread_vector threads = {0};
    frame_vector frames = {0};
    struct error *error = threads_list(watch->cpython, watch->interpreters, &threads, &frames);
    if (error)
        return error;
    for (size_t i = 0; i < watch->loops.count; i++)
        watch->loops.items[i].runs = false;
    target_renew_memo(watch->remembered.target);
    bool kept = watched_pools_list(&watch->codes, &threads, &frames, &watch->pools);
    for (size_t i = 0; i < threads.count && kept; i++)
        kept = note_loop(watch, &threads.items[i]);
    threads_free(&threads, &frames);
    return kept ? NULL : error_no_memory();
}

/* ---- samples --------------------------------------------------------------------------------- */

static bool sample(struct watch *watch)
{
    target_renew_memo(watch->remembered.target);
    for (size_t i = 0; i < watch->loops.count; i++)
        if (watch->loops.items[i].runs &&
            !watched_loop_sample(&watch->codes, &watch->loops.items[i]))
            return false;
    for (size_t i = 0; i < watch->pools.count; i++)
        watched_pool_sample(&watch->codes, clock_seconds(CLOCK_MONOTONIC), &watch->pools.items[i]);
    return true;
}

/* A number from 0 to 1 (xorshift64): what the target does at regular times is met at all of its
 * moments. */
static double chance(struct watch *watch)
{
    watch->chance ^= watch->chance << 13;
    watch->chance ^= watch->chance >> 7;
    watch->chance ^= watch->chance << 17;
    return (double)(watch->chance >> 11) / (double)(UINT64_C(1) << 53);
}

static double pause_after(double cost, double least)
{
    return cost / SHARE > least ? cost / SHARE : least;
}

static struct error *observe(struct watch *watch, double seconds)
{
    double end = clock_seconds(CLOCK_MONOTONIC) + seconds, next_list = 0;
    for (double now; (now = clock_seconds(CLOCK_MONOTONIC)) < end;) {
        double cost = clock_seconds(CLOCK_THREAD_CPUTIME_ID);
        if (now >= next_list) {
            struct error *error = list(watch);
            if (error || !target_alive(watch->cpython->target))
                return error;
            double listed = clock_seconds(CLOCK_THREAD_CPUTIME_ID);
            next_list = now + pause_after(listed - cost, SECONDS_LIST);
            cost = listed;
        }
        if (!sample(watch))
            return error_no_memory();
        cost = clock_seconds(CLOCK_THREAD_CPUTIME_ID) - cost;
        double pause = pause_after(cost, SECONDS_SAMPLE) * (1 + chance(watch) / 4);
        double left = end - clock_seconds(CLOCK_MONOTONIC);
        rest(pause < left ? pause : left);
    }
    return NULL;
}

struct error *watch_take(const struct cpython *cpython, const interpreter_vector *interpreters,
                         double seconds, struct watch **out)
{
    struct watch *watch = calloc(1, sizeof *watch);
    if (!watch)
        return error_no_memory();
    *watch = (struct watch){
        .cpython = cpython,
        .interpreters = interpreters,
        .codes = {.cpython = &watch->remembered, .present = cpython},
        .chance = UINT64_C(0x9E3779B97F4A7C15),
    };
    cpython_remember(cpython, &watch->remembered);
    if (interpreters->count)
        watch->codes.standard = standard_library(cpython, &interpreters->items[0]);
    struct error *error = observe(watch, seconds);
    for (size_t i = 0; i < watch->loops.count; i++)
        loop_series_end(&watch->loops.items[i].series);
    if (error) {
        watch_free(watch);
        return error;
    }
    *out = watch;
    return NULL;
}

void watch_free(struct watch *watch)
{
    if (!watch)
        return;
    for (size_t i = 0; i < watch->loops.count; i++)
        loop_series_free(&watch->loops.items[i].series);
    vector_free(&watch->loops);
    watched_pools_free(&watch->pools);
    code_cache_free(&watch->codes);
    cpython_forget(watch->cpython, &watch->remembered);
    free(watch);
}

const struct watched_loop *watch_loop(const struct watch *watch, uint64_t loop)
{
    const struct watched_loop *found = watch ? loop_at(watch, loop) : NULL;
    return found && found->series.samples ? found : NULL;
}

const struct watched_pool *watch_pool(const struct watch *watch, uint64_t queue)
{
    for (size_t i = 0; watch && i < watch->pools.count; i++)
        if (watch->pools.items[i].queue == queue && watch->pools.items[i].samples)
            return &watch->pools.items[i];
    return NULL;
}
