/* plan.h: which pages a capture holds, and copying them. For record*.c only. */
#ifndef STETH_RECORD_PLAN_H
#define STETH_RECORD_PLAN_H

#include "target/capture_write.h"

struct page_plan {
    capture_run_vector runs; /* in address order */
    uint64_t bytes;
};

/* What may change: writable private memory. And the rest that somebody may read: code, constants,
 * unwind information of the mapped files. */
enum plan_scope { PLAN_EVERYTHING, PLAN_WRITABLE };

/* Which pages of `source` there are; of code, which a snapshot has not touched, those that `target`
 * uses. */
struct error *page_plan_make(struct target *target, struct target *source, enum plan_scope scope,
                             struct page_plan *plan);
void page_plan_free(struct page_plan *plan);

/* Takes from the plan, at *run and *offset, runs of at most `most` bytes together; none: it is
 * done. False when there is no memory. */
struct plan_place {
    size_t run;
    uint64_t offset;
};
bool page_plan_take(const struct page_plan *plan, struct plan_place *place, uint64_t most,
                    capture_run_vector *runs, uint64_t *bytes);

/* Copies runs one after another to `bytes`, with several threads. Pages that vanished become zero
 * and are counted. */
struct error *pages_copy(struct target *target, const capture_run_vector *runs, uint8_t *bytes,
                         uint64_t *torn);

/* What tells whether a page changed. */
uint64_t page_digest(const uint8_t *page);

#endif
