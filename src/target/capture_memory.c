/*
 * The memory of a capture: blocks are decompressed when they are first needed, by whoever needs
 * them, and stay as long as there is room. Nothing here is allocated before its block proved to
 * be what it promises.
 */
#include "target/capture_internal.h"

#include <string.h>

#include "base/cleanup.h"
#include "target/capture_frame.h"

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

/* ---- blocks ---------------------------------------------------------------------------------- */

static ZSTD_DCtx *take_decompressor(struct capture *capture)
{
    pthread_mutex_lock(&capture->lock);
    ZSTD_DCtx *context =
        capture->idle_decompressors ? capture->decompressors[--capture->idle_decompressors] : NULL;
    pthread_mutex_unlock(&capture->lock);
    return context ? context : ZSTD_createDCtx();
}

static void give_decompressor(struct capture *capture, ZSTD_DCtx *context)
{
    pthread_mutex_lock(&capture->lock);
    if (capture->idle_decompressors < CAPTURE_DECOMPRESSORS) {
        capture->decompressors[capture->idle_decompressors++] = context;
        context = NULL;
    }
    pthread_mutex_unlock(&capture->lock);
    ZSTD_freeDCtx(context);
}

/* A new piece of memory with the bytes of `block`; NULL: damaged, or no memory. */
static uint8_t *unpack(struct capture *capture, const struct stored_block *block)
{
    _cleanup_free_ uint8_t *frame = malloc(block->stored ? block->stored : 1);
    ZSTD_DCtx *context = take_decompressor(capture);
    uint8_t *bytes = NULL;
    if (frame && context && capture_pread(capture->file, frame, block->stored, block->offset) &&
        ZSTD_getFrameContentSize(frame, block->stored) == block->raw &&
        (bytes = malloc(block->raw)) &&
        ZSTD_decompressDCtx(context, bytes, block->raw, frame, block->stored) != block->raw) {
        free(bytes);
        bytes = NULL;
    }
    give_decompressor(capture, context);
    return bytes;
}

static void note_damage(struct capture *capture, const struct stored_memory *memory,
                        struct stored_block *block)
{
    if (atomic_exchange(&block->damaged, true))
        return;
    pthread_mutex_lock(&capture->lock);
    struct target_damage *damage = &capture->damage;
    for (size_t i = 0; i < memory->run_count; i++) {
        const struct stored_run *run = &memory->runs[i];
        uint64_t size = run->end - run->start, end = block->place + block->raw;
        if (run->place >= end || run->place + size <= block->place)
            continue;
        uint64_t first = block->place > run->place ? block->place - run->place : 0;
        uint64_t last = end - run->place < size ? end - run->place : size;
        if (!damage->blocks || run->start + first < damage->first)
            damage->first = run->start + first;
        if (!damage->blocks || run->start + last > damage->last)
            damage->last = run->start + last;
    }
    damage->blocks++;
    damage->bytes += block->raw;
    pthread_mutex_unlock(&capture->lock);
}

/* A block that has no room to stay: only the last such one does. */
static bool copy_from_last(struct capture *capture, const struct stored_block *block, size_t at,
                           void *buffer, size_t size)
{
    pthread_mutex_lock(&capture->lock);
    bool there = capture->last_block == block;
    if (there)
        memcpy(buffer, capture->last + at, size);
    pthread_mutex_unlock(&capture->lock);
    return there;
}

static void keep_last(struct capture *capture, const struct stored_block *block, uint8_t *bytes)
{
    pthread_mutex_lock(&capture->lock);
    uint8_t *before = capture->last;
    capture->last = bytes;
    capture->last_block = block;
    pthread_mutex_unlock(&capture->lock);
    free(before);
}

/* Keeps a block for good when there is room, and nobody else did so meanwhile. */
static void keep(struct capture *capture, struct stored_block *block, uint8_t *bytes)
{
    uint8_t *none = NULL;
    if (atomic_fetch_add(&capture->kept, block->raw) + block->raw > capture->keep_most) {
        atomic_fetch_sub(&capture->kept, block->raw);
        keep_last(capture, block, bytes);
    } else if (!atomic_compare_exchange_strong(&block->bytes, &none, bytes)) {
        atomic_fetch_sub(&capture->kept, block->raw);
        free(bytes);
    }
}

static bool copy_block(struct capture *capture, const struct stored_memory *memory,
                       struct stored_block *block, size_t at, void *buffer, size_t size)
{
    uint8_t *bytes = atomic_load_explicit(&block->bytes, memory_order_acquire);
    if (bytes) {
        memcpy(buffer, bytes + at, size);
        return true;
    }
    if (block->damaged || copy_from_last(capture, block, at, buffer, size))
        return !block->damaged;
    bytes = unpack(capture, block);
    if (!bytes) {
        note_damage(capture, memory, block);
        return false;
    }
    memcpy(buffer, bytes + at, size);
    keep(capture, block, bytes);
    return true;
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
