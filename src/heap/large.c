#include "heap/large.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

#define LARGE_BYTES ((size_t)4 << 20)
#define PAGE_BYTES  ((uintptr_t)4096)

void *large_array(size_t count, size_t size)
{
    char *array = calloc(count ? count : 1, size);
    if (array && count * size >= LARGE_BYTES) {
        char *page = array + (PAGE_BYTES - (uintptr_t)array % PAGE_BYTES);
        /* Where the kernel does not care to, nothing is lost. */
        (void)madvise(page, count * size - PAGE_BYTES, MADV_HUGEPAGE);
    }
    return array;
}
