/*
 * Blocks of a capture's memory: decompressed when they are first needed, by whoever needs them;
 * they stay as long as there is room. Nothing here is allocated before its block proved to be what
 * it promises.
 */
#include "target/capture_internal.h"

#include <string.h>

#include "base/cleanup.h"
#include "target/capture_frame.h"

static ZSTD_DCtx *take_decompressor(struct capture *capture)
{
    pthread_mutex_lock(&capture->lock);
    ZSTD_DCtx *context =
        capture->idle_decompressors ? capture->decompressors[--capture->idle_decompressors] : NULL;
    pthread_mutex_unlock(&capture->lock);
    return context ? context : ZSTD_createDCtx();
}

static void give_decompressor(struct capture *capture, ZSTD_DCtx *context)
{
    pthread_mutex_lock(&capture->lock);
    if (capture->idle_decompressors < CAPTURE_DECOMPRESSORS) {
        capture->decompressors[capture->idle_decompressors++] = context;
        context = NULL;
    }
    pthread_mutex_unlock(&capture->lock);
    ZSTD_freeDCtx(context);
}

/* A new piece of memory with the bytes of `block`; NULL: damaged, or no memory. */
static uint8_t *unpack(struct capture *capture, const struct stored_block *block)
{
    _cleanup_free_ uint8_t *frame = malloc(block->stored ? block->stored : 1);
    ZSTD_DCtx *context = take_decompressor(capture);
    uint8_t *bytes = NULL;
    if (frame && context && capture_pread(capture->file, frame, block->stored, block->offset) &&
        ZSTD_getFrameContentSize(frame, block->stored) == block->raw &&
        (bytes = malloc(block->raw)) &&
        ZSTD_decompressDCtx(context, bytes, block->raw, frame, block->stored) != block->raw) {
        free(bytes);
        bytes = NULL;
    }
    give_decompressor(capture, context);
    return bytes;
}

static void note_damage(struct capture *capture, const struct stored_memory *memory,
                        struct stored_block *block)
{
    if (atomic_exchange(&block->damaged, true))
        return;
    pthread_mutex_lock(&capture->lock);
    struct target_damage *damage = &capture->damage;
    for (size_t i = 0; i < memory->run_count; i++) {
        const struct stored_run *run = &memory->runs[i];
        uint64_t size = run->end - run->start, end = block->place + block->raw;
        if (run->place >= end || run->place + size <= block->place)
            continue;
        uint64_t first = block->place > run->place ? block->place - run->place : 0;
        uint64_t last = end - run->place < size ? end - run->place : size;
        if (!damage->blocks || run->start + first < damage->first)
            damage->first = run->start + first;
        if (!damage->blocks || run->start + last > damage->last)
            damage->last = run->start + last;
    }
    damage->blocks++;
    damage->bytes += block->raw;
    pthread_mutex_unlock(&capture->lock);
}

/* A block that has no room to stay: only the last such one does. */
static bool copy_from_last(struct capture *capture, const struct stored_block *block, size_t at,
                           void *buffer, size_t size)
{
    pthread_mutex_lock(&capture->lock);
    bool there = capture->last_block == block;
    if (there)
        memcpy(buffer, capture->last + at, size);
    pthread_mutex_unlock(&capture->lock);
    return there;
}

static void keep_last(struct capture *capture, const struct stored_block *block, uint8_t *bytes)
{
    pthread_mutex_lock(&capture->lock);
    uint8_t *before = capture->last;
    capture->last = bytes;
    capture->last_block = block;
    pthread_mutex_unlock(&capture->lock);
    free(before);
}

/* Keeps a block for good when there is room, and nobody else did so meanwhile. */
static void keep(struct capture *capture, struct stored_block *block, uint8_t *bytes)
{
    uint8_t *none = NULL;
    if (atomic_fetch_add(&capture->kept, block->raw) + block->raw > capture->keep_most) {
        atomic_fetch_sub(&capture->kept, block->raw);
        keep_last(capture, block, bytes);
    } else if (!atomic_compare_exchange_strong(&block->bytes, &none, bytes)) {
        atomic_fetch_sub(&capture->kept, block->raw);
        free(bytes);
    }
}

bool stored_block_fetch(struct capture *capture, const struct stored_memory *memory,
                        struct stored_block *block, size_t at, void *buffer, size_t size)
{
    if (block->damaged || copy_from_last(capture, block, at, buffer, size))
        return !block->damaged;
    uint8_t *bytes = unpack(capture, block);
    if (!bytes) {
        note_damage(capture, memory, block);
        return false;
    }
    memcpy(buffer, bytes + at, size);
    keep(capture, block, bytes);
    return true;
}
