#include "analysis/standstill.h"

#include <math.h>

#include "base/cleanup.h"
#include "waits/names.h"
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

static bool loop_busy(const struct snapshot *snapshot, const struct seen_loop *loop)
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
        if (loop_busy(snapshot, &snapshot->loops.items[i]) ||
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

/* Whether the threads themselves tell everything about what they wait for. */
static bool threads_suffice(const struct wait_picture *picture)
{
    for (size_t i = 0; i < picture->snapshot->seen.count; i++) {
        const struct seen_thread *thread = &picture->snapshot->seen.items[i];
        bool in_callback = thread->running_loop && !thread->in_loop_wait;
        if (in_callback || thread->wait.kind == THREAD_AWAITS_FUTURE)
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

static struct error *take_both(struct standstill *standstill, struct look *look)
{
    struct error *error = look_first(standstill, look);
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

struct error *look_standstill(struct look *look, bool threads_only)
{
    if (look->standstill)
        return NULL;
    struct standstill *standstill = calloc(1, sizeof *standstill);
    if (!standstill)
        return error_no_memory();
    standstill->threads_only = threads_only;
    struct error *error = take_both(standstill, look);
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

/* ---- comparing ------------------------------------------------------------------------------- */

const struct seen_thread *standstill_earlier(const struct standstill *standstill, size_t thread)
{
    const struct snapshot *before = standstill->before->snapshot;
    uint32_t index = address_map_get(&before->thread_of,
                                     standstill->after->snapshot->threads.items[thread].address);
    return index == ADDRESS_MAP_ABSENT ? NULL : &before->seen.items[index];
}

bool standstill_thread(const struct standstill *standstill, size_t thread)
{
    const struct seen_thread *now = &standstill->after->snapshot->seen.items[thread];
    const struct seen_thread *then = standstill_earlier(standstill, thread);
    if (!then || now->own == NOBODY || then->own == NOBODY)
        return false;
    const struct frame_view *a = &now->frames[now->own], *b = &then->frames[then->own];
    return a->address == b->address && a->code == b->code &&
           now->frame_count - now->own == then->frame_count - then->own &&
           now->named[now->own].place.line == then->named[then->own].place.line;
}

bool standstill_thread_asleep(const struct standstill *standstill, size_t thread)
{
    const struct seen_thread *now = &standstill->after->snapshot->seen.items[thread];
    const struct seen_thread *then = standstill_earlier(standstill, thread);
    return then && now->state_known && then->state_known &&
           thread_state_unmoved(&then->state, &now->state);
}

double standstill_cpu_ms(const struct standstill *standstill, size_t thread)
{
    const struct seen_thread *now = &standstill->after->snapshot->seen.items[thread];
    const struct seen_thread *then = standstill_earlier(standstill, thread);
    return then ? now->state.cpu_ms - then->state.cpu_ms : 0;
}

static bool knows(const struct cpython *cpython, const struct frame_view *frame, uint64_t object)
{
    _cleanup_free_ char *name = frame_name_of(cpython, frame, object);
    return name;
}

/*
 * Whether the frame of the program's own code belongs to the callback that the loop runs, not to
 * what runs the loop: it lies inside of the current task; or C code entered Python for it, called
 * by a frame that has the loop in a variable, which none of those inside of it has.
 */
static bool inside_callback(const struct snapshot *snapshot, const struct seen_loop *loop)
{
    const struct cpython *cpython = snapshot->cpython;
    const struct seen_thread *thread = &snapshot->seen.items[loop->thread];
    size_t task = snapshot_task(snapshot, loop->current_task);
    for (size_t i = thread->own; i < thread->frame_count; i++)
        if (task != NOBODY && snapshot->tasks.items[task].chain.links.count &&
            snapshot->tasks.items[task].chain.links.items[0].frame.address ==
                thread->frames[i].address)
            return true;
    for (size_t i = thread->own; i + 1 < thread->frame_count; i++) {
        if (knows(cpython, &thread->frames[i], loop->view.address))
            return false;
        if (thread->frames[i].entry)
            return knows(cpython, &thread->frames[i + 1], loop->view.address);
    }
    return false;
}

/* No callback was taken out of the queue: what was put in alone explains all that changed. */
static bool none_taken(const struct seen_loop *then, const struct seen_loop *now)
{
    return then->counted && now->counted &&
           now->counts.changes - then->counts.changes ==
               (uint64_t)(now->counts.length - then->counts.length);
}

/* The turn under way in both looks is the same, and so is the callback of it. */
static bool same_turn(const struct seen_loop *then, const struct seen_loop *now)
{
    return !isnan(now->turn_began) && now->turn_began == then->turn_began &&
           now->turn_step == then->turn_step;
}

bool standstill_loop(const struct standstill *standstill, size_t index)
{
    const struct snapshot *after = standstill->after->snapshot;
    const struct snapshot *before = standstill->before->snapshot;
    const struct seen_loop *now = &after->loops.items[index];
    size_t earlier = snapshot_loop(before, now->view.address);
    if (earlier == NOBODY || !loop_busy(after, now) ||
        !loop_busy(before, &before->loops.items[earlier]))
        return false;
    const struct seen_loop *then = &before->loops.items[earlier];
    if (now->view.role != ROLE_LOOP_UV)
        return same_turn(then, now);
    /* Its turns are C: the thread itself must not have moved on inside of one callback. */
    return now->current_task == then->current_task && none_taken(then, now) &&
           inside_callback(before, then) && inside_callback(after, now) &&
           standstill_thread(standstill, now->thread);
}

static bool in_some_cycle(const struct wait_picture *picture, uint64_t address)
{
    for (size_t i = 0; i < picture->cycles.count; i++)
        for (size_t k = 0; k < picture->cycles.items[i].vertices.count; k++)
            if (picture->graph.vertices.items[picture->cycles.items[i].vertices.items[k]].address ==
                address)
                return true;
    return false;
}

bool standstill_cycle(const struct standstill *standstill, const struct wait_cycle *cycle)
{
    for (size_t i = 0; i < cycle->vertices.count; i++) {
        uint32_t vertex = cycle->vertices.items[i];
        const struct wait_vertex *facts = &standstill->after->graph.vertices.items[vertex];
        if (!in_some_cycle(standstill->before, facts->address))
            return false;
        size_t thread =
            facts->kind == VERTEX_THREAD ? picture_thread(standstill->after, vertex) : NOBODY;
        if (thread != NOBODY && !standstill_thread_asleep(standstill, thread))
            return false;
        size_t task = facts->kind == VERTEX_TASK
                          ? snapshot_task(standstill->after->snapshot, facts->address)
                          : NOBODY;
        if (task != NOBODY && !picture_task_stands(standstill->after, task))
            return false;
    }
    return true;
}

bool standstill_stuck(const struct standstill *standstill, uint64_t address)
{
    return picture_stuck(standstill->before, address) && picture_stuck(standstill->after, address);
}
