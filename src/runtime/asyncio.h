/*
 * asyncio.h: event loops, futures, tasks, handles and executors as the asyncio and
 * concurrent.futures packages lay them out (Lib/asyncio, Lib/concurrent/futures,
 * Modules/_asynciomodule.c), in C or in Python, in every version alike. Read afresh, fail softly.
 */
#ifndef STETH_RUNTIME_ASYNCIO_H
#define STETH_RUNTIME_ASYNCIO_H

#include "runtime/await.h"
#include "runtime/roles.h"

enum future_state { FUTURE_PENDING, FUTURE_CANCELLED, FUTURE_FINISHED, FUTURE_RUNNING };

/* asyncio futures and tasks, and concurrent.futures.Future. */
struct future_view {
    uint64_t address;
    enum role role; /* TASK, FUTURE, GATHER, CONCURRENT_FUTURE */
    enum future_state state;
    uint64_t loop; /* 0 for a concurrent future */
    /* tasks only */
    uint64_t coroutine, waits_for, name, context; /* _fut_waiter; the rest may be 0 */
};
bool future_read(const struct cpython *cpython, uint64_t object, struct future_view *view);

/* Since 3.12 a default name is only a number until somebody asks for it. Owned; NULL: unknown. */
char *task_name(const struct cpython *cpython, const struct future_view *task);

/* What will be called when it is done. `context` of contextvars may be 0. */
typedef bool (*visit_callback)(void *user, uint64_t callback, uint64_t context);
bool future_callbacks_visit(const struct cpython *cpython, const struct future_view *future,
                            visit_callback visit, void *user);

/*
 * The task that `callback` wakes or steps (TaskWakeupMethWrapper, TaskStepMethWrapper, the bound
 * task_wakeup of 3.10+, the bound method Task.__wakeup or __step of the Python task); 0 otherwise.
 */
uint64_t callback_task(const struct cpython *cpython, uint64_t callback);

struct handle_view {
    uint64_t address;
    uint64_t callback, arguments; /* a tuple; 0 when cancelled */
    uint64_t context;
    double when; /* of timers, on the loop's clock (CLOCK_MONOTONIC); NAN */
    bool cancelled;
};
bool handle_read(const struct cpython *cpython, uint64_t object, struct handle_view *view);

struct loop_view {
    uint64_t address;
    enum role role;
    int64_t ready, scheduled;            /* lengths; -1 when they cannot be read */
    uint64_t ready_deque;                /* 0 when not found */
    uint64_t scheduled_list;             /* 0 for uvloop */
    uint64_t timer_set;                  /* of uvloop, when it has timers; else 0 */
    uint64_t thread_ident;               /* _thread_id: the thread inside run_forever; 0 */
    uint64_t selector, default_executor; /* 0 when none */
    bool stopping, closed, debug;
};
bool loop_read(const struct cpython *cpython, uint64_t object, struct loop_view *view);

/* CLOCK_MONOTONIC seconds of the earliest timer that is not cancelled; NAN: none, or uvloop. */
double loop_next_timer(const struct cpython *cpython, const struct loop_view *loop);

/* Handles in _ready, in order; in _scheduled (timers, not cancelled); of registered readers and
 * writers in the selector's map. */
typedef bool (*visit_handle)(void *user, const struct handle_view *handle);
bool loop_ready_visit(const struct cpython *cpython, const struct loop_view *loop,
                      visit_handle visit, void *user);
bool loop_scheduled_visit(const struct cpython *cpython, const struct loop_view *loop,
                          visit_handle visit, void *user);
typedef bool (*visit_io)(void *user, int descriptor, bool writer, const struct handle_view *handle);
bool loop_io_visit(const struct cpython *cpython, const struct loop_view *loop, visit_io visit,
                   void *user);

/* The loop that a thread runs (asyncio's own per-thread record), and its current task; or 0. */
uint64_t thread_running_loop(const struct cpython *cpython, const struct thread_view *thread);
uint64_t loop_current_task(const struct cpython *cpython, const struct interpreter *interpreter,
                           const struct thread_view *thread, uint64_t loop);

struct executor_view {
    uint64_t address;
    enum role role; /* THREAD_POOL, PROCESS_POOL or MP_POOL */
    int64_t max_workers;
    uint64_t work_queue; /* a SimpleQueue (queue.Queue in 3.8) */
    uint64_t threads;    /* the set, of MP_POOL the list, of its threading.Thread */
    bool shutdown;
};
bool executor_read(const struct cpython *cpython, uint64_t object, struct executor_view *view);

/* Items of a SimpleQueue (C or Python), queue.Queue or asyncio.Queue, oldest first; -1 length on a
 * fault. */
int64_t queue_length(const struct cpython *cpython, uint64_t queue);
bool queue_visit(const struct cpython *cpython, uint64_t queue, visit_item visit, void *context);

/* The function and the arguments (a tuple) of a functools.partial; false for other objects. */
bool partial_read(const struct cpython *cpython, uint64_t object, uint64_t *function,
                  uint64_t *arguments);

/* A work item of an executor: what it runs and which future it completes. */
struct work_item_view {
    uint64_t future, function;
    uint64_t arguments; /* a tuple; 0 when not known */
};
bool work_item_read(const struct cpython *cpython, uint64_t object, struct work_item_view *view);

#endif
