/*
 * memory_group.h: how much memory the control groups of a process leave it (cgroup v1 and v2).
 */
#ifndef STETH_OS_MEMORY_GROUP_H
#define STETH_OS_MEMORY_GROUP_H

#include <stdint.h>

#include "os/process_files.h"

/*
 * Bytes until the tightest limit, what the kernel would take back from files included; UINT64_MAX
 * when there is no limit, or none that we see.
 */
uint64_t memory_group_left(const struct process_files *files);

#endif
