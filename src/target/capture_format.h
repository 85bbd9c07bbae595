/*
 * capture_format.h: a capture as a file: what `steth record` writes and every reading verb reads.
 * docs/CAPTURE.md tells the same to people. All numbers are little-endian.
 *
 *   header     magic, versions, flags, their checksum
 *   frames     one after another, each a zstd frame with its own checksum: blocks of memory,
 *              and the sections
 *   index      a zstd frame: which sections there are, and where
 *   trailer    magic, where the index is, checksum
 *
 * A file is written from its beginning to its end, so it can go through a pipe; it is read from its
 * end. Blocks of memory are decompressed when they are needed.
 *
 * Rules for versions. A file says which version wrote it (`version`) and the oldest version whose
 * readers understand it (`readable_from`). A reader of version n reads every file with
 * readable_from <= n, so what version n wrote opens in n + 1 and later. To add something:
 *   - a new kind of section with SECTION_OPTIONAL: older readers skip it; readable_from stays;
 *   - fields at the end of a record: tables state the size of their records, and readers take what
 *     they know of each; readable_from stays;
 *   - anything else: a new version, and readable_from is raised to it. The reader goes on to read
 *     all versions before.
 * Meanings of existing fields never change.
 */
#ifndef STETH_TARGET_CAPTURE_FORMAT_H
#define STETH_TARGET_CAPTURE_FORMAT_H

#include <stdint.h>

#define CAPTURE_VERSION       1
#define CAPTURE_READABLE_FROM 1

/* The first byte is no text in any encoding, and the line end shows a transfer that changed it. */
#define CAPTURE_MAGIC       "\x89STETH\r\n"
#define CAPTURE_END_MAGIC   "STETHEND"
#define CAPTURE_MAGIC_BYTES 8

struct capture_header {
    char magic[CAPTURE_MAGIC_BYTES];
    uint32_t version;
    uint32_t readable_from;
    uint64_t flags; /* enum capture_flag */
    uint8_t reserved[36];
    uint32_t checksum; /* CRC-32 of what precedes */
};
_Static_assert(sizeof(struct capture_header) == 64, "as in the file");

enum capture_flag {
    CAPTURE_WITHOUT_VALUES = 1 << 0, /* texts that may be the program's data were left out */
};

struct capture_trailer {
    uint64_t index_offset;
    uint64_t index_stored; /* bytes in the file */
    uint32_t index_raw;    /* and decompressed */
    uint32_t checksum;     /* CRC-32 of what precedes */
    char magic[CAPTURE_MAGIC_BYTES];
};
_Static_assert(sizeof(struct capture_trailer) == 32, "as in the file");

/* At the beginning of the index and of a section that is a table: what follows it. */
struct capture_table {
    uint32_t count;
    uint32_t record_size;
};

struct capture_section {
    uint32_t kind;   /* enum section_kind */
    uint32_t flags;  /* enum section_flag */
    uint32_t moment; /* 0: the first look; 1: the second */
    uint32_t reserved;
    uint64_t offset, stored; /* where the frame is */
    uint64_t raw;            /* its size when it is decompressed */
};

enum section_kind {
    SECTION_FACTS = 1,         /* lines "key value" about the recording */
    SECTION_MAPPINGS = 2,      /* /proc/PID/maps, of one moment */
    SECTION_PROCESS_FILES = 3, /* files of /proc/PID: struct capture_process_file each */
    SECTION_MEMORY = 4,        /* where memory is: struct capture_memory; later moments hold what
                                  changed */
    SECTION_ELF_FILE = 5,      /* parts of a mapped file: struct capture_elf_file */
};

enum section_flag {
    SECTION_OPTIONAL = 1 << 0, /* who does not know its kind may skip it */
};

/*
 * A section of memory: this, then `runs` runs in address order, then `blocks` blocks. The bytes of
 * all runs one after another are cut into blocks, each a frame of its own. A page of a readable
 * private mapping without a file that is in no run was never touched: it reads as zero.
 */
struct capture_memory {
    uint32_t run_size, block_size; /* of the records */
    uint64_t runs, blocks;
};

struct capture_run {
    uint64_t address, size; /* multiples of 4096 */
};

struct capture_block {
    uint64_t offset;
    uint32_t stored;
    uint32_t raw;
};

/* Then the path ("task/12/stat", below /proc/PID; "@fd/3": where the link fd/3 leads), then the
 * bytes. */
struct capture_process_file {
    uint32_t moment;
    uint32_t path_size;
    uint64_t size;
};

/* Then `parts` parts, then their bytes: the headers and symbol tables of a mapped ELF file. */
struct capture_elf_file {
    uint64_t start; /* where the file's first page is mapped */
    uint32_t parts;
    uint32_t part_size; /* of the records */
};

struct capture_elf_part {
    uint64_t offset, size; /* in that file */
};

/* What a reader accepts; a writer stays below. */
#define CAPTURE_BLOCK_BYTES    ((uint32_t)256 << 10)
#define CAPTURE_BLOCK_MAX      ((uint32_t)16 << 20)
#define CAPTURE_SECTION_MAX    (UINT64_C(512) << 20)
#define CAPTURE_INDEX_MAX      ((uint32_t)4 << 20)
#define CAPTURE_MOMENTS_MAX    2
#define CAPTURE_PAGE           UINT64_C(4096)
#define CAPTURE_ELF_PARTS_MAX  16
#define CAPTURE_ELF_OFFSET_MAX (UINT64_C(1) << 40)

#endif
