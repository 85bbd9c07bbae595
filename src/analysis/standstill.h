/*
 * standstill.h: two looks at who waits for whom, some time apart, and what stood still in between.
 * No verdict about a wait rests on one look.
 */
#ifndef STETH_ANALYSIS_STANDSTILL_H
#define STETH_ANALYSIS_STANDSTILL_H

#include "analysis/look.h"
#include "waits/build.h"

/* Processor time after which a callback that goes on is not a short one that had to wait for it. */
#define STANDSTILL_COMPUTES_MS 150

struct standstill {
    struct actors actors;
    struct wait_picture *before, *after; /* the same where no thread ran in between */
    double seconds;                      /* between the two */
    bool threads_only;                   /* without the objects of the heap */
};

/* What is to be done between the looks, so that the second one vouches for it too. */
struct meanwhile {
    struct error *(*act)(void *context, const struct snapshot *first);
    void *context;
};

/*
 * Makes look->standstill available: close together when the first look shows nothing that is to be
 * confirmed. `threads_only`: without the objects of the heap, unless a thread waits for one that
 * the threads do not explain. `meanwhile` (may be NULL) is left out where the looks were taken
 * before.
 */
struct error *look_standstill(struct look *look, bool threads_only,
                              const struct meanwhile *meanwhile);
void standstill_free(struct standstill *standstill);

/* The loop in `after` runs the same callback as before. */
bool standstill_loop(const struct standstill *standstill, size_t loop);
/* The thread in `after` is at the same instruction of the program's own code as before. */
bool standstill_thread(const struct standstill *standstill, size_t thread);
/* The thread did not run at all in between. */
bool standstill_thread_asleep(const struct standstill *standstill, size_t thread);
/* Processor time that the thread used in between, in milliseconds. */
double standstill_cpu_ms(const struct standstill *standstill, size_t thread);
/* `address` is part of a cycle of the picture. */
bool picture_in_cycle(const struct wait_picture *picture, uint64_t address);
/* Every vertex of the cycle (of `after`) was stuck in the same cycle before. */
bool standstill_cycle(const struct standstill *standstill, const struct wait_cycle *cycle);
/* `address` was stuck in both looks. */
bool standstill_stuck(const struct standstill *standstill, uint64_t address);

/* The same thread in `before`; NULL when it was not there. */
const struct seen_thread *standstill_earlier(const struct standstill *standstill, size_t thread);

#endif
