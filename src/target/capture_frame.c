#include "target/capture_frame.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>
#include <zstd.h>

#include "base/cleanup.h"

#define STEP           ((size_t)1 << 20)
#define WINDOW_LOG_MAX 24 /* what a frame may ask for: 16 MiB */

uint32_t capture_checksum(const void *bytes, size_t size)
{
    const uint8_t *at = bytes;
    uint32_t sum = UINT32_MAX;
    for (size_t i = 0; i < size; i++) {
        sum ^= at[i];
        for (int bit = 0; bit < 8; bit++)
            sum = sum >> 1 ^ (sum & 1 ? UINT32_C(0xEDB88320) : 0);
    }
    return ~sum;
}

bool capture_pread(int file, void *buffer, size_t size, uint64_t offset)
{
    for (size_t done = 0; done < size;) {
        ssize_t got = pread(file, (char *)buffer + done, size - done, (off_t)(offset + done));
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        done += (size_t)got;
    }
    return true;
}

static void cleanup_decompressor(ZSTD_DCtx **context)
{
    ZSTD_freeDCtx(*context);
}

static void cleanup_compressor(ZSTD_CCtx **context)
{
    ZSTD_freeCCtx(*context);
}

/* Room for more, at most `limit` bytes and a NUL; false when there is no memory. */
static bool grow(uint8_t **bytes, size_t *room, size_t limit)
{
    size_t wanted = *room ? 2 * *room : STEP;
    wanted = wanted < limit ? wanted : limit;
    uint8_t *moved = realloc(*bytes, wanted + 1);
    if (!moved)
        return false;
    *bytes = moved;
    *room = wanted;
    return true;
}

uint8_t *capture_unpack(const void *frame, size_t size, uint64_t expected, uint64_t limit)
{
    __attribute__((cleanup(cleanup_decompressor))) ZSTD_DCtx *context = ZSTD_createDCtx();
    _cleanup_free_ uint8_t *bytes = NULL;
    ZSTD_inBuffer in = {frame, size, 0};
    size_t used = 0, room = 0, left = 1;
    errno = expected > limit ? EBADMSG : ENOMEM;
    if (expected > limit || !context)
        return NULL;
    ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, WINDOW_LOG_MAX);
    while (left) {
        errno = ENOMEM;
        if (used == room && (!bytes || room < expected) && !grow(&bytes, &room, (size_t)expected))
            return NULL;
        ZSTD_outBuffer out = {bytes, room, used};
        size_t taken = in.pos;
        left = ZSTD_decompressStream(context, &out, &in);
        errno = EBADMSG;
        if (ZSTD_isError(left) || (left && in.pos == taken && out.pos == used))
            return NULL;
        used = out.pos;
    }
    if (used != expected || in.pos != in.size)
        return NULL;
    bytes[used] = '\0';
    return take_pointer(&bytes);
}

uint8_t *capture_pack(const void *bytes, size_t size, size_t *frame_size)
{
    __attribute__((cleanup(cleanup_compressor))) ZSTD_CCtx *context = ZSTD_createCCtx();
    size_t room = ZSTD_compressBound(size);
    _cleanup_free_ uint8_t *frame = malloc(room);
    if (!context || !frame)
        return NULL;
    ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, CAPTURE_LEVEL);
    ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
    *frame_size = ZSTD_compress2(context, frame, room, bytes, size);
    return ZSTD_isError(*frame_size) ? NULL : take_pointer(&frame);
}
