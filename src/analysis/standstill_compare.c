/* standstill_compare.c: what stood still between the two looks. */
#include "analysis/standstill.h"

#include <math.h>

#include "analysis/standstill_parts.h"
#include "base/cleanup.h"
#include "waits/names.h"
#include "waits/still.h"

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
    if (earlier == NOBODY || !standstill_loop_busy(after, now) ||
        !standstill_loop_busy(before, &before->loops.items[earlier]))
        return false;
    const struct seen_loop *then = &before->loops.items[earlier];
    if (now->view.role != ROLE_LOOP_UV)
        return same_turn(then, now);
    /* Its turns are C: the thread itself must not have moved on inside of one callback. */
    return now->current_task == then->current_task && none_taken(then, now) &&
           inside_callback(before, then) && inside_callback(after, now) &&
           standstill_thread(standstill, now->thread);
}

bool picture_in_cycle(const struct wait_picture *picture, uint64_t address)
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
        if (!picture_in_cycle(standstill->before, facts->address))
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
