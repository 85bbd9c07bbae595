/*
 * code_use.h: whether the code that a thread runs calls a method of an object: the names in the
 * code of its frames, and what its variables refer to. Likely, not certain.
 */
#ifndef STETH_WAITS_CODE_USE_H
#define STETH_WAITS_CODE_USE_H

#include "waits/snapshot.h"

/*
 * Whether code of the program's own that `thread` runs, or a method of the same object that it
 * calls, names `method` and has `object` at hand: in a variable or an attribute. It may use it when
 * it has a container of such.
 */
enum code_use { CODE_USES_NOT, CODE_MAY_USE, CODE_USES };
enum code_use thread_code_use(const struct snapshot *snapshot, const struct seen_thread *thread,
                              uint64_t object, const char *method);

#endif
