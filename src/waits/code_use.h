/*
 * code_use.h: whether the code that a thread or task runs calls a method of an object: the names in
 * the code of its frames, and what its variables refer to. Likely, not certain.
 */
#ifndef STETH_WAITS_CODE_USE_H
#define STETH_WAITS_CODE_USE_H

#include "waits/snapshot.h"

enum code_use { CODE_USES_NOT, CODE_MAY_USE, CODE_USES };

/*
 * Whether code of the program's own that `thread` runs, or a method of the same object that it
 * calls, names `method` and has `object` at hand: in a variable or an attribute. It may use it when
 * it has a container of such. `later`: only what is named behind the place where a frame stands
 * counts, so that what a loop comes back to is missed.
 */
enum code_use thread_code_use(const struct snapshot *snapshot, const struct seen_thread *thread,
                              uint64_t object, const char *method, bool later);

/* The same for the suspended coroutines of a task, later. */
enum code_use task_code_use(const struct snapshot *snapshot, const struct seen_task *task,
                            uint64_t object, const char *method);

/* The same for what the callable `function` of a queue's item does once it is called: a function of
 * Python, or the bound method itself, or one that is handed to it. `arguments`: the tuple that it
 * gets, 0: none. */
enum code_use callable_code_use(const struct cpython *cpython, uint64_t function,
                                uint64_t arguments, uint64_t object, const char *method);

#endif
