/*
 * frame_detail.h: what one Python frame is doing: its line, its variables, the context managers
 * whose `with` blocks it is inside of. For frames of threads (runtime.h) and of suspended
 * coroutines and generators (await.h). Every call reads afresh and fails softly: a running frame
 * changes while it is read.
 */
#ifndef STETH_RUNTIME_FRAME_DETAIL_H
#define STETH_RUNTIME_FRAME_DETAIL_H

#include "runtime/runtime.h"

/*
 * File, qualified name and the line that runs now. False when nothing is known; the caller
 * releases with source_place_free.
 */
bool frame_place(const struct cpython *cpython, const struct frame_view *frame,
                 struct source_place *place);

/* Announces that the places of `count` frames will be asked for (target_expect). */
void frames_expect(const struct cpython *cpython, const struct frame_view *frames, size_t count);

/* The byte offset of the instruction that runs now in the code, -1 when unknown or not started. */
int64_t frame_instruction(const struct cpython *cpython, const struct frame_view *frame);

/* Whether the frame runs `function` (its qualified name) of a file whose path ends in `file`. */
bool frame_runs(const struct cpython *cpython, const struct frame_view *frame, const char *file,
                const char *function);

/* The object in the local, cell or free variable `name` (cells are followed); 0 when unset. */
uint64_t frame_local(const struct cpython *cpython, const struct frame_view *frame,
                     const char *name);

/*
 * For those who ask for the same variables again and again: where frames of `code` keep the local
 * `name` (false when they have none, or in a cell), and the objects in `count` such places at one
 * moment, 0 for an unset one. False when the frame does not run its code any more.
 */
bool code_local_find(const struct cpython *cpython, uint64_t code, const char *name,
                     uint32_t *place);
bool frame_locals_read(const struct cpython *cpython, const struct frame_view *frame,
                       const uint32_t *places, uint64_t *objects, size_t count);

/* The dict of the module that the frame's code belongs to; 0 when it cannot be read. */
uint64_t frame_globals(const struct cpython *cpython, const struct frame_view *frame);

/* Every set variable; `name` is borrowed for the visit. False when it could not be read. */
typedef bool (*visit_local)(void *context, const char *name, uint64_t object);
bool frame_locals_visit(const struct cpython *cpython, const struct frame_view *frame,
                        visit_local visit, void *context);

/*
 * The objects (a lock, a connection …) whose `with` or `async with` blocks the frame is inside of
 * at this instruction, outermost first: their bound __exit__ or __aexit__ lies on the value stack
 * at the depth that the code's exception table (3.11+) or the frame's block stack (up to 3.10)
 * gives for the instruction. A block counts from the moment its __enter__ has returned and until
 * its __exit__ has been called. `async` tells which of the two statements it is. A manager whose
 * __exit__ is not bound to it (a static method, a partial) is left out. False when it cannot be
 * known (then nothing is visited). What a frame that runs meanwhile is inside of may be old news.
 */
typedef bool (*visit_manager)(void *context, uint64_t manager, bool async);
bool frame_managers_visit(const struct cpython *cpython, const struct frame_view *frame,
                          visit_manager visit, void *context);

/*
 * The locks on which the frame calls `method` ("release") in the end: it is inside of `try` blocks
 * whose `finally` begins with `lock.method()`, where the lock is a variable, a global or an
 * attribute of one. Whether it has taken them is not said.
 */
typedef bool (*visit_lock_of_finally)(void *context, uint64_t lock);
void frame_finally_visit(const struct cpython *cpython, const struct frame_view *frame,
                         const char *method, visit_lock_of_finally visit, void *context);

/* Whether the frame keeps `object` on its value stack for the end of such a block: the bound
 * __exit__ of the manager, or from 3.14 on the manager itself. */
bool frame_keeps_for_exit(const struct cpython *cpython, const struct frame_view *frame,
                          uint64_t object);

#endif
