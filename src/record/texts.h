/* texts.h: what the kernel tells of the process, for a capture. For record*.c only. */
#ifndef STETH_RECORD_TEXTS_H
#define STETH_RECORD_TEXTS_H

#include "target/capture_write.h"

/*
 * Appends the files of /proc/PID of one moment as records of SECTION_PROCESS_FILES: at moment 0
 * everything, later what concerns the threads. `values` false: of the command line its first word
 * only. False when there is no memory.
 */
bool texts_take(const struct process_files *files, unsigned moment, bool values,
                capture_bytes *bytes, uint64_t *threads);

/* Appends the mappings as lines of /proc/PID/maps. */
bool texts_of_mappings(struct target *target, capture_bytes *bytes);

#endif
