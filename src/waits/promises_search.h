/*
 * promises_search.h: what is common to the files that look for promises; private to promises*.c.
 */
#ifndef STETH_WAITS_PROMISES_SEARCH_H
#define STETH_WAITS_PROMISES_SEARCH_H

#include "waits/callable.h"
#include "waits/promises.h"

struct promise_search {
    struct snapshot *snapshot;
    struct promises *promises;
    size_t handles;      /* looked at in the present loop and kind */
    struct promise next; /* what is made for each future that is met */
    bool timer;          /* tasks that are met will be cancelled in time */
    bool no_memory;
};

/* Notes search->next as a promise for `future`. */
void promise(struct promise_search *search, uint64_t future);

/* promises_work.c: by executors and workers; by a pool of processes; by a future of
 * concurrent.futures for those who wait for several; by locks, events and queues of asyncio; by a
 * limiter of anyio. */
void promises_of_executors(struct promise_search *search);
void promises_of_process_pool(struct promise_search *search, uint64_t executor);
void promises_of_waiters(struct promise_search *search, uint64_t future);
void promises_of_primitive(struct promise_search *search, uint64_t primitive);
void promises_of_limiter(struct promise_search *search, uint64_t limiter);

#endif
