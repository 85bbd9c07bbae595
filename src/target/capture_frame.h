/* capture_frame.h: bytes of a capture, compressed and checked. For capture*.c only. */
#ifndef STETH_TARGET_CAPTURE_FRAME_H
#define STETH_TARGET_CAPTURE_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* CRC-32 as in Ethernet and PNG. */
uint32_t capture_checksum(const void *bytes, size_t size);

/* Reads exactly `size` bytes at `offset` of a file. */
bool capture_pread(int file, void *buffer, size_t size, uint64_t offset);

/*
 * A frame of at most `limit` bytes decompressed, of which `expected` are promised. Memory grows
 * with what really comes out. NULL: damaged (errno EBADMSG) or no memory (ENOMEM). The caller
 * frees; one NUL follows the bytes.
 */
uint8_t *capture_unpack(const void *frame, size_t size, uint64_t expected, uint64_t limit);

/* Compresses into a new frame with a checksum; NULL: no memory. The caller frees. */
uint8_t *capture_pack(const void *bytes, size_t size, size_t *frame_size);

#define CAPTURE_LEVEL 1 /* of compression: processors are the program's */

#endif
