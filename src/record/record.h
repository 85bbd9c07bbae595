/*
 * record: what goes into a capture (target/capture_format.h), and when. The memory of a running
 * process is copied as quickly as can be, at a moment at which no collector works; what the kernel
 * tells is read just before it. A second, later look keeps what changed, so that whoever reads the
 * capture can tell what stands still from what moves, as with a live process. Uses runtime and
 * below, and os; knows nothing of findings.
 */
#ifndef STETH_RECORD_RECORD_H
#define STETH_RECORD_RECORD_H

#include "target/target.h"

struct record_options {
    bool pause;         /* stop the process while its memory is copied */
    bool values;        /* false: leave the program's own texts out (blank.h) */
    bool consistent;    /* copy the memory of a snapshot (target/fork_snapshot.h) */
    uint64_t max_bytes; /* of the file; 0: as much as there is room for */
    void (*progress)(void *context, uint64_t done, uint64_t total); /* bytes; NULL: nobody asks */
    void *context;
};

struct record_estimate {
    uint64_t memory_bytes; /* that will be copied */
    uint64_t file_bytes;   /* about, from a sample */
};

struct record_result {
    uint64_t memory_bytes, changed_bytes; /* of the first moment; of the second, where it differs */
    uint64_t file_bytes;
    uint64_t torn_pages;  /* that vanished while they were copied */
    uint64_t collections; /* of the collector while the memory was copied */
    uint64_t threads;
    double paused_ms;
    double copy_ms;     /* how long the first copy took */
    double interval_ms; /* between the two moments */
    double total_ms;
};

struct recording;

/* Attaches to the Python of `target`, which is borrowed, and plans. The caller ends it. */
struct error *recording_begin(struct target *target, const struct record_options *options,
                              struct recording **recording);
void recording_end(struct recording *recording);

struct error *recording_estimate(struct recording *recording, struct record_estimate *estimate);

/* Records into `file`, which may be a pipe. */
struct error *recording_run(struct recording *recording, int file, struct record_result *result);

#endif
