#include "target/capture.h"

#include <string.h>

#include "target/capture_internal.h"

static uint32_t moment_of(const struct target *target)
{
    unsigned moment = process_files_moment(target->files);
    uint32_t last = target->capture->moments - 1;
    return moment < last && target != target->capture->later ? moment : last;
}

const mapping_vector *capture_mappings(const struct target *target)
{
    return &target->capture->mappings[moment_of(target)];
}

static size_t captured_read_some(struct target *target, uint64_t address, void *buffer, size_t size)
{
    return capture_read(target->capture, moment_of(target), address, buffer, size);
}

static void captured_read_batch(struct target *target, struct read_request *requests, size_t count)
{
    for (size_t i = 0; i < count; i++)
        requests[i].ok = captured_read_some(target, requests[i].address, requests[i].buffer,
                                            requests[i].size) == requests[i].size;
}

static void captured_visit_present(struct target *target, uint64_t start, uint64_t end,
                                   void (*visit)(void *context, uint64_t start, uint64_t end),
                                   void *context)
{
    capture_visit(target->capture, moment_of(target), start, end, visit, context);
}

/* What was recorded stays as it was. */
static struct error *captured_refresh(struct target *target)
{
    (void)target;
    return NULL;
}

static const struct target_operations captured_operations = {
    .kind = "capture",
    .read_some = captured_read_some,
    .read_batch = captured_read_batch,
    .visit_present = captured_visit_present,
    .refresh = captured_refresh,
};

static struct target *new_target(struct capture *capture)
{
    struct target *target = calloc(1, sizeof *target);
    if (target)
        *target = (struct target){
            .operations = &captured_operations,
            .path = capture->path,
            .pid = process_files_pid(capture->process_files),
            .files = capture->process_files,
            .pidfd = -1,
            .pagemap = -1,
            .capture = capture,
        };
    return target;
}

struct error *target_open_capture(const char *path, struct target **out)
{
    struct capture *capture = NULL;
    struct error *error = capture_open(path, &capture);
    if (error)
        return error;
    struct target *target = new_target(capture);
    if (target && capture->moments > 1)
        capture->later = new_target(capture);
    if (!target || (capture->moments > 1 && !capture->later)) {
        free(target);
        capture_free(capture);
        return error_no_memory();
    }
    *out = target;
    return NULL;
}

void capture_close(struct target *target)
{
    capture_free(target->capture);
    free(target);
}

struct target *capture_later(const struct target *target)
{
    return target->capture->later;
}

double capture_seconds(const struct target *target)
{
    return target->capture->seconds;
}

/* The capture behind a target that may stand before it; NULL: it is none. */
static struct capture *capture_behind(const struct target *target)
{
    while (target->base)
        target = target->base;
    return target->capture;
}

const char *target_capture_fact(const struct target *target, const char *key)
{
    const struct capture *capture = capture_behind(target);
    return capture ? capture_fact(capture, key) : NULL;
}

struct target_damage target_damage(const struct target *target)
{
    struct capture *capture = capture_behind(target);
    struct target_damage damage = {0};
    if (capture) {
        pthread_mutex_lock(&capture->lock);
        damage = capture->damage;
        pthread_mutex_unlock(&capture->lock);
    }
    return damage;
}

int capture_file_of(const struct target *target, uint64_t start)
{
    const struct capture *capture = capture_behind(target);
    return capture ? capture_elf_open(capture, start) : -1;
}
