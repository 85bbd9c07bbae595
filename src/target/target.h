/*
 * target: the bytes of a program that is examined, and the files they came from: a live process, a
 * core file (target/core.h), or an image (segments in memory) for tests and fuzzing. This room
 * knows nothing of Python, never stops or writes the program (pause.h and fork_snapshot.h, on
 * explicit request, excepted), and is the only room that calls process_vm_readv or opens
 * /proc/PID/{maps,pagemap,mem}. What else /proc tells of the program comes through target_files
 * (os/process_files.h).
 */
#ifndef STETH_TARGET_TARGET_H
#define STETH_TARGET_TARGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"
#include "os/process_files.h"

/* One line of /proc/PID/maps, or one segment of an image. */
struct mapping {
    uint64_t start;
    uint64_t end; /* exclusive */
    uint64_t offset;
    uint64_t inode;
    bool readable, writable, executable, shared;
    const char *path; /* "" when anonymous; "[heap]", "[stack]" …; owned by the target */
};

struct target;

/*
 * Opens a live process for reading. Holds a pidfd, so that a reused pid is noticed. Fails with
 * ERROR_CANNOT_LOOK (no such process, kernel thread, zombie process) or ERROR_PERMISSION (the
 * caller should then explain: os/access.h).
 */
struct error *target_open_live(pid_t pid, struct target **target);

/* One segment of an image. `bytes` is borrowed and must outlive the target. */
struct image_segment {
    uint64_t address;
    const uint8_t *bytes;
    size_t size;
};

/* A target made of `count` segments (readable, writable, private), for tests and fuzzing. */
struct error *target_open_image(const struct image_segment *segments, size_t count,
                                struct target **target);

void target_close(struct target *target);

/* The process id, or 0 for an image. */
pid_t target_pid(const struct target *target);

/* "live", "core", "capture" … Static. */
const char *target_kind(const struct target *target);

/* What names it on a command line: a pid, or the path of a file. Owned by the target. */
const char *target_name(const struct target *target);

/* What is missing of it, a sentence each; owned by the target. */
char *const *target_gaps(const struct target *target, size_t *count);

/* Why the file that the program mapped from `path` cannot be used, though parts of its memory are
 * only there; NULL: it can, or is not needed. Static. */
const char *target_missing_file(const struct target *target, const char *path);

/* What the kernel tells of the process; of an image nothing. Owned by the target. */
struct process_files *target_files(const struct target *target);

/* A process that runs: it may change between two looks. What is not live is of one instant; to look
 * again is to see the same. */
bool target_is_live(const struct target *target);

/* A small read is a system call: who reads all of it copies it first (target/copy.h). */
bool target_is_costly(const struct target *target);

/* All of its memory is of one instant: what one object says of another is true. */
bool target_is_one_instant(const struct target *target);

/*
 * A process that is not live, at the last moment of it that is known: for a second look at what may
 * have been about to change. Borrowed. NULL: there is but one moment, or it is live.
 */
struct target *target_later(struct target *target);

/* From the first to the last recorded moment; 0: there are no two. */
double target_seconds_recorded(const struct target *target);

/* True while the process that was opened still exists (always true for an image). */
bool target_alive(const struct target *target);

/* Copies exactly `size` bytes from `address`; false (buffer undefined) on any fault. Thread-safe.
 */
bool target_read(struct target *target, uint64_t address, void *buffer, size_t size);

/* Copies as many leading bytes as can be read; returns how many. Thread-safe. */
size_t target_read_some(struct target *target, uint64_t address, void *buffer, size_t size);

/*
 * The bytes themselves from `address` on where the target has them in memory (a copy), and in *size
 * how many of them lie together; else NULL. Valid until it is closed. Thread-safe.
 */
const void *target_lend_all(struct target *target, uint64_t address, uint64_t *size);

/* The same for `size` bytes: NULL when it has not all of them. */
static inline const void *target_lend(struct target *target, uint64_t address, uint64_t size)
{
    uint64_t lent;
    const void *bytes = target_lend_all(target, address, &lent);
    return bytes && size <= lent ? bytes : NULL;
}

/* One aligned 64-bit word. */
static inline bool target_read_word(struct target *target, uint64_t address, uint64_t *word)
{
    return target_read(target, address, word, sizeof *word);
}

struct read_request {
    uint64_t address;
    void *buffer;
    size_t size;
    bool ok; /* out */
};

/* Many small reads with few system calls; sets `ok` of each. */
void target_read_batch(struct target *target, struct read_request *requests, size_t count);

/*
 * Announces that `size` bytes at each of `addresses` will be read, whether they can be or not: a
 * target that remembers (target/memo.h) reads them now, with few system calls; others do nothing.
 */
void target_expect(struct target *target, const uint64_t *addresses, size_t count, size_t size);

/*
 * Copies a NUL-terminated string of at most `size` - 1 bytes; false on a fault or when no NUL is
 * found within `size` bytes.
 */
bool target_read_c_string(struct target *target, uint64_t address, char *buffer, size_t size);

/* Bytes copied so far (for the cost line). */
uint64_t target_bytes_read(const struct target *target);

/* The mappings, sorted by address, as of the last refresh; owned by the target. */
const struct mapping *target_mappings(const struct target *target, size_t *count);

/* The mapping that contains `address`, or NULL. */
const struct mapping *target_mapping_at(const struct target *target, uint64_t address);

/* The path of the mapped file whose bytes, or .bss, `address` is among; NULL. `end`: theirs there,
 * or NULL. */
const char *target_file_at(struct target *target, uint64_t address, uint64_t *end);

/* Reads /proc/PID/maps again. */
struct error *target_refresh_mappings(struct target *target);

/*
 * Whether each 4 KiB page of [start, end) is present or swapped: calls visit for each maximal run
 * of such pages. Where that cannot be told, the whole range is one run. Thread-safe.
 */
void target_visit_present(struct target *target, uint64_t start, uint64_t end,
                          void (*visit)(void *context, uint64_t start, uint64_t end),
                          void *context);

#endif
