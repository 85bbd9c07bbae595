/* An image: segments in our own memory that stand for a process, for tests and fuzzing. */
#include "target/internal.h"

#include <string.h>

/* The first segment that ends behind `address`. */
static size_t segment_at(const struct target *target, uint64_t address)
{
    size_t low = 0, high = target->segment_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct image_segment *segment = &target->segments[middle];
        if (segment->address + segment->size <= address)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static size_t image_read_some(struct target *target, uint64_t address, void *buffer, size_t size)
{
    size_t done = 0;
    for (size_t i = segment_at(target, address); i < target->segment_count && done < size; i++) {
        const struct image_segment *segment = &target->segments[i];
        uint64_t at = address + done;
        if (at < segment->address)
            break;
        size_t offset = (size_t)(at - segment->address);
        size_t step = segment->size - offset < size - done ? segment->size - offset : size - done;
        memcpy((char *)buffer + done, segment->bytes + offset, step);
        done += step;
    }
    return done;
}

static void image_read_batch(struct target *target, struct read_request *requests, size_t count)
{
    for (size_t i = 0; i < count; i++)
        requests[i].ok = image_read_some(target, requests[i].address, requests[i].buffer,
                                         requests[i].size) == requests[i].size;
}

static void image_visit_present(struct target *target, uint64_t start, uint64_t end,
                                void (*visit)(void *context, uint64_t start, uint64_t end),
                                void *context)
{
    (void)target;
    visit(context, start, end);
}

static struct error *image_refresh(struct target *target)
{
    (void)target;
    return NULL;
}

static const struct target_operations image_operations = {
    .kind = "image",
    .read_some = image_read_some,
    .read_batch = image_read_batch,
    .visit_present = image_visit_present,
    .refresh = image_refresh,
};

static int compare_segments(const void *left, const void *right)
{
    const struct image_segment *a = left, *b = right;
    return (a->address > b->address) - (a->address < b->address);
}

static struct error *add_mapping(struct target *target, const struct image_segment *segment)
{
    struct mapping mapping = {
        .start = segment->address,
        .end = segment->address + segment->size,
        .readable = true,
        .writable = true,
        .path = strdup(""),
    };
    if (!mapping.path || !vector_push(&target->mappings, mapping)) {
        free((void *)mapping.path);
        return error_no_memory();
    }
    return NULL;
}

static struct error *fill(struct target *target, const struct image_segment *segments, size_t count)
{
    struct image_segment *sorted = calloc(count ? count : 1, sizeof *sorted);
    if (!sorted)
        return error_no_memory();
    target->segments = sorted;
    target->segment_count = count;
    if (count)
        memcpy(sorted, segments, count * sizeof *sorted);
    qsort(sorted, count, sizeof *sorted, compare_segments);
    uint64_t end = 0;
    for (size_t i = 0; i < count; i++) {
        if (sorted[i].address < end || sorted[i].address + sorted[i].size < sorted[i].address)
            return error_new(ERROR_USAGE, "the segments of the image overlap or wrap around");
        end = sorted[i].address + sorted[i].size;
        struct error *error = add_mapping(target, &sorted[i]);
        if (error)
            return error;
    }
    return NULL;
}

struct error *target_open_image(const struct image_segment *segments, size_t count,
                                struct target **out)
{
    struct target *target = calloc(1, sizeof *target);
    if (!target)
        return error_no_memory();
    *target = (struct target){
        .operations = &image_operations, .pid_text = "0", .pidfd = -1, .pagemap = -1};
    target->files = process_files_recorded(0);
    struct error *error = target->files ? fill(target, segments, count) : error_no_memory();
    if (error) {
        target_close(target);
        return error;
    }
    *out = target;
    return NULL;
}
