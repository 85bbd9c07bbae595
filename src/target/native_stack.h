/*
 * native_stack.h: the C stack of a thread, by the unwind information (.eh_frame, DWARF) of the
 * mapped files and a copy of the stack's memory. A blocked thread is not stopped: where it waits
 * and its stack pointer come from the kernel. What cannot be unwound that way (a running thread,
 * a callee-saved register that no frame saved) ends the stack with a note.
 */
#ifndef STETH_TARGET_NATIVE_STACK_H
#define STETH_TARGET_NATIVE_STACK_H

#include "base/vector.h"
#include "target/target.h"

struct native_frame {
    uint64_t program_counter;
    uint64_t end;        /* its stack memory lies below, down to the `end` of the frame before;
                            0: unknown */
    uint64_t offset;     /* from the function's start; without one from the file's load address */
    char *function;      /* NULL when no symbol is known, and before native_stacks_name */
    const char *library; /* path of the mapped file, owned by the unwinder */
    bool called;         /* it will go on at program_counter; otherwise it stands there */
    bool evaluates;      /* _PyEval_EvalFrameDefault by its name: Python frames belong here */
};

struct native_stack {
    VECTOR(struct native_frame) frames; /* innermost first */
    const char *incomplete;             /* why it ends early; NULL: whole; static */
};
void native_stack_free(struct native_stack *stack);

struct native_unwinder;

/* Prepares for `target`; files are opened when first needed. The caller frees. */
struct error *native_unwinder_new(struct target *target, struct native_unwinder **unwinder);
void native_unwinder_free(struct native_unwinder *unwinder);

/*
 * The stacks that the functions below give have no names yet. For many threads, this is called once
 * for all of their stacks: a file's symbols are gone through from begin to end.
 */
struct error *native_stacks_name(struct native_unwinder *unwinder, struct native_stack *stacks,
                                 size_t count);

/* The stack of a thread blocked at `program_counter` with `stack_pointer`. */
struct error *native_stack_read(struct native_unwinder *unwinder, uint64_t program_counter,
                                uint64_t stack_pointer, struct native_stack *stack);

/*
 * The stack of a thread whose registers were recorded with the target (a core): running or not.
 * *recorded: whether they were; then *stack_pointer is where the stack begins.
 */
struct error *native_stack_recorded(struct native_unwinder *unwinder, pid_t tid,
                                    struct native_stack *stack, uint64_t *stack_pointer,
                                    bool *recorded);

/*
 * The stacks of `count` threads, also running ones, with the registers of one instant: stops all
 * of the target for as long as it takes to copy registers and stack memory (target/pause.h), which
 * is measured; unwinding is done after it runs again.
 */
struct error *native_stacks_paused(struct native_unwinder *unwinder, const pid_t *tids,
                                   size_t count, struct native_stack *stacks, double *paused_ms);

#endif
