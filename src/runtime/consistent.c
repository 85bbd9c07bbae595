#include "runtime/consistent.h"

#include "os/memory.h"
#include "os/memory_group.h"
#include "target/fork_snapshot.h"

#define ATTEMPTS_MAX  20
#define RETRY_SECONDS 0.005
#define SHARE_WRITTEN 10
#define MEBIBYTE      1048576.0

static bool any_collecting(const struct cpython *cpython, const interpreter_vector *interpreters,
                           struct target *snapshot)
{
    struct cpython then = *cpython;
    then.target = snapshot;
    for (size_t i = 0; i < interpreters->count; i++) {
        struct collector_epoch epoch;
        if (!collector_epoch_read(&then, interpreters->items[i].gc, &epoch) || epoch.collecting)
            return true;
    }
    return false;
}

/* What the process writes to while it is read is copied, and its control group pays. How much that
 * will be nobody knows: a tenth of what it has must fit. */
static struct error *check_memory(const struct cpython *cpython)
{
    struct process_residence resident;
    const struct process_files *files = target_files(cpython->target);
    uint64_t left = memory_group_left(files);
    if (left == UINT64_MAX || !process_residence_read(files, &resident) ||
        left >= resident.anonymous_bytes / SHARE_WRITTEN)
        return NULL;
    return error_hint(error_new(ERROR_CANNOT_LOOK,
                                "the control group of process %d has %.1f MiB of memory left: too "
                                "little for a copy of its %.1f MiB",
                                (int)target_pid(cpython->target), (double)left / MEBIBYTE,
                                (double)resident.anonymous_bytes / MEBIBYTE),
                      "raise its limit, or use --pause");
}

struct error *consistent_take(const struct cpython *cpython, const interpreter_vector *interpreters,
                              struct consistent_snapshot *out)
{
    *out = (struct consistent_snapshot){0};
    struct error *error = check_memory(cpython);
    if (error)
        return error;
    for (int attempt = 1;; attempt++) {
        double paused_ms = 0;
        error = target_open_snapshot(cpython->target, &out->target, &paused_ms);
        if (error)
            return error;
        out->paused_ms += paused_ms;
        out->collecting = any_collecting(cpython, interpreters, out->target);
        if (!out->collecting || attempt == ATTEMPTS_MAX)
            return NULL;
        target_close(out->target);
        process_files_wait(target_files(cpython->target), RETRY_SECONDS);
    }
}

struct error *consistent_check(const struct target *snapshot)
{
    if (target_alive(snapshot))
        return NULL;
    return error_hint(error_new(ERROR_CANNOT_LOOK,
                                "the copy of process %d ended before it was read",
                                (int)target_pid(snapshot)),
                      "the process ended, or memory ran out: see steth check %d, or use --pause",
                      (int)target_pid(snapshot));
}
