/* capture_writer.h: between the files that write a capture. */
#ifndef STETH_TARGET_CAPTURE_WRITER_H
#define STETH_TARGET_CAPTURE_WRITER_H

#include <pthread.h>

#include "base/vector.h"
#include "target/capture_write.h"

struct capture_writer {
    int file;
    int failure; /* errno of the first write that failed */
    uint64_t most;
    void (*show)(void *context, uint64_t raw_bytes);
    void *context;
    _Atomic uint64_t offset;
    pthread_mutex_t lock;
    VECTOR(struct capture_section) sections;
    capture_run_vector runs; /* of the memory that is being written */
    VECTOR(struct capture_block) blocks;
};

/* `number` is an errno. */
struct error *capture_cannot_write(int number);
/* Appends to the file what was `raw` bytes; the place where it begins in *offset. */
bool capture_writer_append(struct capture_writer *writer, const void *bytes, size_t size,
                           size_t raw, uint64_t *offset);

#endif
