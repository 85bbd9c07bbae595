/*
 * memo.h: a target that remembers: it reads another target by whole pages and keeps them, so that
 * many small reads of the same neighbourhood cost one system call. What it gives may be as old as
 * itself, so it is made for a short while and for what does not move meanwhile. Not thread-safe:
 * each thread has its own.
 */
#ifndef STETH_TARGET_MEMO_H
#define STETH_TARGET_MEMO_H

#include "target/target.h"

/*
 * `base` is borrowed and must outlive it. NULL where it would gain nothing (an image), or without
 * memory: `base` will do. Released with target_close.
 */
struct target *target_open_memo(struct target *base);

/* The same for what is asked for by a few bytes here and there, like code: it keeps little around
 * what was asked for. */
struct target *target_open_sparse_memo(struct target *base);

/*
 * Forgets what `memo` has read, and reads again, at once, what of it was asked for lately: whoever
 * looks at the same things again and again sees them as they are at one moment, for one system
 * call. A target that is no memo stays as it is.
 */
void target_renew_memo(struct target *memo);

#endif
