#include "runtime/consistent.h"

#include "target/fork_snapshot.h"

#define ATTEMPTS_MAX  20
#define RETRY_SECONDS 0.005

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

struct error *consistent_take(const struct cpython *cpython, const interpreter_vector *interpreters,
                              struct consistent_snapshot *out)
{
    *out = (struct consistent_snapshot){0};
    for (int attempt = 1;; attempt++) {
        double paused_ms = 0;
        struct error *error = target_open_snapshot(cpython->target, &out->target, &paused_ms);
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
