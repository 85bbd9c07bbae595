/*
 * code_tables.h: what a code object says about its instructions: lines, handlers of exceptions,
 * names of variables. Parsers take bytes copied from a target, whatever these hold; they read
 * nothing else and end within the bytes. Private to this room, its tests and its fuzzer.
 */
#ifndef STETH_RUNTIME_CODE_TABLES_H
#define STETH_RUNTIME_CODE_TABLES_H

#include <stddef.h>

#include "runtime/internal.h"

/* ---- line_table.c ---------------------------------------------------------------------------- */

/*
 * The line of the instruction at byte `instruction`; 0 when it has none, or when the table does not
 * cover it. `first_line` is co_firstlineno.
 */
unsigned line_table_find(enum line_table_kind kind, const uint8_t *table, size_t size,
                         int32_t first_line, int64_t instruction);

/* ---- exception_table.c (3.11+) --------------------------------------------------------------- */

/* Where an exception goes. */
struct exception_handler {
    uint32_t unit;  /* of its first instruction, counted in code units of 16 bits */
    uint32_t depth; /* words of the value stack that stay */
};

/* The handler of what is raised at code unit `unit`; false when nothing there catches it. */
bool exception_table_find(const uint8_t *table, size_t size, uint32_t unit,
                          struct exception_handler *handler);

/* ---- code_bytes.c ---------------------------------------------------------------------------- */

/* A copy of a bytes object; the caller frees with `free(copy.bytes)`. */
struct bytes_copy {
    uint8_t *bytes;
    size_t size;
};

/* Of the bytes object in the field at `place` of `code`; false when it is not a sound one. */
bool code_bytes_read(const struct cpython *cpython, uint64_t code, int32_t place,
                     struct bytes_copy *copy);

/* Copies `size` bytes of instructions from byte `offset` on; false when they are not all there. */
bool code_instructions_read(const struct cpython *cpython, uint64_t code, uint64_t offset,
                            uint8_t *bytes, size_t size);

/* How many bytes of instructions `code` has, -1 when that cannot be told. */
int64_t code_instructions_size(const struct cpython *cpython, uint64_t code);

/* ---- frame_place.c --------------------------------------------------------------------------- */

/* As frame_instruction, which see; but false when it is unknown, and -1 when not started. */
bool frame_instruction_read(const struct cpython *cpython, const struct frame_view *frame,
                            int64_t *instruction);

/* The same from what a frame of 3.11 or later keeps, a pointer into its code. */
bool frame_instruction_of(const struct cpython *cpython, uint64_t code, uint64_t pointer,
                          int64_t *instruction);

/* ---- with_blocks.c --------------------------------------------------------------------------- */

/* More than the blocks that CPython lets one function nest (CO_MAXBLOCKS: 20, later 40). */
#define WITH_BLOCKS_MAX 64

struct with_block {
    uint32_t handler; /* byte offset of the code that leaves it */
    uint32_t depth;   /* of the value stack outside of its body, __exit__ included */
    bool async;
};
struct with_blocks {
    size_t count;
    struct with_block items[WITH_BLOCKS_MAX]; /* outermost first */
    /* Byte offsets of the handlers of other blocks, such as `finally`, in no order; not all when
     * there are more. */
    size_t other_count;
    uint32_t others[WITH_BLOCKS_MAX];
};

/* The part of a frame that tells its blocks: its instruction; up to 3.10 its block stack. */
#define POSITION_MAX 512
struct frame_position {
    uint8_t bytes[POSITION_MAX];
};

/* How to read it; false when the layout does not say. */
bool frame_position_request(const struct cpython *cpython, const struct frame_view *frame,
                            struct frame_position *position, struct read_request *request);

/* The with blocks that a frame of `code` is inside of there; false when that cannot be known. */
bool with_blocks_find(const struct cpython *cpython, uint64_t code,
                      const struct frame_position *position, struct with_blocks *blocks);

#endif
