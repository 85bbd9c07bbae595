/*
 * For tests/live/test_thread_claims.py: what the kernel, the GIL, locks and C stacks say of every
 * thread of a live process, as JSON.
 *
 *     dump_threads PID [paused]
 *
 * "paused": the C stacks of one instant, with the process stopped.
 */
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "runtime/evaluators.h"
#include "runtime/locks.h"

struct look {
    struct target *target;
    struct cpython *cpython;
    struct native_unwinder *unwinder;
    interpreter_vector interpreters;
    thread_vector threads;
    frame_vector frames;
};

static json_t *describe_lock(const struct cpython *cpython, uint64_t address)
{
    struct lock_view lock;
    if (!address)
        return json_null();
    json_t *object =
        json_pack("{sIsi}", "address", (json_int_t)address, "role", (int)role_of(cpython, address));
    if (lock_read(cpython, address, &lock))
        json_object_update_new(object, json_pack("{sbsIsI}", "locked", lock.locked, "owner",
                                                 (json_int_t)lock.owner_ident, "depth",
                                                 (json_int_t)lock.depth));
    return object;
}

static json_t *describe_stack(const struct native_stack *stack)
{
    json_t *frames = json_array();
    for (size_t i = 0; i < stack->frames.count; i++) {
        const struct native_frame *frame = &stack->frames.items[i];
        json_array_append_new(frames,
                              json_pack("{sIss?ss?sb}", "at", (json_int_t)frame->program_counter,
                                        "function", frame->function, "library", frame->library,
                                        "evaluates", frame->evaluates));
    }
    return json_pack("{soss?}", "frames", frames, "incomplete", stack->incomplete);
}

static json_t *describe_thread(struct look *look, size_t index, struct native_stack *paused)
{
    const struct cpython *cpython = look->cpython;
    const struct thread_view *thread = &look->threads.items[index];
    struct thread_state state;
    struct gil_view gil;
    struct native_stack stack = {0};
    if (!thread_state_read(target_files(look->target), thread->native_id, &state))
        return json_null();
    uint64_t lock = lock_waited_for(cpython, &state);
    if (paused)
        stack = *paused;
    else if (state.in_system_call)
        error_free(
            native_stack_read(look->unwinder, state.program_counter, state.stack_pointer, &stack));
    error_free(native_stacks_name(look->unwinder, &stack, 1));
    evaluators_mark(cpython, thread->address, state.stack_pointer, &stack);
    gil_read(cpython, thread->interpreter, &gil);
    const char *call = state.in_system_call ? system_call_name(state.system_call) : NULL;
    json_t *object = json_pack(
        "{sisIss?ss#ss?ss?sososb}", "tid", thread->native_id, "ident", (json_int_t)thread->ident,
        "name", thread->name, "state", &state.state, 1, "comm", state.comm, "call", call, "lock",
        describe_lock(cpython, lock), "stack", describe_stack(&stack), "gil_known", gil.known);
    json_object_set_new(object, "gil_holds", json_boolean(gil.holder == thread->address));
    json_object_set_new(object, "gil_waits", json_boolean(gil_waits(&gil, &state)));
    json_object_set_new(object, "cpu_ms", json_real(state.cpu_ms));
    if (!paused)
        native_stack_free(&stack);
    return object;
}

static struct error *describe(struct look *look, bool paused)
{
    size_t count = look->threads.count;
    _cleanup_free_ pid_t *tids = calloc(count + 1, sizeof *tids);
    _cleanup_free_ struct native_stack *stacks = calloc(count + 1, sizeof *stacks);
    double paused_ms = 0;
    for (size_t i = 0; i < count; i++)
        tids[i] = look->threads.items[i].native_id;
    if (paused) {
        struct error *error = native_stacks_paused(look->unwinder, tids, count, stacks, &paused_ms);
        if (error)
            return error;
    }
    json_t *threads = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(threads, describe_thread(look, i, paused ? &stacks[i] : NULL));
    json_t *all = json_pack("{sosf}", "threads", threads, "paused_ms", paused_ms);
    json_dumpf(all, stdout, 0);
    json_decref(all);
    for (size_t i = 0; i < count; i++)
        native_stack_free(&stacks[i]);
    return NULL;
}

static struct error *run(struct look *look, pid_t pid, bool paused)
{
    struct error *error = target_open_live(pid, &look->target);
    if (!error)
        error = cpython_attach(look->target, &look->cpython);
    if (!error)
        error = interpreters_list(look->cpython, &look->interpreters);
    if (!error)
        error = threads_list(look->cpython, &look->interpreters, &look->threads, &look->frames);
    if (!error)
        error = native_unwinder_new(look->target, &look->unwinder);
    return error ? error : describe(look, paused);
}

int main(int count, char **words)
{
    struct look look = {0};
    if (count < 2)
        return 2;
    bool paused = count > 2 && strcmp(words[2], "paused") == 0;
    struct error *error = run(&look, (pid_t)strtol(words[1], NULL, 10), paused);
    if (error)
        fprintf(stderr, "%s\n", error->message);
    native_unwinder_free(look.unwinder);
    threads_free(&look.threads, &look.frames);
    vector_free(&look.interpreters);
    if (look.cpython)
        cpython_detach(look.cpython);
    if (look.target)
        target_close(look.target);
    int status = error ? 1 : 0;
    error_free(error);
    return status;
}
