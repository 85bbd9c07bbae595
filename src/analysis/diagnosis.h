/*
 * diagnosis.h: what the files about loops, tasks, threads and locks share while a report is made;
 * private to them.
 */
#ifndef STETH_ANALYSIS_DIAGNOSIS_H
#define STETH_ANALYSIS_DIAGNOSIS_H

#include "analysis/chains.h"
#include "analysis/standstill.h"
#include "target/native_stack.h"

/* The C stack of a thread that was blocked like this. */
struct blocked_stack {
    struct thread_state state;
    struct native_stack stack;
};

struct diagnosis {
    struct look *look;
    const struct look_options *options;
    const struct standstill *standstill;
    const struct wait_picture *picture; /* the later look */
    const struct snapshot *snapshot;    /* of it */
    struct report *report;
    const struct process_files *files;
    pid_t pid;
    uint64_t main_thread;                /* its PyThreadState, 0 when not seen */
    struct native_unwinder *unwinder;    /* made when first needed */
    VECTOR(struct blocked_stack) stacks; /* that were read between the looks */
};

/* loop_rows.c: a row for each loop, healthy or blocked; same order as snapshot->loops. */
struct error *diagnose_loops(struct diagnosis *diagnosis);
/* Sets a verdict that explains more than the one before. Takes `place` over. */
void loop_judge(struct diagnosis *diagnosis, size_t loop, const char *verdict,
                enum confidence confidence, char *reason, struct place place);

/* deadlocks.c: cycles of the wait-for graph (LOOP002, LOOP004, TASK001, EXEC001, LOCK001). */
struct error *diagnose_cycles(struct diagnosis *diagnosis);
/* The same for one cycle; whether all of it was stuck in both looks, its threads asleep. */
struct error *report_deadlock(struct diagnosis *diagnosis, const struct wait_cycle *cycle,
                              enum confidence confidence);
bool cycle_stood_still(const struct diagnosis *diagnosis, const struct wait_cycle *cycle);
/* unfinished.c: queues whose join() waits for work that nobody is at (LOCK001). */
struct error *diagnose_unfinished(struct diagnosis *diagnosis);
/* lost_wakeups.c: loops that sleep although callbacks are ready (LOOP002). */
struct error *diagnose_lost_wakeups(struct diagnosis *diagnosis);
/* blocked.c: loops that are kept from turning by one call (LOOP001). */
struct error *diagnose_blocked(struct diagnosis *diagnosis);
/* orphans.c: tasks that await what nothing alive can deliver (TASK002). */
struct error *diagnose_orphans(struct diagnosis *diagnosis);
/* held_locks.c: suspended coroutines that hold a lock of threads (LOCK002). */
struct error *diagnose_held_locks(struct diagnosis *diagnosis);
/* contexts.c: calls and tasks that lack context variables of their creator (CTX001). */
struct error *diagnose_contexts(struct diagnosis *diagnosis);
/* growth.c: callbacks that come faster than they are run (LOOP003). */
struct error *diagnose_growth(struct diagnosis *diagnosis);
/* watch_rows.c: what was seen of the loops while they were watched, and of one executor: nothing
 * where it was not. */
struct error *diagnose_watch(struct diagnosis *diagnosis);
void watch_executor(const struct diagnosis *diagnosis, uint64_t work_queue,
                    struct executor_watch *watch);
/* executors.c: pools of workers, and calls that take too long (EXEC002). */
struct error *diagnose_executors(struct diagnosis *diagnosis);
/* task_rows.c: the tasks, equal ones together. */
struct error *diagnose_tasks(struct diagnosis *diagnosis);

/* The end of the chain of owed needs that `vertex` is stuck on; VERTEX_NONE when it is a cycle. */
uint32_t last_need(const struct wait_picture *picture, uint32_t vertex);

/*
 * The C function that a blocked thread's innermost Python frame has called ("time_sleep",
 * "sqlite3_step"); NULL when it cannot be told. The caller frees.
 */
char *native_call(struct diagnosis *diagnosis, const struct seen_thread *thread);

/* Prepares a diagnosis from the look's standstill; `with_stacks`: the C stacks of blocked threads
 * are read between the looks. Ended with diagnosis_end. */
struct error *diagnosis_begin(struct look *look, const struct look_options *options,
                              bool threads_only, bool with_stacks, struct report *report,
                              struct diagnosis *diagnosis);
void diagnosis_end(struct diagnosis *diagnosis);

/* While rows are made, which read the same names again and again, the snapshot reads what was read
 * once from `remembered`. */
void diagnosis_remember(struct diagnosis *diagnosis, struct cpython *remembered);
void diagnosis_forget(struct diagnosis *diagnosis, struct cpython *remembered);

/* Sets where a finding is, by a copy. */
void finding_place(struct finding *finding, const struct place *place);

/*
 * Whether a task waits for what nobody delivers on purpose: `await asyncio.Future()` and `await
 * asyncio.Event().wait()` are how a main() that has started servers and tasks waits for its end.
 */
bool task_waits_on_purpose(const struct diagnosis *diagnosis, size_t index);

#endif
