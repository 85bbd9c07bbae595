/*
 * memory.h: what the resident memory of a process is, as the kernel counts it; and how much memory
 * steth itself may take, so that looking does no harm.
 */
#ifndef STETH_OS_MEMORY_H
#define STETH_OS_MEMORY_H

#include <stdbool.h>
#include <stdint.h>

#include "os/process_files.h"

/* VmRSS of /proc/PID/status, in its three parts. */
struct process_residence {
    uint64_t anonymous_bytes, file_bytes, shared_bytes;
};
/* False when it is not told. */
bool process_residence_read(const struct process_files *files, struct process_residence *resident);

/*
 * Bytes that the machine can give without swapping, within the limit of our own control group
 * (cgroup v2, v1); UINT64_MAX when that cannot be told.
 */
uint64_t memory_available(void);

#endif
