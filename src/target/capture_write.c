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

#define WORKERS_MAX      4
#define PATIENCE_SECONDS 1

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

static struct error *cannot_write(int number)
{
    if (number == EFBIG)
        return error_hint(error_new(ERROR_CANNOT_LOOK, "the capture would exceed its largest size"),
                          "allow more with --max-size");
    return error_new(ERROR_CANNOT_LOOK, "the capture cannot be written: %s", strerror(number));
}

/* Appends to the file what was `raw` bytes; the place where it begins in *offset. */
static bool append(struct capture_writer *writer, const void *bytes, size_t size, size_t raw,
                   uint64_t *offset)
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
    if (!append(writer, &header, sizeof header, 0, &offset)) {
        struct error *error = cannot_write(writer->failure);
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
    return append(writer, frame, *stored, size, offset) ? NULL : cannot_write(writer->failure);
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

/* ---- memory, in parallel --------------------------------------------------------------------- */

struct packing {
    struct capture_writer *writer;
    const uint8_t *bytes;
    size_t size;
    size_t first; /* of the writer's blocks */
    atomic_size_t next;
    atomic_bool no_memory;
    bool polite;
};

static size_t block_count(size_t size)
{
    return (size + CAPTURE_BLOCK_BYTES - 1) / CAPTURE_BLOCK_BYTES;
}

static void pack_blocks(struct packing *packing, ZSTD_CCtx *context, uint8_t *frame, size_t room)
{
    struct capture_writer *writer = packing->writer;
    size_t count = block_count(packing->size);
    for (size_t i; (i = atomic_fetch_add(&packing->next, 1)) < count;) {
        size_t at = i * CAPTURE_BLOCK_BYTES, left = packing->size - at;
        size_t raw = left < CAPTURE_BLOCK_BYTES ? left : (size_t)CAPTURE_BLOCK_BYTES;
        size_t stored = ZSTD_compress2(context, frame, room, packing->bytes + at, raw);
        uint64_t offset;
        if (ZSTD_isError(stored))
            packing->no_memory = true;
        else if (append(writer, frame, stored, raw, &offset))
            writer->blocks.items[packing->first + i] =
                (struct capture_block){offset, (uint32_t)stored, (uint32_t)raw};
        if (packing->no_memory || writer->failure)
            return;
    }
}

static void pack_here(struct packing *packing)
{
    size_t room = ZSTD_compressBound(CAPTURE_BLOCK_BYTES);
    ZSTD_CCtx *context = ZSTD_createCCtx();
    _cleanup_free_ uint8_t *frame = malloc(room);
    if (context && frame) {
        ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, CAPTURE_LEVEL);
        ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
        pack_blocks(packing, context, frame, room);
    } else {
        packing->no_memory = true;
    }
    ZSTD_freeCCtx(context);
}

static void *pack_beside(void *argument)
{
    struct packing *packing = argument;
    if (packing->polite)
        (void)pthread_setschedparam(pthread_self(), SCHED_IDLE, &(struct sched_param){0});
    pack_here(packing);
    return NULL;
}

/* Whether the thread has ended in time. */
static bool join_until(pthread_t thread, const struct timespec *deadline)
{
    return pthread_timedjoin_np(thread, NULL, deadline) == 0;
}

/* On a saturated machine idle threads hardly get a processor: after a while the caller, whose
 * priority is an ordinary one, does what is left. */
static void pack_all(struct packing *packing)
{
    pthread_t threads[WORKERS_MAX];
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    unsigned wanted = processors < WORKERS_MAX ? (unsigned)processors : WORKERS_MAX, started = 0;
    struct timespec deadline;
    clock_gettime(CLOCK_REALTIME, &deadline);
    deadline.tv_sec += PATIENCE_SECONDS;
    while (started < wanted && pthread_create(&threads[started], NULL, pack_beside, packing) == 0)
        started++;
    unsigned ended = 0;
    while (ended < started && join_until(threads[ended], &deadline))
        ended++;
    if (ended < started || !started)
        pack_here(packing);
    for (; ended < started; ended++) {
        (void)pthread_setschedparam(threads[ended], SCHED_OTHER, &(struct sched_param){0});
        pthread_join(threads[ended], NULL);
    }
}

static struct error *add_runs(struct capture_writer *writer, const struct capture_run *runs,
                              size_t count, size_t *size)
{
    *size = 0;
    for (size_t i = 0; i < count; i++) {
        if (!vector_push(&writer->runs, runs[i]))
            return error_no_memory();
        *size += runs[i].size;
    }
    if (!vector_reserve(&writer->blocks, writer->blocks.count + block_count(*size)))
        return error_no_memory();
    return NULL;
}

struct error *capture_write_memory(struct capture_writer *writer, const struct capture_run *runs,
                                   size_t count, const uint8_t *bytes, bool polite)
{
    struct packing packing = {
        .writer = writer, .bytes = bytes, .first = writer->blocks.count, .polite = polite};
    struct error *error = add_runs(writer, runs, count, &packing.size);
    if (error)
        return error;
    writer->blocks.count += block_count(packing.size);
    pack_all(&packing);
    if (packing.no_memory)
        return error_no_memory();
    return writer->failure ? cannot_write(writer->failure) : NULL;
}

struct error *capture_write_memory_end(struct capture_writer *writer, uint32_t moment)
{
    struct capture_memory head = {
        .run_size = sizeof(struct capture_run),
        .block_size = sizeof(struct capture_block),
        .runs = writer->runs.count,
        .blocks = writer->blocks.count,
    };
    capture_bytes bytes = {0};
    bool put = capture_append(&bytes, &head, sizeof head) &&
               capture_append(&bytes, writer->runs.items,
                              writer->runs.count * sizeof *writer->runs.items) &&
               capture_append(&bytes, writer->blocks.items,
                              writer->blocks.count * sizeof *writer->blocks.items);
    struct capture_section section = {.kind = SECTION_MEMORY, .moment = moment};
    struct error *error =
        put ? capture_write_section(writer, section, bytes.items, bytes.count) : error_no_memory();
    vector_free(&bytes);
    vector_free(&writer->runs);
    vector_free(&writer->blocks);
    return error;
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
    return append(writer, &trailer, sizeof trailer, 0, &offset) ? NULL
                                                                : cannot_write(writer->failure);
}

size_t capture_packed_size(const uint8_t *bytes, size_t size)
{
    size_t packed = 0;
    _cleanup_free_ uint8_t *frame = capture_pack(bytes, size, &packed);
    return frame ? packed : size;
}
