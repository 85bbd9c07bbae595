/* process_files_internal.h: the record behind process_files.h; private to process_files*.c. */
#ifndef STETH_OS_PROCESS_FILES_INTERNAL_H
#define STETH_OS_PROCESS_FILES_INTERNAL_H

#include <stdatomic.h>
#include <stdint.h>

#include "base/address_map.h"
#include "base/vector.h"
#include "os/process_files.h"

struct recorded_file {
    char *path;
    char *bytes; /* a NUL behind them */
    size_t size;
    unsigned moment;
    uint32_t before; /* the one added before it under the same hash; ADDRESS_MAP_ABSENT */
};

/* What was recorded at one moment of what begins alike: "task". */
struct recorded_group {
    char *name;
    unsigned moment;
};

struct recorded_clocks {
    unsigned moment;
    double monotonic, since_boot;
};

struct process_files {
    pid_t pid;
    bool live;
    atomic_uint moment; /* the one that is shown */
    unsigned last;
    VECTOR(struct recorded_file) files;
    VECTOR(struct recorded_group) groups;
    VECTOR(struct recorded_clocks) clocks;
    struct address_map by_hash; /* of the path -> the last of its files */
};

char *record_read(const struct process_files *files, const char *path, size_t limit, size_t *size);
bool record_visit(const struct process_files *files, const char *directory,
                  bool (*visit)(void *context, const char *name), void *context);
/* The clocks as of now; NULL: not recorded. */
const struct recorded_clocks *record_clocks(const struct process_files *files);
void record_free(struct process_files *files);

#endif
