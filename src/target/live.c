/* A live process: process_vm_readv for bytes, /proc for the map and for what is resident. */
#include "target/internal.h"
#include "target/symbols_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define BATCH_MAX 256 /* below IOV_MAX */

static size_t live_read_some(struct target *target, uint64_t address, void *buffer, size_t size)
{
    struct iovec local = {.iov_base = buffer, .iov_len = size};
    struct iovec remote = {.iov_base = (void *)(uintptr_t)address, .iov_len = size};
    ssize_t done = process_vm_readv(target->memory_pid, &local, 1, &remote, 1, 0);
    return done < 0 ? 0 : (size_t)done;
}

/* Reads requests [first, first + count) in one call; returns how many leading ones succeeded. */
static size_t read_together(struct target *target, struct read_request *requests, size_t count)
{
    struct iovec local[BATCH_MAX], remote[BATCH_MAX];
    for (size_t i = 0; i < count; i++) {
        local[i] = (struct iovec){requests[i].buffer, requests[i].size};
        remote[i] = (struct iovec){(void *)(uintptr_t)requests[i].address, requests[i].size};
    }
    ssize_t done = process_vm_readv(target->memory_pid, local, count, remote, count, 0);
    size_t good = 0;
    for (size_t left = done < 0 ? 0 : (size_t)done; good < count && left >= requests[good].size;
         good++)
        left -= requests[good].size;
    for (size_t i = 0; i < good; i++)
        requests[i].ok = true;
    return good;
}

static void live_read_batch(struct target *target, struct read_request *requests, size_t count)
{
    size_t first = 0;
    while (first < count) {
        size_t batch = count - first < BATCH_MAX ? count - first : BATCH_MAX;
        size_t good = read_together(target, requests + first, batch);
        first += good;
        if (good < batch) /* the one that stopped the call */
            requests[first++].ok = false;
    }
}

static void live_visit_present(struct target *target, uint64_t start, uint64_t end,
                               void (*visit)(void *context, uint64_t start, uint64_t end),
                               void *context)
{
    present_visit(target->pagemap, PRESENT_SCAN, start, end, visit, context);
}

static struct error *live_refresh(struct target *target)
{
    mapping_vector fresh = {0};
    struct error *error = mappings_read(target->memory_pid, &fresh);
    if (error) {
        mappings_free(&fresh);
        return error;
    }
    mappings_free(&target->mappings);
    target->mappings = fresh;
    return NULL;
}

/* By the links that cannot be fooled first; map_files needs a capability, so the path is last. */
static int live_open_module(struct target *target, const struct elf_module *module)
{
    char path[PATH_MAX + 64];
    int pid = (int)target->pid, file = -1;
    if (module->executable) {
        snprintf(path, sizeof path, "/proc/%d/exe", pid);
        file = open_regular(path);
    }
    const struct mapping *first = target_mapping_at(target, module->start);
    if (file < 0 && first) {
        snprintf(path, sizeof path, "/proc/%d/map_files/%" PRIx64 "-%" PRIx64, pid, first->start,
                 first->end);
        file = open_regular(path);
    }
    if (file < 0 && !module->deleted) {
        snprintf(path, sizeof path, "/proc/%d/root%s", pid, module->path);
        file = open_regular(path);
    }
    return file;
}

const struct target_operations live_operations = {
    .kind = "live",
    .read_some = live_read_some,
    .read_batch = live_read_batch,
    .visit_present = live_visit_present,
    .refresh = live_refresh,
    .open_module = live_open_module,
    .costly = true,
};

/* A first read decides whether we may look at all; /proc/PID/maps alone does not prove it. */
static struct error *probe(struct target *target)
{
    for (size_t i = 0; i < target->mappings.count; i++) {
        const struct mapping *mapping = &target->mappings.items[i];
        char byte;
        if (!mapping->readable)
            continue;
        if (target_read(target, mapping->start, &byte, 1))
            return NULL;
        if (errno == EPERM || errno == EACCES || errno == ENOSYS)
            return error_new(ERROR_PERMISSION, "cannot read the memory of process %d: %s",
                             (int)target->pid, strerror(errno));
    }
    return error_new(ERROR_CANNOT_LOOK,
                     "process %d has no memory of its own (kernel thread, or it is exiting)",
                     (int)target->pid);
}

static struct error *open_live(pid_t pid, struct target *target)
{
    target->pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
    if (target->pidfd < 0 && errno != ENOSYS)
        return error_new(ERROR_CANNOT_LOOK, "no process with pid %d", (int)pid);
    char name[64];
    snprintf(name, sizeof name, "/proc/%d/pagemap", (int)pid);
    target->pagemap = open(name, O_RDONLY | O_CLOEXEC);
    struct error *error = mappings_read(pid, &target->mappings);
    return error ? error : probe(target);
}

struct error *target_open_live(pid_t pid, struct target **out)
{
    struct target *target = calloc(1, sizeof *target);
    if (!target)
        return error_no_memory();
    *target = (struct target){
        .operations = &live_operations,
        .pid = pid,
        .memory_pid = pid,
        .pidfd = -1,
        .pagemap = -1,
    };
    snprintf(target->pid_text, sizeof target->pid_text, "%d", (int)pid);
    target->files = process_files_live(pid);
    struct error *error = target->files ? open_live(pid, target) : error_no_memory();
    if (error) {
        target_close(target);
        return error;
    }
    *out = target;
    return NULL;
}
