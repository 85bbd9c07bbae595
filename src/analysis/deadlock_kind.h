/* deadlock_kind.h: which rule a cycle of waits falls under, and the words for it; private to the
 * files about deadlocks. */
#ifndef STETH_ANALYSIS_DEADLOCK_KIND_H
#define STETH_ANALYSIS_DEADLOCK_KIND_H

#include "analysis/diagnosis.h"

struct deadlock_kind {
    const char *rule, *verdict, *confirm;
    const char *fix[3];
};

/* What takes part in a cycle. */
struct deadlock {
    const struct wait_cycle *cycle;
    const struct deadlock_kind *kind;
    unsigned threads, loops, tasks, locks, executors, queues;
    unsigned events;   /* of the queues: events, conditions, barriers */
    bool named;        /* a need is known by the names in the code only */
    bool runs_loop;    /* one of the threads does */
    bool other_loops;  /* a task takes part whose loop none of the threads runs */
    bool slots;        /* of a semaphore of threads */
    bool lock_of_task; /* a lock of threads that a suspended task holds */
};

void deadlock_see(const struct diagnosis *diagnosis, const struct wait_cycle *cycle,
                  struct deadlock *deadlock);

/* deadlock_count.c: fills in what takes part. */
void deadlock_count(const struct diagnosis *diagnosis, struct deadlock *deadlock);

/* One sentence about it; `chain` is the cycle. The caller frees. */
char *deadlock_summary(const struct deadlock *deadlock, const wait_chain *chain);

#endif
