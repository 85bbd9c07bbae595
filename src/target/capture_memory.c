/* The memory of a capture: the table of what is stored, and reading at an address. */
#include "target/capture_internal.h"

#include <string.h>

/* ---- the table ------------------------------------------------------------------------------- */

/* A table's records may have grown since: what is known of each. */
static bool record_at(const uint8_t *table, size_t size, uint64_t index, uint32_t record_size,
                      void *record, size_t known)
{
    memset(record, 0, known);
    if (!record_size || index >= size / record_size)
        return false;
    memcpy(record, table + index * record_size, known < record_size ? known : record_size);
    return true;
}

static bool read_runs(struct stored_memory *memory, const uint8_t *table, size_t size,
                      uint32_t record_size, uint64_t *total)
{
    uint64_t end = 0;
    for (size_t i = 0; i < memory->run_count; i++) {
        struct capture_run run;
        if (!record_at(table, size, i, record_size, &run, sizeof run) || run.address < end ||
            !run.size || (run.address | run.size) & (CAPTURE_PAGE - 1) ||
            run.address + run.size < run.address || *total + run.size < *total)
            return false;
        end = run.address + run.size;
        memory->runs[i] = (struct stored_run){run.address, end, *total};
        *total += run.size;
    }
    return true;
}

static bool read_blocks(const struct capture *capture, struct stored_memory *memory,
                        const uint8_t *table, size_t size, uint32_t record_size, uint64_t total)
{
    uint64_t place = 0;
    for (size_t i = 0; i < memory->block_count; i++) {
        struct capture_block block;
        if (!record_at(table, size, i, record_size, &block, sizeof block) || !block.raw ||
            block.raw > CAPTURE_BLOCK_MAX || block.offset > capture->size ||
            block.stored > capture->size - block.offset)
            return false;
        memory->blocks[i] = (struct stored_block){
            .place = place, .offset = block.offset, .stored = block.stored, .raw = block.raw};
        place += block.raw;
    }
    return place == total;
}

struct error *stored_memory_read(struct capture *capture, uint32_t moment, const uint8_t *bytes,
                                 size_t size)
{
    struct capture_memory head;
    struct stored_memory *memory = &capture->memory[moment];
    if (memory->runs || size < sizeof head)
        return capture_damaged(capture, "the table of its memory");
    memcpy(&head, bytes, sizeof head);
    size_t left = size - sizeof head;
    if (!head.run_size || !head.block_size || head.runs > left / head.run_size ||
        head.blocks > (left - head.runs * head.run_size) / head.block_size)
        return capture_damaged(capture, "the table of its memory");
    /* One more than there are: a table without records is a table, too. */
    memory->runs = calloc(head.runs + 1, sizeof *memory->runs);
    memory->blocks = calloc(head.blocks + 1, sizeof *memory->blocks);
    if (!memory->runs || !memory->blocks)
        return error_no_memory();
    memory->run_count = head.runs;
    memory->block_count = head.blocks;
    uint64_t total = 0;
    const uint8_t *runs = bytes + sizeof head, *blocks = runs + head.runs * head.run_size;
    if (!read_runs(memory, runs, head.runs * head.run_size, head.run_size, &total) ||
        !read_blocks(capture, memory, blocks, head.blocks * head.block_size, head.block_size,
                     total))
        return capture_damaged(capture, "the table of its memory");
    return NULL;
}

void stored_memory_free(struct stored_memory *memory)
{
    for (size_t i = 0; memory->blocks && i < memory->block_count; i++)
        free(memory->blocks[i].bytes);
    free(memory->blocks);
    free(memory->runs);
}

/* ---- reading --------------------------------------------------------------------------------- */

/* The first run that ends behind `address`. */
static size_t run_at(const struct stored_memory *memory, uint64_t address)
{
    size_t low = 0, high = memory->run_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (memory->runs[middle].end <= address)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* The block that holds `place`, which is in one. */
static size_t block_at(const struct stored_memory *memory, uint64_t place)
{
    size_t low = 0, high = memory->block_count;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (memory->blocks[middle].place <= place)
            low = middle;
        else
            high = middle;
    }
    return low;
}

static bool copy_block(struct capture *capture, const struct stored_memory *memory,
                       struct stored_block *block, size_t at, void *buffer, size_t size)
{
    const uint8_t *bytes = atomic_load_explicit(&block->bytes, memory_order_acquire);
    if (!bytes)
        return stored_block_fetch(capture, memory, block, at, buffer, size);
    memcpy(buffer, bytes + at, size);
    return true;
}

/* `size` bytes at `place`, which are all within one run; how many leading ones could be read. */
static size_t copy_stored(struct capture *capture, const struct stored_memory *memory,
                          uint64_t place, uint8_t *buffer, size_t size)
{
    size_t done = 0;
    for (size_t i = block_at(memory, place); done < size; i++) {
        struct stored_block *block = &memory->blocks[i];
        size_t at = (size_t)(place + done - block->place), step = block->raw - at;
        step = step < size - done ? step : size - done;
        if (!copy_block(capture, memory, block, at, buffer + done, step))
            break;
        done += step;
    }
    return done;
}

/* Of an anonymous mapping, pages that nobody wrote to are not stored. */
static bool reads_as_zero(const struct mapping *mapping)
{
    const char *path = mapping->path;
    return mapping->readable && !mapping->shared &&
           (!*path || strcmp(path, "[heap]") == 0 || strncmp(path, "[stack", 6) == 0 ||
            strncmp(path, "[anon", 5) == 0);
}

static const struct mapping *mapping_at(const mapping_vector *mappings, uint64_t address)
{
    size_t low = 0, high = mappings->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (mappings->items[middle].end <= address)
            low = middle + 1;
        else
            high = middle;
    }
    const struct mapping *mapping = low < mappings->count ? &mappings->items[low] : NULL;
    return mapping && mapping->start <= address ? mapping : NULL;
}

/* The piece from `address` on that lies in one place: its end, and the run that it is in, of the
 * newest moment first; NULL: in none. */
static uint64_t piece_at(struct capture *capture, uint32_t moment, uint64_t address, uint64_t end,
                         const struct stored_memory **memory, const struct stored_run **run)
{
    *run = NULL;
    for (uint32_t i = moment + 1; i-- > 0;) {
        const struct stored_memory *of = &capture->memory[i];
        size_t index = run_at(of, address);
        if (index == of->run_count)
            continue;
        const struct stored_run *found = &of->runs[index];
        if (found->start <= address) {
            *memory = of;
            *run = found;
            return found->end < end ? found->end : end;
        }
        end = found->start < end ? found->start : end; /* what is newer begins there */
    }
    return end;
}

size_t capture_read(struct capture *capture, uint32_t moment, uint64_t address, void *buffer,
                    size_t size)
{
    size_t done = 0;
    while (done < size) {
        const struct stored_memory *memory;
        const struct stored_run *run;
        uint64_t at = address + done;
        uint64_t end = piece_at(capture, moment, at, address + size, &memory, &run);
        uint8_t *to = (uint8_t *)buffer + done;
        size_t step = (size_t)(end - at);
        if (run) {
            size_t got = copy_stored(capture, memory, at - run->start + run->place, to, step);
            done += got;
            if (got < step)
                break;
            continue;
        }
        const struct mapping *mapping = mapping_at(&capture->mappings[moment], at);
        if (!mapping || !reads_as_zero(mapping))
            break;
        if (mapping->end - at < step)
            step = (size_t)(mapping->end - at);
        memset(to, 0, step);
        done += step;
    }
    return done;
}

void capture_visit(const struct capture *capture, uint32_t moment, uint64_t start, uint64_t end,
                   void (*visit)(void *context, uint64_t start, uint64_t end), void *context)
{
    size_t next[CAPTURE_MOMENTS_MAX];
    for (uint32_t i = 0; i <= moment; i++)
        next[i] = run_at(&capture->memory[i], start);
    uint64_t from = start, to = start; /* what is not shown yet */
    for (;;) {
        const struct stored_run *first = NULL;
        uint32_t of = 0;
        for (uint32_t i = 0; i <= moment; i++) {
            const struct stored_memory *memory = &capture->memory[i];
            if (next[i] < memory->run_count &&
                (!first || memory->runs[next[i]].start < first->start)) {
                first = &memory->runs[next[i]];
                of = i;
            }
        }
        bool last = !first || first->start >= end;
        if (last || first->start > to) {
            if (from < to)
                visit(context, from, to < end ? to : end);
            if (last)
                return;
            from = to = first->start > start ? first->start : start;
        }
        to = first->end > to ? first->end : to;
        next[of]++;
    }
}
