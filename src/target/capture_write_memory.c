/* capture_write_memory.c: the memory of a moment, compressed by several threads. */
#include "target/capture_writer.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>
#include <zstd.h>

#include "base/cleanup.h"
#include "target/capture_frame.h"

#define WORKERS_MAX      4
#define PATIENCE_SECONDS 1

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
        else if (capture_writer_append(writer, frame, stored, raw, &offset))
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
    return writer->failure ? capture_cannot_write(writer->failure) : NULL;
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
