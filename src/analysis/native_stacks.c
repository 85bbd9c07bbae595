/* C stacks of blocked threads, without stopping them. */
#include <string.h>

#include "analysis/native_calls.h"
#include "runtime/evaluators.h"

static struct error *need_unwinder(struct diagnosis *diagnosis)
{
    return diagnosis->unwinder
               ? NULL
               : native_unwinder_new(diagnosis->look->cpython->target, &diagnosis->unwinder);
}

/* ---- all of them, between the looks -----------------------------------------------------------
 */

static struct error *take(struct diagnosis *diagnosis, const struct thread_state *state)
{
    struct blocked_stack taken = {.state = *state};
    struct error *error = native_stack_read(diagnosis->unwinder, state->program_counter,
                                            state->stack_pointer, &taken.stack);
    if (!error && !vector_push(&diagnosis->stacks, taken)) {
        native_stack_free(&taken.stack);
        error = error_no_memory();
    }
    return error;
}

static struct error *name_all(struct diagnosis *diagnosis)
{
    size_t count = diagnosis->stacks.count;
    struct native_stack *stacks = calloc(count + 1, sizeof *stacks);
    if (!stacks)
        return error_no_memory();
    for (size_t i = 0; i < count; i++)
        stacks[i] = diagnosis->stacks.items[i].stack;
    struct error *error = native_stacks_name(diagnosis->unwinder, stacks, count);
    free(stacks); /* the frames are those of the diagnosis */
    return error;
}

static struct blocked_stack *find(struct diagnosis *diagnosis, const struct thread_state *state)
{
    for (size_t i = 0; i < diagnosis->stacks.count; i++)
        if (thread_state_unmoved(&diagnosis->stacks.items[i].state, state))
            return &diagnosis->stacks.items[i];
    return NULL;
}

static void mark_all(struct diagnosis *diagnosis, const struct snapshot *snapshot)
{
    struct cpython remembered; /* the links lie together */
    cpython_remember(diagnosis->look->cpython, &remembered);
    for (size_t i = 0; i < snapshot->seen.count; i++) {
        const struct seen_thread *thread = &snapshot->seen.items[i];
        struct blocked_stack *taken = thread->state_known ? find(diagnosis, &thread->state) : NULL;
        if (taken)
            evaluators_mark(&remembered, thread->view->address, taken->state.stack_pointer,
                            &taken->stack);
    }
    cpython_forget(diagnosis->look->cpython, &remembered);
}

struct error *native_stacks_take(void *context, const struct snapshot *first)
{
    struct diagnosis *diagnosis = context;
    if (!target_is_live(diagnosis->look->cpython->target))
        return NULL;
    struct error *error = need_unwinder(diagnosis);
    for (size_t i = 0; i < first->states.count && !error; i++)
        if (first->states.items[i].in_system_call)
            error = take(diagnosis, &first->states.items[i]);
    if (!error)
        error = name_all(diagnosis);
    if (!error)
        mark_all(diagnosis, first);
    return error;
}

/* ---- one of them ----------------------------------------------------------------------------- */

/* A thread that has run meanwhile has left another stack than the one that its registers say. */
static void drop_if_moved(const struct diagnosis *diagnosis, const struct thread_state *state,
                          struct native_stack *stack)
{
    struct thread_state now;
    thread_system_call_read(diagnosis->files, state->tid, &now);
    if (now.in_system_call && now.stack_pointer == state->stack_pointer &&
        now.program_counter == state->program_counter)
        return;
    native_stack_free(stack);
    stack->incomplete = "it ran while its C stack was read: --native stops it a moment";
}

static bool read_now(struct diagnosis *diagnosis, const struct seen_thread *thread,
                     struct native_stack *stack)
{
    const struct thread_state *state = &thread->state;
    uint64_t stack_pointer = state->stack_pointer;
    bool recorded = false, live = target_is_live(diagnosis->look->cpython->target);
    struct error *error = need_unwinder(diagnosis);
    if (!error && !live)
        error = native_stack_recorded(diagnosis->unwinder, state->tid, stack, &stack_pointer,
                                      &recorded);
    if (!error && !recorded && state->in_system_call)
        error =
            native_stack_read(diagnosis->unwinder, state->program_counter, stack_pointer, stack);
    bool ok = !error && (recorded || state->in_system_call);
    if (ok)
        error = native_stacks_name(diagnosis->unwinder, stack, 1);
    if (ok && !error)
        evaluators_mark(diagnosis->snapshot->cpython, thread->view->address, stack_pointer, stack);
    ok = ok && !error;
    error_free(error);
    return ok;
}

bool native_stack_of(struct diagnosis *diagnosis, const struct seen_thread *thread,
                     struct native_stack *stack)
{
    const struct standstill *standstill = diagnosis->standstill;
    bool live = target_is_live(diagnosis->look->cpython->target);
    *stack = (struct native_stack){0};
    if (!thread->state_known || (live && !thread->state.in_system_call))
        return false;
    struct blocked_stack *taken = find(diagnosis, &thread->state);
    if (taken) {
        *stack = taken->stack;
        taken->stack = (struct native_stack){0};
    } else if (!read_now(diagnosis, thread, stack)) {
        return false;
    }
    /* Where nothing ran between the looks, neither did this thread. */
    if (live && (!taken || standstill->after != standstill->before))
        drop_if_moved(diagnosis, &thread->state, stack);
    return true;
}
