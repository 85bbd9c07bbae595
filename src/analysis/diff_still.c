/* Threads and tasks that did not move. */
#include <stdlib.h>
#include <string.h>

#include "analysis/diff_parts.h"
#include "base/text.h"

/* ---- places ---------------------------------------------------------------------------------- */

static bool same_place(const struct place *a, const struct place *b)
{
    return a->line == b->line && diff_compare_text(a->file, b->file) == 0 &&
           diff_compare_text(a->function, b->function) == 0;
}

static char *place_text(const struct place *place)
{
    const char *function = place->function && *place->function ? place->function : NULL;
    if (!place->file)
        return function ? strdup(function) : NULL;
    return place->line ? text_format("%s:%u%s%s", place->file, place->line, function ? " in " : "",
                                     function ? function : "")
                       : text_format("%s%s%s", place->file, function ? " in " : "",
                                     function ? function : "");
}

/* Waits for work: a worker's ordinary state. */
static bool is_idle(const char *wait_kind)
{
    static const char *const idle[] = {"queue", "selector", "sleep"};
    for (size_t i = 0; i < sizeof idle / sizeof *idle; i++)
        if (strcmp(wait_kind, idle[i]) == 0)
            return true;
    return false;
}

static bool is_alike(const struct diff_still *a, const struct diff_still *b)
{
    return a->kind == b->kind && a->wait_kind == b->wait_kind &&
           diff_compare_text(a->at, b->at) == 0 &&
           diff_compare_text(a->waits_for, b->waits_for) == 0 &&
           diff_compare_text(a->owed_by, b->owed_by) == 0;
}

/* Adds the row, or to the number of the one that says the same of others. */
static bool add_still(struct diff_section *diff, struct diff_still still)
{
    for (size_t i = 0; i < diff->still.count; i++) {
        if (!is_alike(&diff->still.items[i], &still))
            continue;
        diff->still.items[i].count += still.count;
        diff_still_free(&still);
        return true;
    }
    if (vector_push(&diff->still, still))
        return true;
    diff_still_free(&still);
    return false;
}

/* ---- threads --------------------------------------------------------------------------------- */

static bool stands(const struct thread_row *a, const struct thread_row *b)
{
    if (a->tid != b->tid || !b->wait_kind || strcmp(b->wait_kind, "gil") == 0 ||
        diff_compare_text(a->wait_kind, b->wait_kind) != 0 || a->stack.count != b->stack.count)
        return false;
    for (size_t i = 0; i < a->stack.count; i++)
        if (!same_place(&a->stack.items[i].at, &b->stack.items[i].at))
            return false;
    return true;
}

/* The innermost frame of the program's own, else the innermost one of Python. */
static const struct place *own_place(const struct thread_row *thread)
{
    const struct place *first = NULL;
    for (size_t i = 0; i < thread->stack.count; i++) {
        const struct thread_frame *frame = &thread->stack.items[i];
        if (frame->native)
            continue;
        if (!diff_is_library(frame->at.file))
            return &frame->at;
        first = first ? first : &frame->at;
    }
    return first;
}

static bool add_thread(struct diff_section *diff, const struct thread_row *thread)
{
    const struct place *at = own_place(thread);
    struct diff_still still = {
        .kind = "thread",
        .name = thread->name ? strdup(thread->name) : text_format("%d", (int)thread->tid),
        .at = at ? place_text(at) : NULL,
        .wait_kind = thread->wait_kind,
        .waits_for = thread->waits_for ? strdup(thread->waits_for) : NULL,
        .owed_by = thread->owed_by ? strdup(thread->owed_by) : NULL,
        .count = 1,
        .idle = is_idle(thread->wait_kind),
    };
    return add_still(diff, still);
}

static bool add_threads(const struct comparison *comparison)
{
    for (size_t i = 0; i < comparison->last->threads.count; i++) {
        const struct thread_row *thread = &comparison->last->threads.items[i];
        bool still = thread->python;
        for (size_t look = 0; look + 1 < comparison->count && still; look++) {
            const struct report *report = comparison->looks[look];
            bool found = false;
            for (size_t k = 0; k < report->threads.count && !found; k++)
                found = stands(&report->threads.items[k], thread);
            still = found;
        }
        if (still && !add_thread(comparison->diff, thread))
            return false;
    }
    return true;
}

/* ---- tasks ----------------------------------------------------------------------------------- */

static bool task_stands(const struct task_row *a, const struct task_row *b)
{
    if (a->address != b->address || !b->wait_kind || diff_compare_text(a->name, b->name) != 0 ||
        diff_compare_text(a->coroutine, b->coroutine) != 0 ||
        diff_compare_text(a->wait_kind, b->wait_kind) != 0 || a->stack.count != b->stack.count)
        return false;
    for (size_t i = 0; i < a->stack.count; i++)
        if (!same_place(&a->stack.items[i], &b->stack.items[i]))
            return false;
    return true;
}

static bool add_task(struct diff_section *diff, const struct task_row *task, uint64_t count)
{
    const struct place *at = NULL;
    for (size_t i = task->stack.count; i-- > 0 && !at;)
        if (!diff_is_library(task->stack.items[i].file))
            at = &task->stack.items[i];
    struct diff_still still = {
        .kind = "task",
        .name = strdup(task->name        ? task->name
                       : task->coroutine ? task->coroutine
                                         : "?"),
        .at = at ? place_text(at) : NULL,
        .wait_kind = task->wait_kind,
        .waits_for = task->waits_for ? strdup(task->waits_for) : NULL,
        .count = count,
        .idle = is_idle(task->wait_kind),
    };
    return add_still(diff, still);
}

/* Equal tasks share a row: of these it is only known that so many stood there at each look. */
static bool add_tasks(const struct comparison *comparison)
{
    for (size_t i = 0; i < comparison->last->tasks.count; i++) {
        const struct task_row *task = &comparison->last->tasks.items[i];
        uint64_t count = task->count;
        for (size_t look = 0; look + 1 < comparison->count && count; look++) {
            const struct report *report = comparison->looks[look];
            uint64_t there = 0;
            for (size_t k = 0; k < report->tasks.count && !there; k++)
                if (task_stands(&report->tasks.items[k], task))
                    there = report->tasks.items[k].count;
            count = there < count ? there : count;
        }
        if (count && !add_task(comparison->diff, task, count))
            return false;
    }
    return true;
}

/* ---- */

static int busy_first(const void *left, const void *right)
{
    const struct diff_still *a = left, *b = right;
    if (a->idle != b->idle)
        return a->idle ? 1 : -1;
    int kinds = strcmp(b->kind, a->kind);
    return kinds ? kinds : diff_compare_text(a->name, b->name);
}

bool diff_add_still(struct comparison *comparison)
{
    struct diff_section *diff = comparison->diff;
    if (!diff->same_process)
        return true;
    if (!add_threads(comparison) || !add_tasks(comparison))
        return false;
    if (diff->still.count)
        qsort(diff->still.items, diff->still.count, sizeof *diff->still.items, busy_first);
    return true;
}
