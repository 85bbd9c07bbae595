/* core_internal.h: what the core*.c of this room share. */
#ifndef STETH_TARGET_CORE_INTERNAL_H
#define STETH_TARGET_CORE_INTERNAL_H

#include <elf.h>
#include <libelf.h>
#include <sys/procfs.h>

#include "target/core.h"
#include "target/internal.h"

#define CORE_SEGMENTS_MAX (1u << 20)
#define CORE_NOTES_MAX    (UINT64_C(256) << 20) /* bytes of them */
#define CORE_THREADS_MAX  65536
#define CORE_FILES_MAX    4096
#define NO_FILE           UINT32_MAX
#define CORE_PAGE         UINT64_C(4096)

/* A PT_LOAD. What lies behind `dumped` is not in the core; what lies behind `there`, only because
 * the core was cut off. */
struct core_segment {
    uint64_t start, there, dumped, end;
    uint64_t offset; /* in the core */
    uint32_t flags;  /* PF_R … */
};

/* A line of NT_FILE. */
struct core_range {
    uint64_t start, end;
    uint64_t offset;  /* in the file */
    const char *path; /* in core->paths */
    uint32_t file;    /* in core->files; NO_FILE */
};

/* A stretch of memory that is of one segment (or none) and of one file (or none): parallel to the
 * mappings of the target. */
struct core_piece {
    uint64_t start, there, dumped, end;
    uint64_t offset; /* of `start` in the core */
    uint32_t file;
    uint64_t file_offset; /* of `start` in the file */
    bool writable;
};

#define BUILD_ID_MAX 64
struct build_id {
    uint8_t bytes[BUILD_ID_MAX];
    size_t size; /* 0: none */
};

/* A file that was mapped. */
struct core_file {
    const char *path; /* as the process saw it, without " (deleted)"; in core->paths */
    uint64_t start;   /* where its first byte was mapped; 0: nowhere */
    int descriptor;   /* -1: it cannot stand for the one that was mapped */
    uint64_t size;
    const char *why; /* it cannot; static */
    bool given;      /* by core_options.executable */
};

struct core_thread {
    pid_t tid;
    prstatus_t status;
};

struct core {
    char *path; /* owned by the target */
    int descriptor;
    uint64_t size;
    uint64_t lost; /* bytes behind the end of a file that was cut off */
    VECTOR(struct core_segment) segments;
    VECTOR(struct core_range) ranges;
    VECTOR(struct core_piece) pieces;
    VECTOR(struct core_file) files;
    VECTOR(struct core_thread) threads;
    VECTOR(Elf64_auxv_t) auxiliary;
    prpsinfo_t process; /* zero when there is no such note */
    bool has_process;
    char *paths; /* the strings of NT_FILE, each ended by a NUL */
};

/* core_notes.c: threads, process, mapped files; what makes no sense is left out. */
struct error *core_read_notes(struct core *core, Elf *elf, const Elf64_Phdr *note);
/* The value of an entry of the auxiliary vector; 0. */
uint64_t core_auxiliary(const struct core *core, uint64_t type);

/* core_pieces.c: segments and mapped files into pieces and mappings. */
struct error *core_make_pieces(struct target *target);
/* Only of the core, nothing of files. */
bool core_read_dumped(const struct core *core, uint64_t address, void *buffer, size_t size);
const struct core_piece *core_piece_at(const struct core *core, uint64_t address);

/* core_files.c: finds, proves and opens the mapped ELF files. */
struct error *core_open_files(struct core *core, const struct core_options *options);
/* core_build.c: the build-id of an ELF file: mapped at `start`, or open on a descriptor. */
bool core_mapped_build(const struct core *core, uint64_t start, struct build_id *build);
bool core_file_build(int descriptor, struct build_id *build);

/* core_arguments.c: the command line, each argument ended by a NUL; NULL: not found. The caller
 * frees. */
char *core_arguments(struct target *target, size_t *size);

/* core_process.c: the recorded files of /proc. */
struct error *core_make_files(struct target *target);

/* core_read.c */
extern const struct target_operations core_operations;

/* core_call.c: the system call that a thread was blocked in, by its registers. */
struct native_call {
    int64_t number;
    uint64_t arguments[6];
    uint64_t stack_pointer, program_counter;
};
bool native_system_call(struct target *target, const elf_gregset_t registers,
                        struct native_call *call);

#endif
