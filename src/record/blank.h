/*
 * blank.h: leaves the program's own texts out of a copy of its memory (--values no). What stays:
 *
 *   - numbers and addresses: the shape of the heap;
 *   - names: texts of code, functions, classes, modules, threads and tasks that say what they are
 *     called and where they are defined; interned texts that look like identifiers, which names of
 *     attributes and variables are;
 *   - what no program writes to: code and constants of the mapped files.
 *
 * Everything else that is text is overwritten: the characters of all other str objects by '?', the
 * bytes of bytes and bytearray, and outside of objects (freed memory, buffers of libraries, stacks,
 * arguments and environment) whatever looks like text rather than like numbers and addresses.
 * For the files of this room only.
 */
#ifndef STETH_RECORD_BLANK_H
#define STETH_RECORD_BLANK_H

#include "runtime/runtime.h"
#include "target/capture_write.h"

struct blanking;

/* Learns which classes and threads there are from `cpython`, which is read now. */
struct error *blanking_new(const struct cpython *cpython, const interpreter_vector *interpreters,
                           struct blanking **blanking);
void blanking_free(struct blanking *blanking);

/* A copied piece of memory: its runs, and their bytes one after another. */
struct copied_memory {
    const capture_run_vector *runs;
    uint8_t *bytes;
};

/* First all pieces are searched for the names that are to stay, then each is blanked. */
struct error *blanking_learn(struct blanking *blanking, struct copied_memory memory);
void blanking_apply(const struct blanking *blanking, struct copied_memory memory);

#endif
