#include "target/stream.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "target/internal.h"
#include "target/stream_plan.h"

#define PAGE_SIZE UINT64_C(4096)
/* Small enough to stay in the second-level cache between the copy and the look at it. */
#define CHUNK_BYTES ((size_t)256 << 10)
/* Below this, starting threads costs more than it gains. */
#define ALONE_BYTES ((uint64_t)8 << 20)
/* How often the caller looks whether idle priority starves the workers. */
#define STARVATION_CHECK_NS (50 * 1000 * 1000)

struct pass {
    struct target *target;
    const struct stream_plan *plan;
    void (*visit)(void *context, const struct stream_chunk *chunk);
    void *context;
    enum stream_pace pace;
    atomic_size_t next_slot;
    sem_t finished; /* posted by each worker at its end */
    atomic_uint_fast64_t bytes, faults;
};

struct worker {
    struct pass *pass;
    unsigned number;
    uint8_t *buffer;
    const struct slot *slot;
    size_t slot_index;
    pthread_t thread;
};

/* Shows [start, end), which is resident, chunk by chunk. */
static void show_run(void *context, uint64_t start, uint64_t end)
{
    struct worker *worker = context;
    struct pass *pass = worker->pass;
    /* Only at the end of a slot may there be more resident bytes behind a run. */
    uint64_t limit = end;
    if (end == worker->slot->end)
        limit =
            worker->slot->limit - end > STREAM_OVERLAP ? end + STREAM_OVERLAP : worker->slot->limit;
    while (start < end) {
        size_t size = end - start < CHUNK_BYTES ? (size_t)(end - start) : CHUNK_BYTES;
        size_t want =
            limit - start < size + STREAM_OVERLAP ? (size_t)(limit - start) : size + STREAM_OVERLAP;
        size_t got = target_read_some(pass->target, start, worker->buffer, want);
        if (got < size)
            atomic_fetch_add(&pass->faults, 1);
        struct stream_chunk chunk = {
            .address = start,
            .bytes = worker->buffer,
            .size = (got < size ? got : size) & ~(size_t)15,
            .extent = got,
            .slot = worker->slot_index,
            .worker = worker->number,
        };
        if (chunk.size)
            pass->visit(pass->context, &chunk);
        atomic_fetch_add(&pass->bytes, chunk.size);
        /* A page that vanished: go on behind it. */
        start = got < size ? ((start + got) & ~(PAGE_SIZE - 1)) + PAGE_SIZE : start + size;
    }
}

static void work(struct worker *worker)
{
    struct pass *pass = worker->pass;
    for (;;) {
        size_t index = atomic_fetch_add(&pass->next_slot, 1);
        if (index >= pass->plan->slots.count)
            return;
        worker->slot = &pass->plan->slots.items[index];
        worker->slot_index = index;
        target_visit_present(pass->target, worker->slot->start, worker->slot->end, show_run,
                             worker);
    }
}

static void *work_beside(void *argument)
{
    struct worker *worker = argument;
    work(worker);
    sem_post(&worker->pass->finished);
    return NULL;
}

static bool worker_prepare(struct worker *worker, struct pass *pass, unsigned number)
{
    *worker = (struct worker){.pass = pass, .number = number};
    worker->buffer = aligned_alloc(PAGE_SIZE, CHUNK_BYTES + PAGE_SIZE);
    return worker->buffer != NULL;
}

static double thread_seconds(pthread_t thread)
{
    clockid_t clock;
    struct timespec used;
    if (pthread_getcpuclockid(thread, &clock) || clock_gettime(clock, &used))
        return 1e9; /* gone already: not starved */
    return (double)used.tv_sec + (double)used.tv_nsec / 1e9;
}

/* Whether a worker ended within the time between two checks. */
static bool wait_for_one(struct pass *pass)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += STARVATION_CHECK_NS;
    if (until.tv_nsec >= 1000 * 1000 * 1000) {
        until.tv_nsec -= 1000 * 1000 * 1000;
        until.tv_sec++;
    }
    return sem_clockwait(&pass->finished, CLOCK_MONOTONIC, &until) == 0;
}

/* Waits for the workers; true when, on a saturated machine, they hardly get any CPU. */
static bool wait_or_starve(struct pass *pass, const struct worker *workers, unsigned count)
{
    struct timespec begin, now;
    clock_gettime(CLOCK_MONOTONIC, &begin);
    for (unsigned finished = 0; finished < count;) {
        if (wait_for_one(pass)) {
            finished++;
            continue;
        }
        clock_gettime(CLOCK_MONOTONIC, &now);
        double wall =
            (double)(now.tv_sec - begin.tv_sec) + (double)(now.tv_nsec - begin.tv_nsec) / 1e9;
        double used = 0;
        for (unsigned i = 0; i < count; i++)
            used += thread_seconds(workers[i].thread);
        if (used < wall / 4)
            return true;
    }
    return false;
}

/* Refused, a worker keeps its priority: then the pass takes longer, or its target a little. */
static void set_priority(const struct worker *workers, unsigned count, int policy)
{
    for (unsigned i = 0; i < count; i++)
        pthread_setschedparam(workers[i].thread, policy, &(struct sched_param){0});
}

static unsigned worker_count(const struct stream_plan *plan)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    if (plan->bytes < ALONE_BYTES || processors < 2)
        return 0;
    return processors < STREAM_WORKERS_MAX - 1 ? (unsigned)processors : STREAM_WORKERS_MAX - 1;
}

static struct error *run(struct pass *pass)
{
    struct worker workers[STREAM_WORKERS_MAX];
    unsigned wanted = worker_count(pass->plan), started = 0;
    struct worker own;
    if (!worker_prepare(&own, pass, STREAM_WORKERS_MAX - 1))
        return error_no_memory();
    sem_init(&pass->finished, 0, 0);
    for (; started < wanted; started++) {
        if (!worker_prepare(&workers[started], pass, started))
            break;
        if (pthread_create(&workers[started].thread, NULL, work_beside, &workers[started])) {
            free(workers[started].buffer);
            break;
        }
    }
    /*
     * A running target must not lose its CPU to us. Only now: a processor on which an idle worker
     * runs counts as free, and the next one would be started there, too.
     */
    if (pass->pace == STREAM_POLITE)
        set_priority(workers, started, SCHED_IDLE);
    if (!started || wait_or_starve(pass, workers, started)) {
        /* What a starved worker has begun must not be waited for (needs CAP_SYS_NICE). */
        set_priority(workers, started, SCHED_OTHER);
        work(&own);
    }
    for (unsigned i = 0; i < started; i++) {
        pthread_join(workers[i].thread, NULL);
        free(workers[i].buffer);
    }
    sem_destroy(&pass->finished);
    free(own.buffer);
    return NULL;
}

struct error *stream_run(struct target *target, const struct stream_plan *plan,
                         enum stream_pace pace,
                         void (*visit)(void *context, const struct stream_chunk *chunk),
                         void *context, struct stream_cost *cost)
{
    /* A target that remembers is for one thread. */
    struct pass pass = {
        .target = target->memo ? target->base : target,
        .plan = plan,
        .visit = visit,
        .context = context,
        .pace = pace,
    };
    struct error *error = run(&pass);
    if (error)
        return error;
    cost->bytes += atomic_load(&pass.bytes);
    cost->faults += atomic_load(&pass.faults);
    return NULL;
}
