/*
 * snapshot.h: threads, loops, tasks, futures and executors as they stand at one moment, read from
 * a running target; each is sound by itself, and two snapshots tell what stood still.
 */
#ifndef STETH_WAITS_SNAPSHOT_H
#define STETH_WAITS_SNAPSHOT_H

#include "os/thread_states.h"
#include "runtime/asyncio.h"
#include "waits/actors.h"
#include "waits/thread_wait.h"

#define NOBODY SIZE_MAX

struct seen_thread {
    const struct thread_view *view;
    const struct frame_view *frames; /* innermost first */
    struct named_frame *named;       /* parallel to frames */
    size_t frame_count;
    struct thread_state state;
    bool state_known;
    struct thread_wait wait;
    uint64_t running_loop; /* 0: none */
    size_t loop;           /* the same among the loops; NOBODY */
    size_t own;            /* frame of the program's own code nearest to where it is; NOBODY */
    bool in_loop_wait;     /* in the selector of its loop */
    bool work_item_run;    /* a worker of a pool that runs an item */
    uint64_t work_item;
    uint64_t work_future; /* of asyncio, that a worker of anyio completes; 0 */
    uint64_t pool_queue;  /* of the ThreadPool of multiprocessing that it works for; 0 */
    int64_t pool_job;     /* and the number of what it runs */
};

struct seen_loop {
    struct loop_view view;
    size_t thread; /* NOBODY when none runs it */
    uint64_t current_task;
    uint64_t until;    /* the future with whose end its run_until_complete() returns; 0: unknown */
    double turn_began; /* CLOCK_MONOTONIC of the turn under way; NAN: waits or cannot be told */
    int64_t turn_step; /* callbacks begun in this turn; -1 unknown */
    struct deque_counts counts; /* of the ready callbacks */
    bool counted;
    uint64_t behind; /* the future until which another loop runs inside of a callback of this one */
};

struct seen_task {
    struct future_view view;
    struct await_chain chain;
    size_t loop; /* NOBODY when not among the loops */
};

struct seen_executor {
    struct executor_view view;
    VECTOR(size_t) threads; /* of the snapshot */
    int64_t queued;
    uint64_t idle; /* workers that wait for work */
};

struct snapshot {
    const struct cpython *cpython;
    struct actors *actors; /* borrowed */
    thread_vector threads;
    frame_vector frames;
    thread_state_vector states; /* of all threads of the process, read before all else */
    struct named_frame *named;
    char *standard;                  /* standard_library(), NULL when unknown */
    VECTOR(struct seen_thread) seen; /* parallel to threads */
    VECTOR(struct seen_loop) loops;
    VECTOR(struct seen_task) tasks; /* pending ones */
    VECTOR(struct seen_executor) executors;
    struct address_map task_of;   /* task, or coroutine of its chain -> index into tasks */
    struct address_map thread_of; /* PyThreadState -> index into seen */
    struct address_map loop_of;
    uint64_t done_tasks;
    double when; /* CLOCK_MONOTONIC of the target's machine, seconds; NAN: not known */
};

/*
 * `actors` is borrowed until snapshot_free. The threads' chains move while they are read; all else
 * is read through `remembered`, the same CPython by a target that remembers (target/memo.h). The
 * snapshot refers to that until the caller sets another. `threads_only`: loops are left out where
 * the threads are told without them.
 */
struct error *snapshot_take(const struct cpython *cpython, const struct cpython *remembered,
                            const interpreter_vector *interpreters, struct actors *actors,
                            bool threads_only, struct snapshot **snapshot);
void snapshot_free(struct snapshot *snapshot);

/*
 * Whether no thread of the process has run since the snapshot was begun: then its memory was of
 * one moment, and another snapshot would show the same.
 */
bool snapshot_stands(const struct snapshot *snapshot);

size_t snapshot_thread_of_ident(const struct snapshot *snapshot, uint64_t ident);

/* The thread whose ident is in attribute `name` of `object` ("_ident" of a threading.Thread). */
size_t snapshot_thread_named_in(const struct snapshot *snapshot, uint64_t object, const char *name);
size_t snapshot_task(const struct snapshot *snapshot, uint64_t task_or_coroutine);
size_t snapshot_loop(const struct snapshot *snapshot, uint64_t loop);

/* Whether `object` is a generator, also an asynchronous one; not a coroutine. */
bool snapshot_is_generator(const struct snapshot *snapshot, uint64_t object);

/* Whether asyncio's loop watches descriptors besides its own self-pipe; whether it has handlers of
 * signals. */
bool snapshot_loop_has_io(const struct snapshot *snapshot, const struct seen_loop *loop);
bool snapshot_loop_has_signals(const struct snapshot *snapshot, const struct seen_loop *loop);

/* The future after whose end a frame of a thread goes on: of a loop that runs inside of a callback
 * that the frame is part of. 0 for others. */
uint64_t snapshot_frame_behind(const struct snapshot *snapshot, uint64_t frame);

/* The name of a thread for a reader: threading's, or "thread 123". The caller frees. */
char *snapshot_thread_name(const struct snapshot *snapshot, size_t thread);
/* "Task-7". The caller frees. */
char *snapshot_task_name(const struct snapshot *snapshot, size_t task);

/* The number that asyncio gave it ("Task-7"), which grows with time; large when it has a name. */
uint64_t snapshot_task_number(const struct snapshot *snapshot, size_t task);

/* The frame of a task to look at: the innermost of its chain in the program's own code. False
 * when it has none; the caller releases with source_place_free. */
bool snapshot_task_place(const struct snapshot *snapshot, size_t task, struct source_place *place);

#endif
