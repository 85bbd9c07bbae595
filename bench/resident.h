/*
 * resident.h: the resident private writable bytes of a process, as pieces to be read: what the raw
 * benchmarks copy. Shares no code with steth.
 */
#ifndef STETH_BENCH_RESIDENT_H
#define STETH_BENCH_RESIDENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define PIECE_BYTES ((size_t)8 << 20)

struct piece {
    uint64_t start;
    size_t size; /* at most PIECE_BYTES */
};

struct resident {
    struct piece *pieces; /* free() them */
    size_t count;
};

/* False when the process cannot be read or has none. */
bool resident_find(pid_t pid, struct resident *resident);

#endif
