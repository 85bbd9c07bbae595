/* Descriptors, threads and tasks by where they belong: what became more. */
#include <stdlib.h>
#include <string.h>

#include "analysis/diff_parts.h"
#include "analysis/noise.h"
#include "base/text.h"

typedef VECTOR(struct diff_count) count_vector;

static bool add(count_vector *counts, const char *kind, char *what, uint64_t before, uint64_t after)
{
    struct diff_count count = {.kind = kind, .what = what, .before = before, .after = after};
    if (what && vector_push(counts, count))
        return true;
    free(what);
    return false;
}

/* ---- threads by their work ------------------------------------------------------------------- */

/* The outermost frame that says what the thread is for. */
static const struct place *entry_place(const struct thread_row *thread)
{
    const struct place *entry = NULL;
    for (size_t i = thread->stack.count; i-- > 0;) {
        const struct thread_frame *frame = &thread->stack.items[i];
        if (frame->native || !frame->at.file)
            continue;
        if (!diff_is_library(frame->at.file))
            return &frame->at;
        if (!entry && !text_ends_with(frame->at.file, "/threading.py"))
            entry = &frame->at;
    }
    return entry;
}

static char *thread_work(const struct thread_row *thread)
{
    const struct place *entry = entry_place(thread);
    if (!entry)
        return strdup("threads without a frame of their own");
    return text_format("%s in %s", entry->function ? entry->function : "?", entry->file);
}

/* ---- rows ------------------------------------------------------------------------------------ */

static bool count_descriptors(const struct report *look, bool last, count_vector *counts)
{
    for (size_t i = 0; i < look->descriptors.count; i++) {
        const struct descriptor_row *row = &look->descriptors.items[i];
        if (!add(counts, "descriptor", strdup(row->target), last ? 0 : row->count,
                 last ? row->count : 0))
            return false;
    }
    return true;
}

static bool count_threads(const struct report *look, bool last, count_vector *counts)
{
    for (size_t i = 0; i < look->threads.count; i++)
        if (look->threads.items[i].python &&
            !add(counts, "thread", thread_work(&look->threads.items[i]), !last, last))
            return false;
    return true;
}

static bool count_tasks(const struct report *look, bool last, count_vector *counts)
{
    for (size_t i = 0; i < look->tasks.count; i++) {
        const struct task_row *task = &look->tasks.items[i];
        if (!add(counts, "task", strdup(task->coroutine ? task->coroutine : "?"),
                 last ? 0 : task->count, last ? task->count : 0))
            return false;
    }
    return true;
}

/* Only what both looks tell of. */
static bool count_both(const struct report *first, const struct report *last, count_vector *counts)
{
    bool good = true;
    if (first->has_descriptors && last->has_descriptors)
        good = count_descriptors(first, false, counts) && count_descriptors(last, true, counts);
    if (good && first->has_threads && last->has_threads)
        good = count_threads(first, false, counts) && count_threads(last, true, counts);
    if (good && first->has_tasks && last->has_tasks)
        good = count_tasks(first, false, counts) && count_tasks(last, true, counts);
    return good;
}

static int by_what(const void *left, const void *right)
{
    const struct diff_count *a = left, *b = right;
    int kinds = strcmp(a->kind, b->kind);
    return kinds ? kinds : strcmp(a->what, b->what);
}

static void merge(count_vector *counts)
{
    size_t kept = 0;
    if (counts->count)
        qsort(counts->items, counts->count, sizeof *counts->items, by_what);
    for (size_t i = 0; i < counts->count; i++) {
        struct diff_count *last = kept ? &counts->items[kept - 1] : NULL;
        if (last && by_what(last, &counts->items[i]) == 0) {
            last->before += counts->items[i].before;
            last->after += counts->items[i].after;
            free(counts->items[i].what);
        } else {
            counts->items[kept++] = counts->items[i];
        }
    }
    counts->count = kept;
}

static int grown_first(const void *left, const void *right)
{
    const struct diff_count *a = left, *b = right;
    if (a->grew != b->grew)
        return a->grew ? -1 : 1;
    int64_t more_a = (int64_t)(a->after - a->before), more_b = (int64_t)(b->after - b->before);
    if (more_a != more_b)
        return more_a < more_b ? 1 : -1;
    return by_what(a, b);
}

bool diff_add_counts(struct comparison *comparison)
{
    struct diff_section *diff = comparison->diff;
    count_vector counts = {0};
    bool good = count_both(comparison->first, comparison->last, &counts);
    merge(&counts);
    for (size_t i = 0; i < counts.count; i++) {
        struct diff_count *count = &counts.items[i];
        bool pushed = false;
        if (good && count->before != count->after) {
            count->grew = noise_exceeded(count->before, count->after, DIFF_HANDLES);
            diff->grew |= count->grew;
            pushed = vector_push(&diff->counts, *count);
            good = pushed;
        }
        if (!pushed)
            free(count->what);
    }
    vector_free(&counts);
    if (diff->counts.count)
        qsort(diff->counts.items, diff->counts.count, sizeof *diff->counts.items, grown_first);
    return good;
}
