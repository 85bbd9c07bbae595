/*
 * stream.h: reads all of a target's present private memory once, in parallel, through small
 * reused buffers, and shows it chunk by chunk. Nothing of it is kept. The workers run at idle
 * priority so that the target keeps its CPU; on a saturated machine the caller's thread joins in.
 */
#ifndef STETH_TARGET_STREAM_H
#define STETH_TARGET_STREAM_H

#include "target/target.h"

/* Bytes shown beyond a chunk's own, when they exist, so that an object may straddle its end. */
#define STREAM_OVERLAP 512

struct stream_chunk {
    uint64_t address;     /* of bytes[0]; 16-byte aligned */
    const uint8_t *bytes; /* 16-byte aligned; valid during the call only */
    size_t size;          /* bytes that belong to this chunk */
    size_t extent;        /* size + readable overlap */
    size_t slot;          /* which planned chunk it came from: in address order, < plan count */
    unsigned worker;      /* < STREAM_WORKERS_MAX */
};

#define STREAM_WORKERS_MAX 4

struct stream_plan; /* which ranges are read, split into slots */

/*
 * Plans a pass over the writable private mappings.
 * The caller frees it with stream_plan_free.
 */
struct error *stream_plan_new(struct target *target, struct stream_plan **plan);
void stream_plan_free(struct stream_plan *plan);

size_t stream_plan_slots(const struct stream_plan *plan);

/* The contiguous ranges of memory that a plan reads, in address order. `ranges` may be NULL: then
 * they are only counted. */
struct stream_range {
    uint64_t start, end;
};
size_t stream_plan_ranges(const struct stream_plan *plan, struct stream_range *ranges);

/*
 * A slot is one planned range of at most STREAM_SLOT_BYTES. visit() may be called several times
 * for a slot (once per present run and chunk), in address order, always by one worker. It runs
 * concurrently for different slots.
 */
#define STREAM_SLOT_BYTES ((size_t)4 << 20)

struct stream_cost {
    uint64_t bytes;
    uint64_t faults; /* pages that vanished while they were read */
};

enum stream_pace {
    STREAM_POLITE, /* idle priority: the target is running */
    STREAM_FAST,   /* normal priority: the target is paused and waits for us */
};

struct error *stream_run(struct target *target, const struct stream_plan *plan,
                         enum stream_pace pace,
                         void (*visit)(void *context, const struct stream_chunk *chunk),
                         void *context, struct stream_cost *cost);

#endif
