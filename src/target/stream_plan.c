/* stream_plan.c: what of the memory of a target is streamed, cut into slots. */
#include "target/stream_plan.h"

#include <stdlib.h>
#include <string.h>

#include "target/internal.h"

/* Private memory that the program may write; of the kernel's special mappings only the heap. */
static bool is_wanted(const struct mapping *mapping)
{
    if (!mapping->readable || !mapping->writable || mapping->shared)
        return false;
    return mapping->path[0] != '[' || strcmp(mapping->path, "[heap]") == 0 ||
           strncmp(mapping->path, "[anon", 5) == 0;
}

static bool add_range(struct stream_plan *plan, uint64_t start, uint64_t end)
{
    /* Mappings begin with a page; the segments of an image need not. */
    start = (start + 15) & ~UINT64_C(15);
    if (!start || start >= end)
        return true;
    plan->bytes += end - start;
    for (uint64_t at = start, stop; at < end; at = stop) {
        stop = end - at > STREAM_SLOT_BYTES ? at + STREAM_SLOT_BYTES : end;
        if (!vector_push(&plan->slots, ((struct slot){at, stop, end})))
            return false;
    }
    return true;
}

struct error *stream_plan_new(struct target *target, struct stream_plan **out)
{
    struct stream_plan *plan = calloc(1, sizeof *plan);
    if (!plan)
        return error_no_memory();
    size_t count;
    const struct mapping *mappings = target_mappings(target, &count);
    for (size_t i = 0; i < count;) {
        if (!is_wanted(&mappings[i])) {
            i++;
            continue;
        }
        uint64_t start = mappings[i].start, end = mappings[i].end;
        for (i++; i < count && mappings[i].start == end && is_wanted(&mappings[i]); i++)
            end = mappings[i].end;
        if (!add_range(plan, start, end)) {
            stream_plan_free(plan);
            return error_no_memory();
        }
    }
    *out = plan;
    return NULL;
}

void stream_plan_free(struct stream_plan *plan)
{
    if (!plan)
        return;
    vector_free(&plan->slots);
    free(plan);
}

size_t stream_plan_slots(const struct stream_plan *plan)
{
    return plan->slots.count;
}

size_t stream_plan_ranges(const struct stream_plan *plan, struct stream_range *ranges)
{
    size_t count = 0;
    for (size_t i = 0; i < plan->slots.count; i++) {
        const struct slot *slot = &plan->slots.items[i];
        bool goes_on = i && slot[-1].limit == slot->limit;
        if (!goes_on && ranges)
            ranges[count] = (struct stream_range){slot->start, slot->limit};
        count += !goes_on;
    }
    return count;
}
