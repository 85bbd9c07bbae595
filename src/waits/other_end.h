/*
 * other_end.h: what a thread that waits for an event, a condition, a barrier or a queue needs to be
 * done, and who would do it: told by the names in their code, which is likely only.
 */
#ifndef STETH_WAITS_OTHER_END_H
#define STETH_WAITS_OTHER_END_H

#include "waits/needs.h"

/* A call that waits. */
struct waiting_call {
    enum thread_wait_kind kind;
    enum role role;        /* of the object, NONE: any of that kind */
    const char *function;  /* of queue.Queue, where one waits in several; or NULL */
    const char *method[2]; /* that lets it go on */
    const char *why;
};

/* The call that `thread` waits in for `object`; NULL when it waits for something else. */
const struct waiting_call *waiting_call_of(const struct snapshot *snapshot,
                                           const struct seen_thread *thread, uint64_t object);

/* What those do who wait for `object`, at `vertex`: edges to the threads, tasks and pools with
 * work that would let them go on. */
void need_other_ends(struct building *building, uint32_t vertex, uint64_t object);

#endif
