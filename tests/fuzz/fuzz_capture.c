/*
 * Arbitrary bytes as a capture. As a file they would seldom get past its checksums: so most inputs
 * are the contents of sections, which are put into a file whose checksums are right. What opens is
 * read in all the ways that a look does.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "layout/cpython.h"
#include "os/process.h"
#include "os/tasks.h"
#include "target/capture.h"
#include "target/capture_write.h"
#include "target/symbols.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define READ_BYTES 65536
#define READS_MAX  256

/* In front of each section of an input. */
struct piece {
    uint8_t kind, moment, flags, blocks;
    uint32_t size;
};

/* The table of memory, its blocks where the writer put them: else they are never found. */
static void write_memory(struct capture_writer *writer, const uint8_t *bytes, size_t size,
                         uint32_t moment)
{
    capture_run_vector runs = {0};
    struct capture_run run;
    size_t total = 0;
    while (size >= sizeof run && runs.count < 64) {
        memcpy(&run, bytes, sizeof run);
        run.size = ((run.size & 0xF) + 1) * CAPTURE_PAGE;
        total += run.size;
        if (!vector_push(&runs, run))
            abort();
        bytes += sizeof run;
        size -= sizeof run;
    }
    uint8_t *memory = calloc(1, total + 1);
    if (!memory)
        abort();
    for (size_t at = 0; size && at < total; at += size)
        memcpy(memory + at, bytes, size < total - at ? size : total - at);
    error_free(capture_write_memory(writer, runs.items, runs.count, memory, false));
    error_free(capture_write_memory_end(writer, moment));
    free(memory);
    vector_free(&runs);
}

static void write_pieces(int file, const uint8_t *data, size_t size)
{
    struct capture_writer *writer;
    struct piece piece;
    if (capture_writer_new(file, 0, &writer))
        abort();
    while (size >= sizeof piece) {
        memcpy(&piece, data, sizeof piece);
        data += sizeof piece;
        size -= sizeof piece;
        size_t bytes = piece.size < size ? piece.size : size;
        struct capture_section section = {
            .kind = piece.kind & 7, .flags = piece.flags, .moment = piece.moment & 3};
        if (piece.blocks & 1)
            write_memory(writer, data, bytes, section.moment);
        else
            error_free(capture_write_section(writer, section, data, bytes));
        data += bytes;
        size -= bytes;
    }
    error_free(capture_writer_finish(writer));
    capture_writer_free(writer);
}

struct reading {
    struct target *target;
    unsigned reads;
    char *buffer;
};

static void read_range(void *context, uint64_t start, uint64_t end)
{
    struct reading *reading = context;
    while (start < end && reading->reads++ < READS_MAX) {
        size_t size = end - start < READ_BYTES ? (size_t)(end - start) : READ_BYTES;
        start += target_read_some(reading->target, start, reading->buffer, size) + 1;
    }
}

static void read_all(struct target *target)
{
    struct reading reading = {.target = target, .buffer = malloc(READ_BYTES)};
    size_t count;
    const struct mapping *mappings = target_mappings(target, &count);
    target_visit_present(target, 0, UINT64_MAX, read_range, &reading);
    for (size_t i = 0; reading.buffer && i < count && i < READS_MAX; i++) {
        target_visit_present(target, mappings[i].start, mappings[i].end, read_range, &reading);
        read_range(&reading, mappings[i].start, mappings[i].end);
        (void)target_mapping_at(target, mappings[i].end);
    }
    free(reading.buffer);
}

static void look(struct target *target)
{
    struct process_facts facts = {0};
    struct elf_modules modules;
    struct cpython *cpython = NULL;
    process_task_vector tasks = {0};
    error_free(process_facts_read(target_files(target), &facts));
    process_facts_free(&facts);
    error_free(process_tasks(target_files(target), &tasks));
    vector_free(&tasks);
    struct error *error = elf_modules_list(target, &modules);
    for (size_t i = 0; !error && i < modules.count; i++)
        (void)elf_module_symbol(target, &modules.items[i], "_PyRuntime", NULL);
    if (!error)
        elf_modules_free(&modules);
    error_free(error);
    error = cpython_attach(target, &cpython);
    if (!error)
        cpython_detach(cpython);
    error_free(error);
}

static void examine(struct target *target)
{
    read_all(target);
    look(target);
    (void)target_capture_fact(target, "kernel");
    struct target *later = target_later(target);
    if (later)
        read_all(later);
    process_files_wait(target_files(target), 0);
    read_all(target);
    look(target);
    (void)target_damage(target);
    target_close(target);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct target *target;
    char path[64];
    if (!size)
        return 0;
    int file = memfd_create("capture", MFD_CLOEXEC);
    if (file < 0)
        return 0;
    if (data[0] & 1)
        write_pieces(file, data + 1, size - 1);
    else if (write(file, data + 1, size - 1) < 0)
        abort();
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    (void)capture_recognise(path);
    struct error *error = target_open_capture(path, &target);
    if (!error)
        examine(target);
    error_free(error);
    close(file);
    return 0;
}
