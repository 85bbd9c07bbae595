/* parallel.h: the same work in several threads, one for each processor that we may use. */
#ifndef STETH_AUDIT_PARALLEL_H
#define STETH_AUDIT_PARALLEL_H

#include <stddef.h>

#define PARALLEL_MOST 16

/* How many threads are of use for so many pieces of work: 1 to PARALLEL_MOST. */
unsigned parallel_count(size_t pieces);

/*
 * Calls `work` with each of `count` arguments of `size` bytes, the first in this thread, the others
 * in one each, and waits for all. An argument that no thread could be made for is left out: the
 * pieces of work are not divided beforehand.
 */
void parallel_run(void *(*work)(void *argument), void *arguments, size_t size, unsigned count);

#endif
