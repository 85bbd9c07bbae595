#include "target/capture_write.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <zstd.h>

#include "base/cleanup.h"
#include "target/capture_frame.h"
#include "target/capture_writer.h"

struct error *capture_cannot_write(int number)
{
    if (number == EFBIG)
        return error_hint(error_new(ERROR_CANNOT_LOOK, "the capture would exceed its largest size"),
                          "allow more with --max-size");
    return error_new(ERROR_CANNOT_LOOK, "the capture cannot be written: %s", strerror(number));
}

/* Appends to the file what was `raw` bytes; the place where it begins in *offset. */
bool capture_writer_append(struct capture_writer *writer, const void *bytes, size_t size,
                           size_t raw, uint64_t *offset)
{
    pthread_mutex_lock(&writer->lock);
    *offset = writer->offset;
    if (!writer->failure && *offset + size > writer->most)
        writer->failure = EFBIG;
    for (size_t done = 0; done < size && !writer->failure;) {
        ssize_t written = write(writer->file, (const char *)bytes + done, size - done);
        if (written < 0 && errno != EINTR)
            writer->failure = errno;
        done += written > 0 ? (size_t)written : 0;
    }
    writer->offset += size;
    bool fine = !writer->failure;
    if (fine && writer->show)
        writer->show(writer->context, raw);
    pthread_mutex_unlock(&writer->lock);
    return fine;
}

struct error *capture_writer_new(int file, uint64_t flags, struct capture_writer **out)
{
    struct capture_writer *writer = calloc(1, sizeof *writer);
    if (!writer)
        return error_no_memory();
    writer->file = file;
    writer->most = UINT64_MAX;
    pthread_mutex_init(&writer->lock, NULL);
    struct capture_header header = {
        .version = CAPTURE_VERSION, .readable_from = CAPTURE_READABLE_FROM, .flags = flags};
    memcpy(header.magic, CAPTURE_MAGIC, sizeof header.magic);
    header.checksum = capture_checksum(&header, offsetof(struct capture_header, checksum));
    uint64_t offset;
    if (!capture_writer_append(writer, &header, sizeof header, 0, &offset)) {
        struct error *error = capture_cannot_write(writer->failure);
        capture_writer_free(writer);
        return error;
    }
    *out = writer;
    return NULL;
}

void capture_writer_free(struct capture_writer *writer)
{
    if (!writer)
        return;
    pthread_mutex_destroy(&writer->lock);
    vector_free(&writer->sections);
    vector_free(&writer->runs);
    vector_free(&writer->blocks);
    free(writer);
}

uint64_t capture_written(const struct capture_writer *writer)
{
    return writer->offset;
}

void capture_limit(struct capture_writer *writer, uint64_t most)
{
    writer->most = most;
}

void capture_watch(struct capture_writer *writer, void (*show)(void *context, uint64_t raw_bytes),
                   void *context)
{
    writer->show = show;
    writer->context = context;
}

bool capture_append(capture_bytes *bytes, const void *more, size_t size)
{
    if (!vector_reserve(bytes, bytes->count + size))
        return false;
    if (size)
        memcpy(bytes->items + bytes->count, more, size);
    bytes->count += size;
    return true;
}

static struct error *write_frame(struct capture_writer *writer, const void *bytes, size_t size,
                                 uint64_t *offset, size_t *stored)
{
    _cleanup_free_ uint8_t *frame = capture_pack(bytes, size, stored);
    if (!frame)
        return error_no_memory();
    return capture_writer_append(writer, frame, *stored, size, offset)
               ? NULL
               : capture_cannot_write(writer->failure);
}

struct error *capture_write_section(struct capture_writer *writer, struct capture_section section,
                                    const void *bytes, size_t size)
{
    size_t stored;
    if (size > CAPTURE_SECTION_MAX)
        return error_new(ERROR_CANNOT_LOOK, "a part of the capture is too large to be written");
    struct error *error = write_frame(writer, bytes, size, &section.offset, &stored);
    if (error)
        return error;
    section.stored = stored;
    section.raw = size;
    pthread_mutex_lock(&writer->lock);
    bool added = vector_push(&writer->sections, section);
    pthread_mutex_unlock(&writer->lock);
    return added ? NULL : error_no_memory();
}

/* ---- the end --------------------------------------------------------------------------------- */

struct error *capture_writer_finish(struct capture_writer *writer)
{
    struct capture_table head = {(uint32_t)writer->sections.count, sizeof(struct capture_section)};
    struct capture_trailer trailer = {0};
    capture_bytes bytes = {0};
    size_t stored = 0;
    bool put = capture_append(&bytes, &head, sizeof head) &&
               capture_append(&bytes, writer->sections.items,
                              writer->sections.count * sizeof *writer->sections.items);
    struct error *error =
        put ? write_frame(writer, bytes.items, bytes.count, &trailer.index_offset, &stored)
            : error_no_memory();
    trailer.index_stored = stored;
    trailer.index_raw = (uint32_t)bytes.count;
    vector_free(&bytes);
    if (error)
        return error;
    trailer.checksum = capture_checksum(&trailer, offsetof(struct capture_trailer, checksum));
    memcpy(trailer.magic, CAPTURE_END_MAGIC, sizeof trailer.magic);
    uint64_t offset;
    return capture_writer_append(writer, &trailer, sizeof trailer, 0, &offset)
               ? NULL
               : capture_cannot_write(writer->failure);
}

size_t capture_packed_size(const uint8_t *bytes, size_t size)
{
    size_t packed = 0;
    _cleanup_free_ uint8_t *frame = capture_pack(bytes, size, &packed);
    return frame ? packed : size;
}
