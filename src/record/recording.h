/* recording.h: one recording under way. For the files of this room only. */
#ifndef STETH_RECORD_RECORDING_H
#define STETH_RECORD_RECORDING_H

#include "base/clock.h"
#include "record/blank.h"
#include "record/plan.h"
#include "record/record.h"
#include "runtime/runtime.h"

struct recording {
    struct target *target;
    struct record_options options;
    struct cpython *cpython;
    interpreter_vector interpreters;
    struct target *source; /* whose memory is copied: the process, or a snapshot of it */
    struct page_plan plan;
    uint8_t *staging; /* what is copied waits here to be compressed */
    uint64_t staging_size;
    uint64_t *digests; /* of the pages of the first moment, in the order of the plan */
    capture_bytes texts, facts;
    struct blanking *blanking; /* NULL: values stay */
    struct record_result result;
    double monotonic[CAPTURE_MOMENTS_MAX], since_boot[CAPTURE_MOMENTS_MAX];
};

void recording_rest(double time);

/* ---- quiet.c: the collectors ----------------------------------------------------------------- */

/* Sums over all interpreters; false when one collects, or cannot be read. */
bool recording_quiet(const struct recording *recording, uint64_t *collections);

/* Waits for the end of a collection, for a while. */
void recording_wait_quiet(const struct recording *recording, uint64_t *collections);

/* ---- memory.c -------------------------------------------------------------------------------- */

struct error *recording_prepare(struct recording *recording);

/* Copies the memory of the first moment, which stands `still` or may change meanwhile. What does
 * not fit into the staging memory is written at once, the rest by recording_keep. */
struct error *recording_copy(struct recording *recording, struct capture_writer *writer,
                             bool still);
struct error *recording_keep(struct recording *recording, struct capture_writer *writer);

/* Notes of a copy in staging what is needed to leave values out. */
struct error *recording_learn(const struct recording *recording, const capture_run_vector *runs);

/* memory_changes.c: writes what of `plan` differs from the first moment. */
struct error *recording_compare(struct recording *recording, struct capture_writer *writer,
                                const struct page_plan *plan);

/* ---- loops.c --------------------------------------------------------------------------------- */

/* Lets time pass since `begun`, enough for a second look; what it saw goes to the facts. */
struct error *recording_watch_loops(struct recording *recording, double begun);

/* ---- moments.c ------------------------------------------------------------------------------- */

struct error *recording_first(struct recording *recording, struct capture_writer *writer);
struct error *recording_second(struct recording *recording, struct capture_writer *writer);

#endif
