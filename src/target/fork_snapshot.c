#include "target/fork_snapshot.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "target/fork_keeper.h"
#include "target/internal.h"

/* The copy is a process like the target, but its permissions may differ: Yama knows the target. */
static struct error *probe(struct target *target)
{
    for (size_t i = 0; i < target->mappings.count; i++) {
        char byte;
        if (target->mappings.items[i].readable &&
            target_read(target, target->mappings.items[i].start, &byte, 1))
            return NULL;
    }
    return error_hint(error_new(ERROR_PERMISSION, "the copy of process %d cannot be read: %s",
                                (int)target->pid, strerror(errno)),
                      "run steth as root, or use --pause");
}

static struct error *open_copy(struct target *target)
{
    target->pidfd = (int)syscall(SYS_pidfd_open, target->memory_pid, 0);
    char name[64];
    snprintf(name, sizeof name, "/proc/%d/pagemap", (int)target->memory_pid);
    target->pagemap = open(name, O_RDONLY | O_CLOEXEC);
    struct error *error = mappings_read(target->memory_pid, &target->mappings);
    return error ? error : probe(target);
}

static struct error *open_snapshot(struct target *target, double *paused_ms)
{
    target->files = process_files_live(target->pid);
    struct keeper *keeper = calloc(1, sizeof *keeper);
    struct error *error =
        keeper && target->files ? keeper_start(target->pid, keeper, paused_ms) : error_no_memory();
    if (error) {
        free(keeper);
        return error;
    }
    target->keeper = keeper;
    target->memory_pid = keeper->copy;
    return open_copy(target);
}

struct error *target_open_snapshot(struct target *live, struct target **snapshot, double *paused_ms)
{
    *paused_ms = 0;
    if (!target_is_live(live))
        return error_hint(error_new(ERROR_USAGE, "--consistent is for a running process only"),
                          "what does not run is of one instant anyway: leave it out");
    struct target *target = calloc(1, sizeof *target);
    if (!target)
        return error_no_memory();
    *target = (struct target){
        .operations = &live_operations,
        .pid = live->pid,
        .pidfd = -1,
        .pagemap = -1,
    };
    snprintf(target->pid_text, sizeof target->pid_text, "%d", (int)live->pid);
    struct error *error = open_snapshot(target, paused_ms);
    if (error) {
        target_close(target);
        return error;
    }
    *snapshot = target;
    return NULL;
}

void snapshot_close(struct target *target)
{
    keeper_end(target->keeper);
    free(target->keeper);
}
