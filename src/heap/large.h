/* large.h: arrays with an entry for each node of a heap. Private to the graph algorithms. */
#ifndef STETH_HEAP_LARGE_H
#define STETH_HEAP_LARGE_H

#include <stddef.h>

/*
 * Zeroed; free() releases it; NULL when there is no memory. Memory is taken as it is touched. A
 * large one is asked to be in huge pages: what is done with it is to look here and there, and a
 * fifth of the time of that goes into finding the pages.
 */
void *large_array(size_t count, size_t size);

#endif
