/* Zombies, executors and collectors before and after. */
#include <stdlib.h>
#include <string.h>

#include "analysis/diff_parts.h"
#include "analysis/noise.h"
#include "base/text.h"

/* ---- zombies --------------------------------------------------------------------------------- */

static const struct zombie_group *find_zombies(const struct report *look, const char *type)
{
    for (size_t i = 0; i < look->zombies.count; i++)
        if (strcmp(look->zombies.items[i].type, type) == 0)
            return &look->zombies.items[i];
    return NULL;
}

static bool add_zombies(struct diff_section *diff, const struct zombie_group *group,
                        const struct zombie_group *before)
{
    struct diff_zombie row = {
        .type = strdup(group->type),
        .before = before ? before->count : 0,
        .after = group->count,
        .bytes_before = before ? before->bytes : 0,
        .bytes_after = group->bytes,
        .held_by = group->held_by.count ? strdup(group->held_by.items[0]) : NULL,
        .finalizer_file = group->finalizer.file ? strdup(group->finalizer.file) : NULL,
        .finalizer_line = group->finalizer.line,
    };
    if (row.type && vector_push(&diff->zombies, row))
        return true;
    free(row.type);
    free(row.held_by);
    free(row.finalizer_file);
    return false;
}

bool diff_add_zombies(struct comparison *comparison)
{
    if (!comparison->first->has_zombies || !comparison->last->has_zombies)
        return true;
    for (size_t i = 0; i < comparison->last->zombies.count; i++) {
        const struct zombie_group *group = &comparison->last->zombies.items[i];
        const struct zombie_group *before = find_zombies(comparison->first, group->type);
        if (before && before->count >= group->count)
            continue;
        if (!add_zombies(comparison->diff, group, before))
            return false;
        comparison->diff->grew = true;
    }
    return true;
}

/* ---- executors ------------------------------------------------------------------------------- */

/* The same one in the first look: in another process that of the same class and place in line. */
static const struct executor_row *find_executor(const struct comparison *comparison, size_t index)
{
    const struct report *first = comparison->first;
    const struct executor_row *last = &comparison->last->executors.items[index];
    if (!comparison->diff->same_process)
        return index < first->executors.count &&
                       diff_compare_text(first->executors.items[index].class_name,
                                         last->class_name) == 0
                   ? &first->executors.items[index]
                   : NULL;
    for (size_t i = 0; i < first->executors.count; i++)
        if (first->executors.items[i].address == last->address)
            return &first->executors.items[i];
    return NULL;
}

bool diff_add_executors(struct comparison *comparison)
{
    struct diff_section *diff = comparison->diff;
    for (size_t i = 0; i < comparison->last->executors.count; i++) {
        const struct executor_row *after = &comparison->last->executors.items[i];
        const struct executor_row *before = find_executor(comparison, i);
        struct diff_executor row = {
            .class_name = strdup(after->class_name ? after->class_name : "?"),
            .address = after->address,
            .workers = after->workers,
            .max_workers = after->max_workers,
            .busy_before = before ? before->busy : -1,
            .busy_after = after->busy,
            .queued_before = before ? before->queued : -1,
            .queued_after = after->queued,
            .oldest_ms = after->oldest_ms,
            .oldest = after->oldest.file
                          ? text_format("%s:%u in %s", after->oldest.file, after->oldest.line,
                                        after->oldest.function ? after->oldest.function : "?")
                          : NULL,
        };
        row.grew =
            row.queued_before >= 0 && row.queued_after >= 0 &&
            noise_exceeded((uint64_t)row.queued_before, (uint64_t)row.queued_after, DIFF_HANDLES);
        diff->grew |= row.grew;
        if (!row.class_name || !vector_push(&diff->executors, row)) {
            free(row.class_name);
            free(row.oldest);
            return false;
        }
    }
    return true;
}

/* ---- collectors ------------------------------------------------------------------------------ */

static int64_t difference(int64_t before, int64_t after)
{
    return before >= 0 && after >= before ? after - before : -1;
}

static bool add_generations(struct diff_section *diff, const struct gc_section *before,
                            const struct gc_section *after)
{
    for (unsigned i = 0; i < GENERATIONS; i++) {
        const struct gc_generation *old = &before->generations[i], *new = &after->generations[i];
        struct diff_collector row = {
            .interpreter = after->interpreter,
            .generation = i,
            .collections = difference(old->collections, new->collections),
            .collected = difference(old->collected, new->collected),
            .uncollectable = difference(old->uncollectable, new->uncollectable),
            .objects_before = old->objects,
            .objects_after = new->objects,
        };
        if (!vector_push(&diff->collectors, row))
            return false;
    }
    return true;
}

bool diff_add_collectors(struct comparison *comparison)
{
    const struct report *first = comparison->first, *last = comparison->last;
    for (size_t i = 0; comparison->diff->same_process && i < last->gc.count; i++)
        for (size_t k = 0; k < first->gc.count; k++)
            if (first->gc.items[k].interpreter == last->gc.items[i].interpreter &&
                !add_generations(comparison->diff, &first->gc.items[k], &last->gc.items[i]))
                return false;
    return true;
}
