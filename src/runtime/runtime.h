/*
 * runtime: the interpreters of a CPython runtime, their collectors, threads, frames and modules.
 * Uses object, layout, target and (for the kernel's threads) os; knows nothing of findings.
 */
#ifndef STETH_RUNTIME_RUNTIME_H
#define STETH_RUNTIME_RUNTIME_H

#include <stdbool.h>
#include <stdint.h>

#include "base/vector.h"
#include "object/object.h"

#define INTERPRETERS_MAX    1024
#define RUNTIME_THREADS_MAX 65536

struct interpreter {
    uint64_t address;
    int64_t id;
    uint64_t gc;      /* address of its struct _gc_runtime_state */
    uint64_t modules; /* sys.modules */
    uint64_t builtins, sysdict;
};
typedef VECTOR(struct interpreter) interpreter_vector;

/* All interpreters, the main one first; bounded and cycle-safe. An error when the chain is broken.
 */
struct error *interpreters_list(const struct cpython *cpython, interpreter_vector *interpreters);

/* ---- collector ------------------------------------------------------------------------------- */

#define COLLECTOR_GENERATIONS 3

struct collector_state {
    bool enabled, collecting;
    int64_t debug;
    int64_t garbage;                              /* len(gc.garbage), -1 when unreadable */
    int64_t long_lived_total, long_lived_pending; /* -1 when absent */
    struct {
        int64_t threshold, count;
        int64_t collections, collected, uncollectable;
    } generations[COLLECTOR_GENERATIONS];
    uint64_t heads[COLLECTOR_GENERATIONS]; /* addresses of the list heads */
    uint64_t permanent_head;
};

/* One coherent read of the collector's state; false when it cannot be read. */
bool collector_read(const struct cpython *cpython, uint64_t gc, struct collector_state *state);

/* A number that changes whenever a collection starts or ends; false when unreadable. */
struct collector_epoch {
    bool collecting;
    uint64_t collections; /* compare only: it counts, but not always in steps of one */
};
bool collector_epoch_read(const struct cpython *cpython, uint64_t gc,
                          struct collector_epoch *epoch);

/* ---- threads and frames ---------------------------------------------------------------------- */

/* A Python frame of a thread: where its locals lie, so that a holder can be named. */
struct frame_view {
    uint64_t address; /* PyFrameObject (3.10 and before) or _PyInterpreterFrame */
    uint64_t end;     /* exclusive end of its locals and stack */
    uint64_t code;
    unsigned thread; /* index into the thread vector */
    unsigned depth;  /* 0 = innermost */
    bool entry;      /* C code entered the interpreter's loop for it */
};
typedef VECTOR(struct frame_view) frame_vector;

struct thread_view {
    uint64_t address; /* PyThreadState */
    uint64_t interpreter;
    uint64_t ident;    /* pthread_t, threading.get_ident() */
    int32_t native_id; /* kernel thread id, 0 when unknown */
    char *name;        /* of threading.Thread, NULL when unknown; owned */
    uint64_t dict;
};
typedef VECTOR(struct thread_view) thread_vector;

/*
 * Threads of all interpreters, newest first, with their frames, innermost first; bounded and
 * cycle-safe. Of a chain that stays broken, what was readable. native_id is the number that /proc
 * here knows, also for a process in another pid namespace.
 */
struct error *threads_list(const struct cpython *cpython, const interpreter_vector *interpreters,
                           thread_vector *threads, frame_vector *frames);

/* The same with a remembering CPython of the caller's for what does not move: names, numbers. */
struct error *threads_list_with(const struct cpython *cpython, const struct cpython *remembered,
                                const interpreter_vector *interpreters, thread_vector *threads,
                                frame_vector *frames);
void threads_free(thread_vector *threads, frame_vector *frames);

/*
 * The frames of one thread, innermost first, until the visitor returns false: for those who look
 * often and not far. Of a frame its address, code and depth are told. False when there were more
 * than `most`, or when the chain broke.
 */
typedef bool (*visit_frame)(void *context, const struct frame_view *frame);
bool thread_frames_visit(const struct cpython *cpython, const struct thread_view *thread,
                         unsigned most, visit_frame visit, void *context);

/* The name of the local variable of `frame` that refers to `object`: owned; NULL when none does.
 * "<value stack>" when only the frame's value stack does. */
char *frame_local_of(const struct cpython *cpython, const struct frame_view *frame,
                     uint64_t object);

#endif
