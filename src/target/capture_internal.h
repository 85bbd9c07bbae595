/* capture_internal.h: an open capture: what the reading capture_*.c share. */
#ifndef STETH_TARGET_CAPTURE_INTERNAL_H
#define STETH_TARGET_CAPTURE_INTERNAL_H

#include <pthread.h>
#include <zstd.h>

#include "target/capture.h"
#include "target/capture_format.h"
#include "target/internal.h"

#define CAPTURE_DECOMPRESSORS 8

/* A run of pages that are stored. */
struct stored_run {
    uint64_t start, end;
    uint64_t place; /* of its bytes among those of all runs */
};

struct stored_block {
    uint64_t place; /* of its first byte among those of all runs */
    uint64_t offset;
    uint32_t stored, raw;
    _Atomic(uint8_t *) bytes; /* decompressed; NULL: not yet, or it did not stay */
    atomic_bool damaged;
};

/* The memory of one moment: of the second one, what changed since the first. */
struct stored_memory {
    struct stored_run *runs;
    size_t run_count;
    struct stored_block *blocks;
    size_t block_count;
};

/* Parts of one mapped file. */
struct stored_elf {
    uint64_t start;
    const struct capture_elf_part *parts; /* not aligned: copy */
    size_t part_count;
    const uint8_t *bytes; /* of the parts, one after another */
    uint8_t *section;     /* what the two point into; owned */
};

struct capture {
    char *path;
    int file;
    uint64_t size;
    struct capture_header header;
    char *facts; /* lines, each NUL-terminated; owned */
    size_t facts_size;
    struct stored_memory memory[CAPTURE_MOMENTS_MAX];
    mapping_vector mappings[CAPTURE_MOMENTS_MAX];
    uint32_t moments; /* how many of these are there */
    double seconds;   /* between the first and the last */
    VECTOR(struct stored_elf) files;
    struct process_files *process_files;
    struct target *later; /* shows the last moment; NULL: there is one only */
    pthread_mutex_t lock; /* of what follows */
    ZSTD_DCtx *decompressors[CAPTURE_DECOMPRESSORS];
    size_t idle_decompressors;
    uint8_t *last; /* a block that may not stay */
    const struct stored_block *last_block;
    struct target_damage damage;
    atomic_uint_fast64_t kept, keep_most; /* bytes of blocks that stay */
};

/* ---- capture_open.c: the file as a whole ----------------------------------------------------- */

struct error *capture_open(const char *path, struct capture **capture);
void capture_free(struct capture *capture);

struct error *capture_damaged(const struct capture *capture, const char *what);

/* ---- capture_sections.c ---------------------------------------------------------------------- */

/* Reads all sections that the index lists. */
struct error *capture_read_index(struct capture *capture, const struct capture_trailer *trailer);

/* The value of a fact; NULL when it is not told. */
const char *capture_fact(const struct capture *capture, const char *key);

/* ---- capture_memory.c ------------------------------------------------------------------------ */

struct error *stored_memory_read(struct capture *capture, uint32_t moment, const uint8_t *bytes,
                                 size_t size);
void stored_memory_free(struct stored_memory *memory);

/* As many leading bytes at `address` as there are, as they were at `moment`. */
size_t capture_read(struct capture *capture, uint32_t moment, uint64_t address, void *buffer,
                    size_t size);
void capture_visit(const struct capture *capture, uint32_t moment, uint64_t start, uint64_t end,
                   void (*visit)(void *context, uint64_t start, uint64_t end), void *context);

/* ---- capture_block.c ------------------------------------------------------------------------- */

/* Copies from within a block that is not at hand; false: it is damaged, or there is no memory. */
bool stored_block_fetch(struct capture *capture, const struct stored_memory *memory,
                        struct stored_block *block, size_t at, void *buffer, size_t size);

/* ---- capture_elf.c --------------------------------------------------------------------------- */

/* Takes `section`. */
struct error *stored_elf_add(struct capture *capture, uint8_t *section, size_t size);

/*
 * The mapped file whose first page is at `start`, as far as it is stored: a file in memory with
 * holes. -1: not stored. The caller closes it.
 */
int capture_elf_open(const struct capture *capture, uint64_t start);

#endif
