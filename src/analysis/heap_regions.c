/* What the resident memory of the process is: objects, free room of the allocator, C, files. */
#include <stdlib.h>
#include <string.h>

#include "analysis/heap_parts.h"
#include "heap/pools.h"
#include "os/memory.h"

static bool add_region(struct heap_section *section, const char *name, uint64_t bytes,
                       const char *note)
{
    struct heap_region region = {name, bytes, note};
    return !bytes || vector_push(&section->regions, region);
}

static int compare_regions(const void *left, const void *right)
{
    const struct heap_region *a = left, *b = right;
    return (a->bytes < b->bytes) - (a->bytes > b->bytes);
}

/* Takes up to `bytes` out of *left. */
static uint64_t take(uint64_t *left, uint64_t bytes)
{
    uint64_t taken = bytes < *left ? bytes : *left;
    *left -= taken;
    return taken;
}

struct error *heap_add_regions(struct heap_work *work)
{
    struct heap_section *section = &work->report->heap;
    struct target *target = work->view->cpython.target;
    struct process_residence resident;
    struct pool_totals pools;
    if (!process_residence_read(target_files(target), &resident)) {
        report_add_not_checked(work->report, NULL,
                               "what the rest of the memory is: no record of the process's size");
        return NULL;
    }
    pools_count(target, &pools);
    uint64_t anonymous = resident.anonymous_bytes;
    uint64_t objects = take(&anonymous, section->bytes);
    uint64_t unused = take(&anonymous, pools.free_bytes + pools.header_bytes);
    bool good =
        add_region(section, "python-objects", objects, "with their tables") &&
        add_region(section, "allocator-free", unused, "free blocks and pools of pymalloc") &&
        add_region(section, "c-memory", anonymous,
                   "malloc of C code, stacks, blocks that are no objects") &&
        add_region(section, "files", resident.file_bytes, "code and data of mapped files") &&
        add_region(section, "shared", resident.shared_bytes, "shared memory");
    if (section->regions.count)
        qsort(section->regions.items, section->regions.count, sizeof *section->regions.items,
              compare_regions);
    return good ? NULL : error_no_memory();
}
