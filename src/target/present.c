/* Which pages of a live process are there: asked for runs where the kernel knows them, else read.
 */
#include "target/internal.h"

#include <linux/types.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define PAGE_SIZE     UINT64_C(4096)
#define ENTRIES_BATCH 512
#define REGIONS_BATCH 256
/* Present or swapped, in the entries of /proc/PID/pagemap
 * (Documentation/admin-guide/mm/pagemap.rst)
 */
#define ENTRY_RESIDENT (UINT64_C(3) << 62)

/* PAGEMAP_SCAN of <linux/fs.h>, Linux 6.7, for building with older headers. */
struct scan_region {
    __u64 start, end, categories;
};
struct scan_arguments {
    __u64 size, flags;
    __u64 start, end, walk_end;
    __u64 regions, region_count, pages_max;
    __u64 category_inverted, category_mask, category_anyof_mask, return_mask;
};
#define SCAN          _IOWR('f', 16, struct scan_arguments)
#define SCAN_PRESENT  (UINT64_C(1) << 3)
#define SCAN_SWAPPED  (UINT64_C(1) << 4)
#define SCAN_RESIDENT (SCAN_PRESENT | SCAN_SWAPPED)

/* Joins neighbouring runs: [start, end) is the one not shown yet, none when both are equal. */
struct run {
    uint64_t start, end;
    void (*visit)(void *context, uint64_t start, uint64_t end);
    void *context;
};

static void run_end(struct run *run)
{
    if (run->start < run->end)
        run->visit(run->context, run->start, run->end);
    run->start = run->end;
}

static void run_add(struct run *run, uint64_t start, uint64_t end)
{
    if (run->end != start) {
        run_end(run);
        run->start = start;
    }
    run->end = end;
}

/* Both return how far they came: `end`, or less when the kernel refused to go on. */
static uint64_t scan(int pagemap, uint64_t start, uint64_t end, struct run *run)
{
    struct scan_region regions[REGIONS_BATCH];
    while (start < end) {
        struct scan_arguments arguments = {
            .size = sizeof arguments,
            .start = start,
            .end = end,
            .regions = (uint64_t)(uintptr_t)regions,
            .region_count = REGIONS_BATCH,
            .category_anyof_mask = SCAN_RESIDENT,
            .return_mask = SCAN_RESIDENT,
        };
        int count = ioctl(pagemap, SCAN, &arguments);
        if (count < 0 || arguments.walk_end <= start)
            return start;
        for (int i = 0; i < count; i++)
            run_add(run, regions[i].start, regions[i].end);
        start = arguments.walk_end;
    }
    return end;
}

static uint64_t read_entries(int pagemap, uint64_t start, uint64_t end, struct run *run)
{
    uint64_t entries[ENTRIES_BATCH];
    while (start < end) {
        size_t want = (size_t)((end - start) / PAGE_SIZE);
        want = want < ENTRIES_BATCH ? want : ENTRIES_BATCH;
        ssize_t got = pread(pagemap, entries, want * sizeof *entries,
                            (off_t)(start / PAGE_SIZE * sizeof *entries));
        if (got < (ssize_t)sizeof *entries)
            return start;
        for (size_t i = 0; i < (size_t)got / sizeof *entries; i++, start += PAGE_SIZE)
            if (entries[i] & ENTRY_RESIDENT)
                run_add(run, start, start + PAGE_SIZE);
    }
    return end;
}

void present_visit(int pagemap, enum present_way way, uint64_t start, uint64_t end,
                   void (*visit)(void *context, uint64_t start, uint64_t end), void *context)
{
    struct run run = {.visit = visit, .context = context};
    if (way == PRESENT_SCAN)
        start = scan(pagemap, start, end, &run);
    start = read_entries(pagemap, start, end, &run);
    if (start < end) /* cannot be told */
        run_add(&run, start, end);
    run_end(&run);
}
