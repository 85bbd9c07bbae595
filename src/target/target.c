#include "target/internal.h"

#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define PAGE_SIZE UINT64_C(4096)

void target_close(struct target *target)
{
    if (!target)
        return;
    if (target->memo) {
        memo_close(target);
        return;
    }
    if (target->copy) {
        copy_close(target);
        return;
    }
    if (target->capture) {
        capture_close(target);
        return;
    }
    if (target->keeper)
        snapshot_close(target);
    if (target->pidfd >= 0)
        close(target->pidfd);
    if (target->pagemap >= 0)
        close(target->pagemap);
    if (target->core)
        core_close(target);
    for (size_t i = 0; i < target->gaps.count; i++)
        free(target->gaps.items[i]);
    vector_free(&target->gaps);
    free(target->path);
    mappings_free(&target->mappings);
    process_files_free(target->files);
    free((void *)target->segments);
    free(target);
}

pid_t target_pid(const struct target *target)
{
    return target->pid;
}

const char *target_kind(const struct target *target)
{
    return target->base ? target_kind(target->base) : target->operations->kind;
}

const char *target_name(const struct target *target)
{
    if (target->base)
        return target_name(target->base);
    return target->path ? target->path : target->pid_text;
}

char *const *target_gaps(const struct target *target, size_t *count)
{
    if (target->base)
        return target_gaps(target->base, count);
    *count = target->gaps.count;
    return target->gaps.items;
}

void target_add_gap(struct target *target, const char *format, ...)
{
    va_list arguments;
    char *text = NULL;
    va_start(arguments, format);
    if (vasprintf(&text, format, arguments) < 0)
        text = NULL;
    va_end(arguments);
    if (text && !vector_push(&target->gaps, text))
        free(text);
}

struct process_files *target_files(const struct target *target)
{
    return target->base ? target_files(target->base) : target->files;
}

bool target_is_costly(const struct target *target)
{
    return target->operations->costly;
}

bool target_is_one_instant(const struct target *target)
{
    return target->base ? target_is_one_instant(target->base) : target->core != NULL;
}

bool target_is_live(const struct target *target)
{
    while (target->base)
        target = target->base;
    return !target->keeper && process_files_are_live(target->files);
}

struct target *target_later(struct target *target)
{
    while (target->base)
        target = target->base;
    return target->capture ? capture_later(target) : NULL;
}

double target_seconds_recorded(const struct target *target)
{
    while (target->base)
        target = target->base;
    return target->capture ? capture_seconds(target) : 0;
}

bool target_alive(const struct target *target)
{
    if (target->pidfd < 0)
        return true;
    /* A pidfd becomes readable when its process exits, whoever gets the number next. */
    struct pollfd poll_pidfd = {.fd = target->pidfd, .events = POLLIN};
    return poll(&poll_pidfd, 1, 0) == 0;
}

static inline size_t read_some(struct target *target, uint64_t address, void *buffer, size_t size)
{
    if (address + size < address)
        return 0;
    size_t done = target->operations->read_some(target, address, buffer, size);
    if (!target->operations->uncounted)
        atomic_fetch_add_explicit(&target->bytes_read, done, memory_order_relaxed);
    return done;
}

size_t target_read_some(struct target *target, uint64_t address, void *buffer, size_t size)
{
    return read_some(target, address, buffer, size);
}

const void *target_lend_all(struct target *target, uint64_t address, uint64_t *size)
{
    return target->operations->lend ? target->operations->lend(target, address, size) : NULL;
}

bool target_read(struct target *target, uint64_t address, void *buffer, size_t size)
{
    return read_some(target, address, buffer, size) == size;
}

void target_expect(struct target *target, const uint64_t *addresses, size_t count, size_t size)
{
    if (target->operations->expect)
        target->operations->expect(target, addresses, count, size);
}

void target_read_batch(struct target *target, struct read_request *requests, size_t count)
{
    target->operations->read_batch(target, requests, count);
    if (target->operations->uncounted)
        return;
    uint64_t bytes = 0;
    for (size_t i = 0; i < count; i++)
        bytes += requests[i].ok ? requests[i].size : 0;
    atomic_fetch_add_explicit(&target->bytes_read, bytes, memory_order_relaxed);
}

bool target_read_c_string(struct target *target, uint64_t address, char *buffer, size_t size)
{
    size_t done = 0;
    while (done < size) {
        /* Up to the end of the page: the next one may not be mapped. */
        size_t step = PAGE_SIZE - ((address + done) & (PAGE_SIZE - 1));
        if (step > size - done)
            step = size - done;
        size_t got = target_read_some(target, address + done, buffer + done, step);
        if (memchr(buffer + done, '\0', got))
            return true;
        if (got < step)
            return false;
        done += got;
    }
    return false;
}

uint64_t target_bytes_read(const struct target *target)
{
    return atomic_load_explicit(&target->bytes_read, memory_order_relaxed);
}

static const mapping_vector *mappings_of(const struct target *target)
{
    while (target->base)
        target = target->base;
    return target->capture ? capture_mappings(target) : &target->mappings;
}

const struct mapping *target_mappings(const struct target *target, size_t *count)
{
    const mapping_vector *mappings = mappings_of(target);
    *count = mappings->count;
    return mappings->items;
}

const struct mapping *target_mapping_at(const struct target *target, uint64_t address)
{
    const mapping_vector *mappings = mappings_of(target);
    size_t low = 0, high = mappings->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct mapping *mapping = &mappings->items[middle];
        if (address < mapping->start)
            high = middle;
        else if (address >= mapping->end)
            low = middle + 1;
        else
            return mapping;
    }
    return NULL;
}

struct error *target_refresh_mappings(struct target *target)
{
    return target->operations->refresh(target);
}

void target_visit_present(struct target *target, uint64_t start, uint64_t end,
                          void (*visit)(void *context, uint64_t start, uint64_t end), void *context)
{
    target->operations->visit_present(target, start, end, visit, context);
}
