/*
 * copy.h: a target whose writable private memory was copied into our own: what is read of it is of
 * one moment (as far as the copying lasts one) and costs no system call. The rest, which programs
 * do not change, is read from the target that was copied. Needs as much memory as that one has
 * resident. Thread-safe as any target.
 */
#ifndef STETH_TARGET_COPY_H
#define STETH_TARGET_COPY_H

#include "target/stream.h"

/*
 * Copies `base`, which is borrowed and must outlive the copy. Several threads copy, at `pace`.
 * Released with target_close. `cost` is added to.
 */
struct error *target_open_copy(struct target *base, enum stream_pace pace, struct target **copy,
                               struct stream_cost *cost);

#endif
