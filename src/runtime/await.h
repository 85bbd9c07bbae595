/*
 * await.h: coroutines, generators and async generators as objects: what state one is in, and the
 * chain of awaits from it to what it waits for.
 */
#ifndef STETH_RUNTIME_AWAIT_H
#define STETH_RUNTIME_AWAIT_H

#include "runtime/frame_detail.h"

enum coroutine_state {
    COROUTINE_UNKNOWN, /* not a coroutine, or unreadable */
    COROUTINE_CREATED,
    COROUTINE_SUSPENDED,
    COROUTINE_RUNNING,
    COROUTINE_FINISHED,
};

struct coroutine_view {
    uint64_t address; /* coroutine, generator or async generator */
    enum coroutine_state state;
    struct frame_view frame; /* address 0 when it has none (any more) */
    uint64_t awaits;         /* cr_await, gi_yieldfrom: what it is suspended on; 0: none */
};

/* False when `object` is none of the three. */
bool coroutine_read(const struct cpython *cpython, uint64_t object, struct coroutine_view *view);

#define AWAIT_CHAIN_MAX 1000

/* The awaits from one coroutine down. */
struct await_chain {
    VECTOR(struct coroutine_view) links; /* outermost first; bounded, cycle-safe */
    uint64_t leaf; /* what the last one awaits that is no coroutine: a future (the iterator of a
                      future is looked through), another awaitable; 0: nothing */
};

/*
 * Follows awaits through coroutine wrappers, async generators' asend/athrow/anext objects and
 * iterators of futures. False when there is no memory; the caller frees with await_chain_free.
 */
bool await_chain_read(const struct cpython *cpython, uint64_t coroutine, struct await_chain *chain);
void await_chain_free(struct await_chain *chain);

#endif
