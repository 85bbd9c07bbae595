/*
 * capture.h: a capture (capture_format.h) as a target: memory, mappings, what /proc told, and the
 * symbols of the mapped files, all from one file that may have been damaged or made by an enemy.
 */
#ifndef STETH_TARGET_CAPTURE_H
#define STETH_TARGET_CAPTURE_H

#include "target/target.h"

/* Whether the file at `path` begins as a capture does. */
bool capture_recognise(const char *path);

/*
 * Opens a capture. Fails with ERROR_CANNOT_LOOK and one sentence: not a capture, of a newer
 * version, truncated, damaged. Blocks of memory are checked when they are first read: see
 * target_damage.
 */
struct error *target_open_capture(const char *path, struct target **target);

/* The value of a fact of the recording ("kernel", "paused_ms", …: docs/CAPTURE.md); NULL when it
 * is not told, or when `target` is no capture. Owned by the target. */
const char *target_capture_fact(const struct target *target, const char *key);

/* What of a capture's memory could not be read because the file is damaged; count 0: nothing. */
struct target_damage {
    uint64_t blocks, bytes;
    uint64_t first, last; /* addresses */
};
struct target_damage target_damage(const struct target *target);

#endif
