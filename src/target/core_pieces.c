/* Segments of a core and the files that were mapped, laid over each other. */
#include <string.h>

#include "target/core_internal.h"

/* ---- cutting --------------------------------------------------------------------------------- */

typedef VECTOR(uint64_t) address_vector;

static int compare_addresses(const void *left, const void *right)
{
    uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
    return (a > b) - (a < b);
}

/* Wherever a segment or a range begins or ends, in order. */
static bool find_borders(const struct core *core, address_vector *borders)
{
    bool ok = true;
    for (size_t i = 0; ok && i < core->segments.count; i++)
        ok = vector_push(borders, core->segments.items[i].start) &&
             vector_push(borders, core->segments.items[i].end);
    for (size_t i = 0; ok && i < core->ranges.count; i++)
        ok = vector_push(borders, core->ranges.items[i].start) &&
             vector_push(borders, core->ranges.items[i].end);
    if (ok && borders->count)
        qsort(borders->items, borders->count, sizeof *borders->items, compare_addresses);
    return ok;
}

static uint64_t within(uint64_t address, uint64_t start, uint64_t end)
{
    return address < start ? start : address > end ? end : address;
}

/* Memory that others write, too: nothing in a core says so but the path. */
static bool is_shared(const char *path)
{
    static const char *const places[] = {"/dev/", "/memfd:", "/SYSV", "/[aio]"};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        if (strncmp(path, places[i], strlen(places[i])) == 0)
            return true;
    return false;
}

/*
 * gdb leaves out altogether what a file has: that is code or constants. The kernel writes an empty
 * segment for it.
 */
static bool add_piece(struct target *target, const struct core_segment *segment,
                      const struct core_range *range, uint64_t start, uint64_t end)
{
    struct core *core = target->core;
    struct core_piece piece = {
        .start = start, .there = start, .dumped = start, .end = end, .file = NO_FILE};
    struct mapping mapping = {
        .start = start, .end = end, .readable = true, .executable = true, .path = ""};
    if (segment) {
        piece.there = within(segment->there, start, end);
        piece.dumped = within(segment->dumped, start, end);
        piece.offset = segment->offset + (start - segment->start);
        piece.writable = mapping.writable = segment->flags & PF_W;
        mapping.readable = segment->flags & PF_R;
        mapping.executable = segment->flags & PF_X;
    }
    if (range) {
        piece.file = range->file;
        piece.file_offset = mapping.offset = range->offset + (start - range->start);
        mapping.inode = 1;
        mapping.path = range->path;
        mapping.shared = mapping.writable && is_shared(range->path);
    }
    return vector_push(&core->pieces, piece) && vector_push(&target->mappings, mapping);
}

/* What the kernel has a name for, by what the auxiliary vector points to. */
static void name_special(struct target *target, uint64_t address, const char *name)
{
    struct mapping *mapping = (struct mapping *)target_mapping_at(target, address);
    if (address && mapping && !*mapping->path)
        mapping->path = name;
}

struct error *core_make_pieces(struct target *target)
{
    struct core *core = target->core;
    address_vector borders = {0};
    bool ok = find_borders(core, &borders);
    size_t segment = 0, range = 0;
    for (size_t i = 0; ok && i + 1 < borders.count; i++) {
        uint64_t start = borders.items[i], end = borders.items[i + 1];
        if (start == end)
            continue;
        while (segment < core->segments.count && core->segments.items[segment].end <= start)
            segment++;
        while (range < core->ranges.count && core->ranges.items[range].end <= start)
            range++;
        bool in_segment =
                 segment < core->segments.count && core->segments.items[segment].start <= start,
             in_range = range < core->ranges.count && core->ranges.items[range].start <= start;
        if (in_segment || in_range)
            ok = add_piece(target, in_segment ? &core->segments.items[segment] : NULL,
                           in_range ? &core->ranges.items[range] : NULL, start, end);
    }
    vector_free(&borders);
    name_special(target, core_auxiliary(core, AT_SYSINFO_EHDR), "[vdso]");
    name_special(target, core_auxiliary(core, AT_RANDOM), "[stack]");
    return ok ? NULL : error_no_memory();
}

/* ---- finding --------------------------------------------------------------------------------- */

/* The first piece that ends behind `address`. */
static size_t piece_at(const struct core *core, uint64_t address)
{
    size_t low = 0, high = core->pieces.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (core->pieces.items[middle].end <= address)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

const struct core_piece *core_piece_at(const struct core *core, uint64_t address)
{
    size_t index = piece_at(core, address);
    return index < core->pieces.count && core->pieces.items[index].start <= address
               ? &core->pieces.items[index]
               : NULL;
}
