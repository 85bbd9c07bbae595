#include "analysis/standstill.h"

#include <math.h>

#include "analysis/standstill_parts.h"
#include "waits/still.h"

/* Between two looks: when nothing is suspicious, when something is to be confirmed, and when a
 * callback that computes is to be told from a short one. */
#define SECONDS_HEALTHY 0.001
#define SECONDS_CONFIRM 0.3
#define SECONDS_COMPUTE 1.0
/* As long as that a thread that hardly gets a processor is waited for. */
#define SECONDS_STARVED 5.0

static struct error *prepare_heap(void *context, const struct census **index, struct roots **roots)
{
    struct look *look = context;
    struct error *error = look_index(look);
    *index = look->index;
    *roots = &look->roots;
    return error;
}

static struct error *take(struct standstill *standstill, struct look *look,
                          struct wait_picture **picture)
{
    const struct heap_source heap = {prepare_heap, look};
    return wait_picture_take(look->cpython, &look->interpreters, &standstill->actors,
                             standstill->threads_only ? NULL : &heap, standstill->before, picture);
}

bool standstill_loop_busy(const struct snapshot *snapshot, const struct seen_loop *loop)
{
    return loop->thread != NOBODY && !snapshot->seen.items[loop->thread].in_loop_wait;
}

/* In its selector, with callbacks ready: it is about to wake, or nobody woke it. */
static bool loop_sleeps_over_work(const struct snapshot *snapshot, const struct seen_loop *loop)
{
    return loop->thread != NOBODY && loop->view.ready > 0 &&
           snapshot->seen.items[loop->thread].in_loop_wait;
}

static bool suspicious(const struct wait_picture *picture)
{
    const struct snapshot *snapshot = picture->snapshot;
    for (size_t i = 0; i < snapshot->loops.count; i++)
        if (standstill_loop_busy(snapshot, &snapshot->loops.items[i]) ||
            loop_sleeps_over_work(snapshot, &snapshot->loops.items[i]))
            return true;
    for (size_t i = 0; i < snapshot->tasks.count; i++)
        if (picture_stuck(picture, snapshot->tasks.items[i].view.address))
            return true;
    return picture->cycles.count;
}

/* A loop whose thread computes in the same callback in both looks, for less than so long. */
static bool computes(const struct standstill *standstill, double milliseconds)
{
    const struct snapshot *after = standstill->after->snapshot;
    for (size_t i = 0; i < after->loops.count; i++) {
        size_t thread = after->loops.items[i].thread;
        if (standstill_loop(standstill, i) && after->seen.items[thread].wait.kind == THREAD_RUNS &&
            standstill_cpu_ms(standstill, thread) < milliseconds)
            return true;
    }
    return false;
}

static void forget_after(struct standstill *standstill)
{
    if (standstill->after != standstill->before)
        wait_picture_free(standstill->after);
    standstill->after = NULL;
}

/* The second look, `seconds` after the first began, and `least` from now. Where nothing ran since,
 * it is the first. */
static struct error *look_again(struct standstill *standstill, struct look *look, double seconds,
                                double least)
{
    struct process_files *files = target_files(look->cpython->target);
    struct error *error = NULL;
    double began = standstill->before->snapshot->when;
    double left = began + seconds - process_files_monotonic(files);
    forget_after(standstill);
    left = left > least ? left : least;
    if (left > 0 || !process_files_are_live(files))
        process_files_wait(files, left);
    double when = process_files_monotonic(files);
    if (snapshot_stands(standstill->before->snapshot))
        standstill->after = standstill->before;
    else
        error = take(standstill, look, &standstill->after);
    double passed = when - began;
    standstill->seconds = isnan(passed) ? 0 : passed; /* a core knows no time */
    return error;
}

static bool holds_something(const struct wait_picture *picture, size_t thread)
{
    for (size_t i = 0; i < picture->holds.items.count; i++)
        if (picture->holds.items.items[i].thread == thread)
            return true;
    return false;
}

/* Whether the threads themselves tell everything about what they wait for. */
static bool threads_suffice(const struct wait_picture *picture)
{
    for (size_t i = 0; i < picture->snapshot->seen.count; i++) {
        const struct seen_thread *thread = &picture->snapshot->seen.items[i];
        bool in_callback = thread->running_loop && !thread->in_loop_wait;
        if (in_callback || thread->wait.kind == THREAD_AWAITS_FUTURE ||
            queue_holds_up(picture->snapshot, i) ||
            (thread->wait.kind == THREAD_AWAITS_QUEUE && holds_something(picture, i)))
            return false;
    }
    return !picture->unknown_holders;
}

/* The first look; with the objects of the heap that take part in waiting, unless it can do without.
 */
static struct error *look_first(struct standstill *standstill, struct look *look)
{
    struct error *error = NULL;
    standstill->actors.cpython = look->cpython;
    if (standstill->threads_only)
        error = take(standstill, look, &standstill->before);
    if (error || (standstill->threads_only && threads_suffice(standstill->before)))
        return error;
    standstill->threads_only = false;
    wait_picture_free(standstill->before);
    standstill->before = NULL;
    actors_free(&standstill->actors);
    error = look_index(look);
    if (!error)
        error = actors_find(look->cpython, look->index, &standstill->actors);
    return error ? error : take(standstill, look, &standstill->before);
}

static struct error *take_both(struct standstill *standstill, struct look *look,
                               const struct meanwhile *meanwhile)
{
    struct error *error = look_first(standstill, look);
    if (!error && meanwhile)
        error = meanwhile->act(meanwhile->context, standstill->before->snapshot);
    if (!error)
        error = look_again(standstill, look,
                           suspicious(standstill->before) ? SECONDS_CONFIRM : SECONDS_HEALTHY, 0);
    if (!error && computes(standstill, INFINITY))
        error = look_again(standstill, look, SECONDS_COMPUTE, SECONDS_COMPUTE - SECONDS_CONFIRM);
    if (!process_files_are_live(target_files(look->cpython->target)))
        return error;
    while (!error && standstill->seconds < SECONDS_STARVED &&
           computes(standstill, STANDSTILL_COMPUTES_MS))
        error = look_again(standstill, look, standstill->seconds + SECONDS_CONFIRM, 0);
    return error;
}

struct error *look_standstill(struct look *look, bool threads_only,
                              const struct meanwhile *meanwhile)
{
    if (look->standstill)
        return NULL;
    struct standstill *standstill = calloc(1, sizeof *standstill);
    if (!standstill)
        return error_no_memory();
    standstill->threads_only = threads_only;
    struct error *error = take_both(standstill, look, meanwhile);
    if (error) {
        standstill_free(standstill);
        return error;
    }
    look->standstill = standstill;
    return NULL;
}

void standstill_free(struct standstill *standstill)
{
    if (!standstill)
        return;
    forget_after(standstill);
    wait_picture_free(standstill->before);
    actors_free(&standstill->actors);
    free(standstill);
}
