#include "resident.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PAGE_BYTES UINT64_C(4096)
#define PAGES_MAX  (PIECE_BYTES / PAGE_BYTES)
#define PRESENT    (UINT64_C(3) << 62) /* in memory or swapped */
#define PIECES_MAX ((size_t)1 << 20)

static void add_page(struct resident *resident, uint64_t page)
{
    struct piece *last = resident->count ? &resident->pieces[resident->count - 1] : NULL;
    if (last && last->start + last->size == page && last->size < PIECE_BYTES)
        last->size += PAGE_BYTES;
    else if (resident->count < PIECES_MAX)
        resident->pieces[resident->count++] = (struct piece){page, PAGE_BYTES};
}

static void add_present(struct resident *resident, int pagemap, uint64_t start, uint64_t end)
{
    static uint64_t entries[PAGES_MAX];
    while (start < end) {
        size_t want = (size_t)((end - start) / PAGE_BYTES);
        want = want < PAGES_MAX ? want : PAGES_MAX;
        ssize_t got = pread(pagemap, entries, want * sizeof *entries,
                            (off_t)(start / PAGE_BYTES * sizeof *entries));
        if (got < (ssize_t)sizeof *entries)
            return;
        for (size_t i = 0; i < (size_t)got / sizeof *entries; i++, start += PAGE_BYTES)
            if (entries[i] & PRESENT)
                add_page(resident, start);
    }
}

static void add_mappings(struct resident *resident, int pagemap, FILE *maps)
{
    char line[4096], access[8], path[4096];
    while (fgets(line, sizeof line, maps)) {
        uint64_t start, end;
        path[0] = '\0';
        if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %7s %*s %*s %*s %4095s", &start, &end, access,
                   path) < 3)
            continue;
        bool special = path[0] == '[' && strcmp(path, "[heap]") != 0;
        if (strncmp(access, "rw", 2) == 0 && access[3] == 'p' && !special)
            add_present(resident, pagemap, start, end);
    }
}

bool resident_find(pid_t pid, struct resident *resident)
{
    char name[64];
    snprintf(name, sizeof name, "/proc/%d/pagemap", (int)pid);
    int pagemap = open(name, O_RDONLY);
    snprintf(name, sizeof name, "/proc/%d/maps", (int)pid);
    FILE *maps = fopen(name, "r");
    *resident = (struct resident){.pieces = calloc(PIECES_MAX, sizeof *resident->pieces)};
    if (pagemap >= 0 && maps && resident->pieces)
        add_mappings(resident, pagemap, maps);
    if (maps)
        fclose(maps);
    if (pagemap >= 0)
        close(pagemap);
    return resident->count > 0;
}
