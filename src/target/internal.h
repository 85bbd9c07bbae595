/* internal.h: what the files of this room share. */
#ifndef STETH_TARGET_INTERNAL_H
#define STETH_TARGET_INTERNAL_H

#include <stdatomic.h>

#include "base/vector.h"
#include "target/target.h"

typedef VECTOR(struct mapping) mapping_vector;

struct elf_module;

/* The kinds of target differ only in these. */
struct target_operations {
    const char *kind; /* of target_kind */
    size_t (*read_some)(struct target *target, uint64_t address, void *buffer, size_t size);
    void (*read_batch)(struct target *target, struct read_request *requests, size_t count);
    /* As target_expect; NULL: it would gain nothing. */
    void (*expect)(struct target *target, const uint64_t *addresses, size_t count, size_t size);
    /* As target_lend_all; NULL: never. */
    const void *(*lend)(struct target *target, uint64_t address, uint64_t *size);
    void (*visit_present)(struct target *target, uint64_t start, uint64_t end,
                          void (*visit)(void *context, uint64_t start, uint64_t end),
                          void *context);
    struct error *(*refresh)(struct target *target);
    /* The file behind a module; -1: it is not to be had. NULL: only a capture may have it. */
    int (*open_module)(struct target *target, const struct elf_module *module);
    bool costly;    /* a read costs a system call: worth to be remembered */
    bool uncounted; /* reads are not counted: the counter would cost more than they */
};

struct target {
    const struct target_operations *operations;
    char *path; /* of the file that it is; NULL: a process */
    char pid_text[16];
    pid_t pid;
    pid_t memory_pid; /* whose memory is read: `pid`, or its copy (fork_snapshot.h) */
    struct process_files *files;
    VECTOR(char *) gaps;
    int pidfd;   /* -1 when there is none */
    int pagemap; /* -1 when it cannot be read */
    mapping_vector mappings;
    const struct image_segment *segments; /* of an image, sorted; owned */
    size_t segment_count;
    atomic_uint_fast64_t bytes_read;
    struct target *base;     /* of a target that stands before another; else NULL */
    struct memo *memo;       /* of one that remembers; else NULL */
    struct copy *copy;       /* of one that is a copy; else NULL */
    struct capture *capture; /* of one that was recorded; else NULL */
    struct core *core;       /* of a core file; else NULL */
    struct keeper *keeper;   /* of a process that is a copy (fork_snapshot.h); else NULL */
};

/* The release of those kinds: memo.c, copy.c, capture.c; of a core, what only it has: core.c. */
void memo_close(struct target *target);
void copy_close(struct target *target);
void capture_close(struct target *target);
void core_close(struct target *target);
/* fork_snapshot.c: of what it has more than a live one. */
void snapshot_close(struct target *target);

/* Adds a sentence to target_gaps. */
void target_add_gap(struct target *target, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* live.c: reading the memory of a process. */
extern const struct target_operations live_operations;

/* capture.c: the same capture at its last moment, NULL; the mappings at the moment that is shown.
 */
struct target *capture_later(const struct target *target);
double capture_seconds(const struct target *target);
const mapping_vector *capture_mappings(const struct target *target);
/* Also capture.c: what is stored of the mapped file whose first page is at `start`, as a file; -1:
 * nothing, or no capture. The caller closes it. */
int capture_file_of(const struct target *target, uint64_t start);

enum present_way {
    PRESENT_SCAN, /* ask for runs of pages (Linux 6.7), then as below where that is refused */
    PRESENT_READ, /* read one word a page */
};

/*
 * Calls visit for each maximal run of pages of [start, end) that are present or swapped, as
 * /proc/PID/pagemap tells; what it does not tell (or when `pagemap` is -1) counts as present.
 */
void present_visit(int pagemap, enum present_way way, uint64_t start, uint64_t end,
                   void (*visit)(void *context, uint64_t start, uint64_t end), void *context);

/* Reads /proc/PID/maps into `mappings` (appended). */
struct error *mappings_read(pid_t pid, mapping_vector *mappings);

/* The same from the text of such a file. */
struct error *mappings_parse(const char *text, size_t size, mapping_vector *mappings);
void mappings_free(mapping_vector *mappings);

#endif
