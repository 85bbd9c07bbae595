#include "target/copy.h"

#include <string.h>
#include <sys/mman.h>

#include "base/region_hints.h"
#include "target/internal.h"

#define HUGE_BYTES (UINT64_C(2) << 20)

/* A run of mappings that are copied. */
struct part {
    uint64_t start, end;
    uint8_t *bytes; /* zero where nothing was resident */
};

struct copy {
    struct region_hints hints;
    size_t count;
    struct part parts[]; /* sorted */
};

/* The first part that ends behind `address`. */
static size_t part_at(const struct copy *copy, uint64_t address)
{
    size_t low = 0, high = copy->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (copy->parts[middle].end <= address)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* What lies in more than one part, or in none. */
static __attribute__((noinline)) size_t read_parts(struct target *target, uint64_t address,
                                                   void *buffer, size_t size)
{
    const struct copy *copy = target->copy;
    size_t done = 0;
    for (size_t i = part_at(copy, address); done < size; i++) {
        uint64_t at = address + done;
        uint64_t gap = i < copy->count ? copy->parts[i].start : UINT64_MAX;
        if (at < gap) { /* in front of the part */
            size_t step = gap - at < size - done ? (size_t)(gap - at) : size - done;
            size_t got = target_read_some(target->base, at, (char *)buffer + done, step);
            done += got;
            if (got < step || done == size)
                break;
            at = gap;
        }
        const struct part *part = &copy->parts[i];
        size_t step = part->end - at < size - done ? (size_t)(part->end - at) : size - done;
        memcpy((char *)buffer + done, part->bytes + (at - part->start), step);
        done += step;
    }
    return done;
}

static inline const struct part *part_around(const struct copy *copy, uint64_t address)
{
    size_t hint = region_hint(&copy->hints, address);
    if (hint >= copy->count)
        return NULL;
    const struct part *part = &copy->parts[hint];
    return address - part->start < part->end - part->start ? part : NULL;
}

static const void *copy_lend(struct target *target, uint64_t address, uint64_t *size)
{
    const struct part *part = part_around(target->copy, address);
    if (!part)
        return NULL;
    *size = part->end - address;
    return part->bytes + (address - part->start);
}

static size_t copy_read_some(struct target *target, uint64_t address, void *buffer, size_t size)
{
    const struct part *part = part_around(target->copy, address);
    if (!part || size > part->end - address)
        return read_parts(target, address, buffer, size);
    const uint8_t *bytes = part->bytes + (address - part->start);
    switch (size) { /* nearly always a field, or the head of an object: no call for these */
    case 1:
        memcpy(buffer, bytes, 1);
        break;
    case sizeof(uint64_t):
        memcpy(buffer, bytes, sizeof(uint64_t));
        break;
    case 2 * sizeof(uint64_t):
        memcpy(buffer, bytes, 2 * sizeof(uint64_t));
        break;
    default:
        memcpy(buffer, bytes, size);
    }
    return size;
}

static void copy_read_batch(struct target *target, struct read_request *requests, size_t count)
{
    for (size_t i = 0; i < count; i++)
        requests[i].ok = copy_read_some(target, requests[i].address, requests[i].buffer,
                                        requests[i].size) == requests[i].size;
}

static void copy_visit_present(struct target *target, uint64_t start, uint64_t end,
                               void (*visit)(void *context, uint64_t start, uint64_t end),
                               void *context)
{
    target_visit_present(target->base, start, end, visit, context);
}

/* What was copied stays as it was. */
static struct error *copy_refresh(struct target *target)
{
    (void)target;
    return NULL;
}

static const struct target_operations copy_operations = {
    .read_some = copy_read_some,
    .read_batch = copy_read_batch,
    .lend = copy_lend,
    .visit_present = copy_visit_present,
    .refresh = copy_refresh,
    .uncounted = true,
};

/* ---- making it ------------------------------------------------------------------------------- */

static struct error *new_parts(const struct stream_plan *plan, struct copy **out)
{
    size_t count = stream_plan_ranges(plan, NULL);
    struct copy *copy = calloc(1, sizeof *copy + count * sizeof copy->parts[0]);
    struct stream_range *ranges = calloc(count + 1, sizeof *ranges);
    if (!copy || !ranges) {
        free(copy);
        free(ranges);
        return error_no_memory();
    }
    stream_plan_ranges(plan, ranges);
    bool failed = false;
    for (; copy->count < count && !failed; copy->count++) {
        const struct stream_range *range = &ranges[copy->count];
        void *bytes = mmap(NULL, range->end - range->start, PROT_READ | PROT_WRITE,
                           MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        failed = bytes == MAP_FAILED;
        if (failed)
            break;
        if (range->end - range->start >= HUGE_BYTES)
            (void)madvise(bytes, range->end - range->start, MADV_HUGEPAGE);
        copy->parts[copy->count] = (struct part){range->start, range->end, bytes};
        region_hints_add(&copy->hints, range->start, range->end, (uint32_t)copy->count);
    }
    free(ranges);
    *out = copy;
    return failed ? error_no_memory() : NULL;
}

static void keep(void *context, const struct stream_chunk *chunk)
{
    const struct copy *copy = context;
    const struct part *part = &copy->parts[part_at(copy, chunk->address)];
    memcpy(part->bytes + (chunk->address - part->start), chunk->bytes, chunk->size);
}

void copy_close(struct target *target)
{
    struct copy *copy = target->copy;
    for (size_t i = 0; i < copy->count; i++)
        munmap(copy->parts[i].bytes, copy->parts[i].end - copy->parts[i].start);
    free(copy);
    free(target);
}

static struct error *fill(struct target *target, const struct stream_plan *plan,
                          enum stream_pace pace, struct stream_cost *cost)
{
    struct error *error = new_parts(plan, &target->copy);
    return error ? error : stream_run(target->base, plan, pace, keep, target->copy, cost);
}

struct error *target_open_copy(struct target *base, enum stream_pace pace, struct target **out,
                               struct stream_cost *cost)
{
    struct stream_plan *plan;
    struct error *error = stream_plan_new(base, &plan);
    if (error)
        return error;
    struct target *target = calloc(1, sizeof *target);
    if (target) {
        *target = (struct target){
            .operations = &copy_operations,
            .pid = base->pid,
            .pidfd = -1,
            .pagemap = -1,
            .base = base,
        };
        error = fill(target, plan, pace, cost);
    } else {
        error = error_no_memory();
    }
    stream_plan_free(plan);
    if (error && target && target->copy)
        copy_close(target);
    else if (error)
        free(target);
    else
        *out = target;
    return error;
}
