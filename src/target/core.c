#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "target/core_internal.h"
#include "target/native_internal.h"

#define FILES_NAMED 5 /* of those that are missing */
#define STACK_WORDS 32
#define REASONS     4 /* why files are missing */

bool core_recognise(const void *bytes, size_t size)
{
    return size >= SELFMAG && memcmp(bytes, ELFMAG, SELFMAG) == 0;
}

static struct error *no_core(const struct core *core, const char *why)
{
    return error_new(ERROR_CANNOT_LOOK, "'%s' %s", core->path, why);
}

static const char *machine_name(uint16_t machine)
{
    switch (machine) {
    case EM_X86_64:
        return "x86-64";
    case EM_AARCH64:
        return "aarch64";
    default:
        return "another processor";
    }
}

/* The file is an ELF core of this machine. */
static struct error *check_header(const struct core *core, Elf *elf)
{
    GElf_Ehdr header;
    if (elf_kind(elf) != ELF_K_ELF || !gelf_getehdr(elf, &header))
        return no_core(core, "is no ELF file");
    if (header.e_ident[EI_CLASS] != ELFCLASS64)
        return no_core(core, "is of a 32-bit program; only 64-bit ones can be examined");
    if (header.e_ident[EI_DATA] != ELFDATA2LSB)
        return no_core(core, "is of a big-endian machine, which cannot be examined");
    if (header.e_type != ET_CORE)
        return error_hint(no_core(core, "is an ELF file, but not a core"),
                          "give the pid of a running process, or a core file");
    if (header.e_machine != native_machine.elf)
        return error_new(ERROR_CANNOT_LOOK, "'%s' is a core of %s; this steth examines those of %s",
                         core->path, machine_name(header.e_machine),
                         machine_name(native_machine.elf));
    return NULL;
}

static struct error *add_segment(struct core *core, const GElf_Phdr *header)
{
    struct core_segment segment = {
        .start = header->p_vaddr,
        .end = header->p_vaddr + header->p_memsz,
        .offset = header->p_offset,
        .flags = header->p_flags,
    };
    uint64_t size = header->p_filesz < header->p_memsz ? header->p_filesz : header->p_memsz;
    if (!header->p_memsz)
        return NULL;
    if (segment.end < segment.start || segment.offset > INT64_MAX ||
        (segment.start | segment.end) & (CORE_PAGE - 1))
        return no_core(core, "is damaged: a segment does not fit into memory");
    uint64_t there = segment.offset < core->size ? core->size - segment.offset : 0;
    there = there < size ? there : size;
    segment.dumped = segment.start + size;
    segment.there = segment.start + there;
    core->lost += size - there;
    return vector_push(&core->segments, segment) ? NULL : error_no_memory();
}

static int compare_segments(const void *left, const void *right)
{
    const struct core_segment *a = left, *b = right;
    return (a->start > b->start) - (a->start < b->start);
}

static struct error *check_segments(struct core *core)
{
    if (!core->segments.count)
        return no_core(core, core->size < CORE_PAGE ? "is cut off: it holds no memory"
                                                    : "holds no memory");
    qsort(core->segments.items, core->segments.count, sizeof *core->segments.items,
          compare_segments);
    for (size_t i = 1; i < core->segments.count; i++)
        if (core->segments.items[i].start < core->segments.items[i - 1].end)
            return no_core(core, "is damaged: its segments overlap");
    return NULL;
}

static struct error *read_headers(struct core *core, Elf *elf)
{
    size_t count = 0;
    struct error *error = check_header(core, elf);
    if (!error && (elf_getphdrnum(elf, &count) || !count || count > CORE_SEGMENTS_MAX))
        error = no_core(core, "is damaged: it has no table of memory that can be read");
    for (size_t i = 0; !error && i < count; i++) {
        GElf_Phdr header;
        if (!gelf_getphdr(elf, (int)i, &header))
            return no_core(core, "is cut off inside of its table of segments");
        if (header.p_type == PT_LOAD)
            error = add_segment(core, &header);
        else if (header.p_type == PT_NOTE)
            error = core_read_notes(core, elf, &header);
        if (!error && header.p_type == PT_NOTE && header.p_offset < INT64_MAX &&
            header.p_filesz < INT64_MAX && header.p_offset + header.p_filesz > core->size)
            core->lost += header.p_filesz;
    }
    return error ? error : check_segments(core);
}

static struct error *read_elf(struct core *core)
{
    if (elf_version(EV_CURRENT) == EV_NONE)
        return no_core(core, "cannot be read");
    Elf *elf = elf_begin(core->descriptor, ELF_C_READ, NULL);
    if (!elf)
        return no_core(core, "is no ELF file");
    struct error *error = read_headers(core, elf);
    elf_end(elf);
    return error;
}

static struct error *open_file(struct core *core)
{
    struct stat status;
    core->descriptor = open(core->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (core->descriptor < 0)
        return error_new(errno == EACCES ? ERROR_PERMISSION : ERROR_CANNOT_LOOK,
                         "cannot open '%s': %s", core->path, strerror(errno));
    if (fstat(core->descriptor, &status) || !S_ISREG(status.st_mode))
        return no_core(core, "is not a file");
    core->size = (uint64_t)status.st_size;
    return NULL;
}

static bool is_missed(const struct core *core, const struct core_file *file)
{
    struct build_id build;
    return file->descriptor < 0 && file->start && core_mapped_build(core, file->start, &build);
}

/* Files that are missing for one reason, from number `first` on, as one sentence. */
static void note_missing_files(struct target *target, size_t first)
{
    const struct core *core = target->core;
    const char *why = core->files.items[first].why;
    _cleanup_free_ char *names = strdup(core->files.items[first].path);
    size_t count = 1;
    for (size_t i = first + 1; i < core->files.count; i++) {
        const struct core_file *file = &core->files.items[i];
        if (file->why != why || !is_missed(core, file) || count++ >= FILES_NAMED)
            continue;
        char *longer = text_format("%s, %s", names ? names : "", file->path);
        free(names);
        names = longer;
    }
    target_add_gap(target, "code and symbols of %s%s: %s", names ? names : "files",
                   count > FILES_NAMED ? " and more" : "", why);
}

/* gcore leaves zeros where it fails to read, which it does next to guard pages. */
static void note_missing_stacks(struct target *target)
{
    const struct core *core = target->core;
    size_t missing = 0;
    for (size_t i = 0; i < core->threads.count; i++) {
        static const uint64_t nothing[STACK_WORDS];
        struct native_registers registers;
        uint64_t words[STACK_WORDS];
        native_registers_take(core->threads.items[i].status.pr_reg, &registers);
        uint64_t top = registers.values[native_machine.stack_pointer];
        missing += !target_read(target, top, words, sizeof words) ||
                   memcmp(words, nothing, sizeof words) == 0;
    }
    if (missing)
        target_add_gap(target, "the stacks of %zu of %zu threads: the core has zeros there",
                       missing, core->threads.count);
}

static void note_gaps(struct target *target)
{
    const struct core *core = target->core;
    if (core->lost)
        target_add_gap(target, "the core is cut off: %.1f MiB of it are missing",
                       (double)core->lost / (1 << 20));
    note_missing_stacks(target);
    if (!core->threads.count)
        target_add_gap(target, "threads: the core tells of none");
    if (core->threads.count == CORE_THREADS_MAX)
        target_add_gap(target, "threads beyond the first %d", CORE_THREADS_MAX);
    const char *noted[REASONS] = {0};
    for (size_t i = 0, reasons = 0; i < core->files.count && reasons < REASONS; i++) {
        const struct core_file *file = &core->files.items[i];
        bool known = false;
        for (size_t k = 0; k < reasons; k++)
            known |= file->why == noted[k];
        if (known || !is_missed(core, file))
            continue;
        noted[reasons++] = file->why;
        note_missing_files(target, i);
    }
}

static struct error *open_core(struct target *target, const struct core_options *options)
{
    struct core *core = target->core;
    struct error *error = open_file(core);
    if (!error)
        error = read_elf(core);
    if (!error)
        error = core_make_pieces(target);
    if (!error)
        error = core_open_files(core, options);
    if (!error)
        error = core_make_files(target);
    if (!error)
        note_gaps(target);
    return error;
}

struct error *target_open_core(const char *path, const struct core_options *options,
                               struct target **out)
{
    struct target *target = calloc(1, sizeof *target);
    struct core *core = calloc(1, sizeof *core);
    if (!target || !core || !(core->path = strdup(path))) {
        free(target);
        free(core);
        return error_no_memory();
    }
    core->descriptor = -1;
    *target = (struct target){
        .operations = &core_operations,
        .path = core->path,
        .pidfd = -1,
        .pagemap = -1,
        .core = core,
    };
    struct error *error = open_core(target, options);
    if (error) {
        target_close(target);
        return error;
    }
    *out = target;
    return NULL;
}

void core_close(struct target *target)
{
    struct core *core = target->core;
    for (size_t i = 0; i < core->files.count; i++)
        if (core->files.items[i].descriptor >= 0)
            close(core->files.items[i].descriptor);
    if (core->descriptor >= 0)
        close(core->descriptor);
    vector_free(&core->segments);
    vector_free(&core->ranges);
    vector_free(&core->pieces);
    vector_free(&core->files);
    vector_free(&core->threads);
    vector_free(&core->auxiliary);
    vector_free(&target->mappings); /* their paths are the core's */
    free(core->paths);
    free(core);
}
