/*
 * descriptors.h: what a process has open, by target: files by path, sockets by whom they lead to.
 */
#ifndef STETH_OS_DESCRIPTORS_H
#define STETH_OS_DESCRIPTORS_H

#include <stdint.h>

#include "base/error.h"
#include "base/vector.h"
#include "os/process_files.h"

struct descriptor_group {
    const char *kind; /* "file", "socket", "pipe", "other"; static */
    char *target;     /* "/var/log/x", "tcp to 10.0.0.5:5432", "tcp accepted on port 80", "pipe" */
    uint64_t count;
};
typedef VECTOR(struct descriptor_group) descriptor_vector;

/* Sorted by kind and target. ERROR_PERMISSION or ERROR_CANNOT_LOOK when they may not be listed. */
struct error *descriptors_list(const struct process_files *files, descriptor_vector *groups);
void descriptors_free(descriptor_vector *groups);

/*
 * What one descriptor is open on, NULL when unknown: "/var/log/x"; of a socket of the network both
 * its ends, "tcp 10.0.0.7:41234 to 10.0.0.5:5432"; of another one "socket:[123]". The caller frees.
 */
char *descriptor_target(const struct process_files *files, int number);

#endif
