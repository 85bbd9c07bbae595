/* snapshot_parts.h: the parts of a snapshot, in the order they are read; private to snapshot*.c. */
#ifndef STETH_WAITS_SNAPSHOT_PARTS_H
#define STETH_WAITS_SNAPSHOT_PARTS_H

#include "waits/snapshot.h"

struct error *snapshot_see_threads(struct snapshot *snapshot,
                                   const interpreter_vector *interpreters);
struct error *snapshot_see_loops(struct snapshot *snapshot, const interpreter_vector *interpreters,
                                 bool threads_only);

/* Whether a frame's file ends in `end`; and whether it runs `function` there, in any class. */
bool named_in_file(const struct named_frame *named, const char *end);
bool named_runs(const struct named_frame *named, const char *file, const char *function);

/* Whether a function is a comprehension, which has a frame of its own up to 3.11, inside of that of
 * the function that it stands in. */
bool is_comprehension(const char *function);

/* Whether a function of this name only enters a with block, or may do so for one that does. */
enum entering { ENTERING_NOTHING, ENTERING_MAYBE, ENTERING_BLOCK };
enum entering entering_by(const char *function);

#endif
