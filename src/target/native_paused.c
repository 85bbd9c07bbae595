/* Stacks of threads that run: registers and stack memory are copied while all of them stand still,
 * and unwound when they run again. */
#include "target/native_internal.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "target/pause.h"

#define COPIES_MAX (UINT64_C(64) << 20) /* together */

struct snapshot {
    struct native_registers registers;
    struct native_memory memory;
    bool taken;
};

static bool take(struct target *target, pid_t tid, struct snapshot *snapshot)
{
    snapshot->taken = native_registers_stopped(tid, &snapshot->registers);
    return !snapshot->taken ||
           native_memory_copy(target, snapshot->registers.values[native_machine.stack_pointer],
                              &snapshot->memory);
}

static struct error *take_all(struct target *target, const pid_t *tids, size_t count,
                              struct snapshot *snapshots, double *paused_ms)
{
    struct pause *pause;
    struct error *error = pause_begin(target, &pause);
    if (error)
        return error;
    bool taken = true;
    uint64_t bytes = 0;
    for (size_t i = 0; taken && i < count && bytes < COPIES_MAX; i++) {
        taken = take(target, tids[i], &snapshots[i]);
        bytes += snapshots[i].memory.size;
    }
    *paused_ms = pause_end(pause);
    return taken ? NULL : error_no_memory();
}

static struct error *unwind_all(const struct native_unwinder *unwinder,
                                const struct snapshot *snapshots, size_t count,
                                struct native_stack *stacks)
{
    struct error *error = NULL;
    for (size_t i = 0; !error && i < count; i++) {
        if (snapshots[i].taken)
            error = native_walk(unwinder, &snapshots[i].memory, snapshots[i].registers, &stacks[i]);
        else
            stacks[i].incomplete = "the thread could not be stopped";
    }
    for (size_t i = 0; error && i < count; i++)
        native_stack_free(&stacks[i]);
    return error;
}

struct error *native_stacks_paused(struct native_unwinder *unwinder, const pid_t *tids,
                                   size_t count, struct native_stack *stacks, double *paused_ms)
{
    _cleanup_free_ struct snapshot *snapshots = calloc(count + 1, sizeof *snapshots);
    *paused_ms = 0;
    for (size_t i = 0; i < count; i++)
        stacks[i] = (struct native_stack){0};
    if (!snapshots)
        return error_no_memory();
    struct error *error = take_all(unwinder->target, tids, count, snapshots, paused_ms);
    if (!error)
        error = unwind_all(unwinder, snapshots, count, stacks);
    for (size_t i = 0; i < count; i++)
        free(snapshots[i].memory.bytes);
    return error;
}
