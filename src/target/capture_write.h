/*
 * capture_write.h: writes a capture (capture_format.h) piece by piece. Whoever records decides
 * what goes in; this file knows how it lies there.
 */
#ifndef STETH_TARGET_CAPTURE_WRITE_H
#define STETH_TARGET_CAPTURE_WRITE_H

#include "base/vector.h"
#include "target/capture_format.h"
#include "target/target.h"

typedef VECTOR(struct capture_run) capture_run_vector;

struct capture_writer;

/* Begins a capture: writes its header to `file`, which is borrowed and may be a pipe. */
struct error *capture_writer_new(int file, uint64_t flags, struct capture_writer **writer);

/* Also when it was not finished. */
void capture_writer_free(struct capture_writer *writer);

/* One section of `size` bytes. Thread-safe, as all that follows. */
struct error *capture_write_section(struct capture_writer *writer, struct capture_section section,
                                    const void *bytes, size_t size);

/*
 * Memory of one moment, in one or more portions in address order. Each is `runs` and their bytes
 * one after another, which are compressed by several threads, at idle priority when `polite`.
 * capture_write_memory_end writes the section that says where they are.
 */
struct error *capture_write_memory(struct capture_writer *writer, const struct capture_run *runs,
                                   size_t count, const uint8_t *bytes, bool polite);
struct error *capture_write_memory_end(struct capture_writer *writer, uint32_t moment);

/* capture_elf_write.c: the symbol tables of the files that `target` maps, as far as those can be
 * read. */
struct error *capture_write_symbols(struct capture_writer *writer, struct target *target);

/* The index and the trailer: nothing can be written after. */
struct error *capture_writer_finish(struct capture_writer *writer);

/* Bytes of the file so far. */
uint64_t capture_written(const struct capture_writer *writer);

/* The file must not become larger than `most` bytes: what would is refused. */
void capture_limit(struct capture_writer *writer, uint64_t most);

/* Calls show after each piece of the file, one call at a time, from any thread. */
void capture_watch(struct capture_writer *writer, void (*show)(void *context, uint64_t raw_bytes),
                   void *context);

/* How much `size` bytes take up when they are compressed, from a sample of them; for estimates. */
size_t capture_packed_size(const uint8_t *bytes, size_t size);

/* A growing piece of bytes, for sections that are put together. */
typedef VECTOR(uint8_t) capture_bytes;
bool capture_append(capture_bytes *bytes, const void *more, size_t size);

#endif
