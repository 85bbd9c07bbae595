/*
 * thread_wait.h: what a thread is waiting for, told by its Python frames and their locals, the
 * kernel's view of it and, for locks, its C stack. Where these do not agree the wait is unknown.
 */
#ifndef STETH_WAITS_THREAD_WAIT_H
#define STETH_WAITS_THREAD_WAIT_H

#include "runtime/frame_detail.h"
#include "runtime/locks.h"

enum thread_wait_kind {
    THREAD_RUNS, /* computes, or is about to */
    THREAD_AWAITS_GIL,
    THREAD_AWAITS_LOCK,
    THREAD_AWAITS_CONDITION,
    THREAD_AWAITS_EVENT,
    THREAD_AWAITS_QUEUE, /* an item of it, or room in it */
    THREAD_AWAITS_SEMAPHORE,
    THREAD_AWAITS_BARRIER,
    THREAD_AWAITS_FUTURE, /* concurrent.futures.Future.result() */
    THREAD_AWAITS_THREAD, /* join() */
    THREAD_AWAITS_IMPORT, /* another thread's import of a module */
    THREAD_IN_SELECTOR,   /* epoll, poll, select as an event loop's own wait */
    THREAD_SLEEPS,
    THREAD_IN_IO,
    THREAD_AWAITS_PROCESS,
    THREAD_BLOCKED, /* off the processor for another reason */
};

struct thread_wait {
    enum thread_wait_kind kind;
    uint64_t object; /* lock, condition, queue, future, thread …; 0 when unknown */
    bool timed;      /* it ends by itself after a time-out */
};

/* One frame of a thread with the names needed to tell what it does. */
struct named_frame {
    struct source_place place;
    bool library;  /* of the standard library or installed: not the program's own */
    bool standard; /* of the standard library */
};

/* Where the standard library of an interpreter lies, with a final slash; NULL when unknown. The
 * caller frees. */
char *standard_library(const struct cpython *cpython, const struct interpreter *interpreter);

/* Whether a source file is of the standard library (of `standard`, as above, may be NULL) or
 * installed: not the program's own. */
bool is_library_file(const char *file, const char *standard);

/* `standard`: as above, may be NULL. The caller releases with named_frame_release. */
bool named_frame_read(const struct cpython *cpython, const struct frame_view *frame,
                      const char *standard, struct named_frame *named);
void named_frame_release(struct named_frame *named);

/*
 * The wait of a thread with `count` frames, innermost first, in the state that the kernel gave
 * (zeroed when it could not be read).
 */
struct thread_wait thread_wait_tell(const struct cpython *cpython, const struct frame_view *frames,
                                    const struct named_frame *named, size_t count,
                                    const struct thread_state *state, const struct gil_view *gil);

/* "lock", "condition", "future" … as in the contract; NULL for one that runs. Static. */
const char *thread_wait_word(enum thread_wait_kind kind);

#endif
