/*
 * fork_snapshot.h: the memory of a running process as it was at one instant, to be read at leisure:
 * a copy-on-write child, made in the target by one injected clone(2), never run, killed and reaped
 * when it is closed (--consistent). The pause is that of the clone: it grows with the page tables
 * of the target, not with what is done with the copy.
 *
 * Why it is of one instant, although only the one thread that makes the call is stopped: clone(2)
 * makes the pages read-only for both while it holds the lock of the address space, and flushes the
 * address translations of the other processors before it gives that back. A thread that writes to
 * a page that is already protected waits for the lock. So whatever is written before the flush is
 * in both, and nothing that is written after it is in the copy. Memory that is shared with other
 * processes stays shared, and memory with MADV_DONTFORK or MADV_WIPEONFORK is not in the copy.
 *
 * What the target may notice: one thread is interrupted twice in what it sleeps in, for some
 * microseconds at the end, and goes on sleeping for the rest of its time (a wait of epoll that has
 * a time limit ends with EINTR, as after SIGSTOP and SIGCONT; a thread that does otherwise is
 * preferred). Each page that it writes to while the copy lives is copied once: memory grows by as
 * much as it writes to, at most by its size. The child has no exit signal: no SIGCHLD, and
 * invisible to wait(2) without __WALL or __WCLONE. It shares the table of descriptors instead of
 * copying it: what the target closes is closed. See inject.h and fork_keeper.h for what happens
 * when steth is killed at any moment.
 */
#ifndef STETH_TARGET_FORK_SNAPSHOT_H
#define STETH_TARGET_FORK_SNAPSHOT_H

#include "target/target.h"

/*
 * Makes the copy of `live`, which may be closed before it. target_pid and target_files of the
 * snapshot are those of the process itself, which runs on; it is not live. `paused_ms` is how long
 * a thread stood still. Released with target_close.
 */
struct error *target_open_snapshot(struct target *live, struct target **snapshot,
                                   double *paused_ms);

#endif
