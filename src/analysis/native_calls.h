/* native_calls.h: the C side of a thread's stack. Private to the files about threads and loops. */
#ifndef STETH_ANALYSIS_NATIVE_CALLS_H
#define STETH_ANALYSIS_NATIVE_CALLS_H

#include "analysis/diagnosis.h"

/* Reads the C stacks of all threads that the first look shows blocked, as what struct meanwhile
 * does. `diagnosis` keeps them. */
struct error *native_stacks_take(void *diagnosis, const struct snapshot *first);

/*
 * The C stack of a thread that is blocked, without stopping it, with the frames that evaluate
 * Python marked. False when there is none; `stack` is released with native_stack_free in any case.
 */
bool native_stack_of(struct diagnosis *diagnosis, const struct seen_thread *thread,
                     struct native_stack *stack);

/*
 * Appends Python and C frames, innermost first, each C frame where Python called it. `stack` may
 * be empty.
 */
bool stack_merge(const struct seen_thread *thread, const struct native_stack *stack,
                 struct thread_row *row);

#endif
