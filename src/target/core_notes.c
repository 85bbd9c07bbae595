/* The notes of a core: what they are is in fs/binfmt_elf.c of the kernel (fill_note_info), and gdb
 * writes the same (gdb/linux-tdep.c). */
#include <gelf.h>
#include <string.h>

#include "base/address_map.h"
#include "target/core_internal.h"

static const char deleted_suffix[] = " (deleted)";

/* ---- threads --------------------------------------------------------------------------------- */

static bool add_thread(struct core *core, const uint8_t *bytes, size_t size)
{
    struct core_thread thread;
    if (size != sizeof thread.status || core->threads.count == CORE_THREADS_MAX)
        return true;
    memcpy(&thread.status, bytes, sizeof thread.status);
    thread.tid = thread.status.pr_pid;
    if (thread.tid <= 0)
        return true;
    return vector_push(&core->threads, thread);
}

static void take_process(struct core *core, const uint8_t *bytes, size_t size)
{
    if (size != sizeof core->process || core->has_process)
        return;
    memcpy(&core->process, bytes, sizeof core->process);
    core->process.pr_fname[sizeof core->process.pr_fname - 1] = '\0';
    core->process.pr_psargs[sizeof core->process.pr_psargs - 1] = '\0';
    core->has_process = true;
}

static bool add_auxiliary(struct core *core, const uint8_t *bytes, size_t size)
{
    for (size_t at = 0; size - at >= sizeof(Elf64_auxv_t) && core->auxiliary.count < 256;
         at += sizeof(Elf64_auxv_t)) {
        Elf64_auxv_t entry;
        memcpy(&entry, bytes + at, sizeof entry);
        if (entry.a_type == AT_NULL)
            break;
        if (!vector_push(&core->auxiliary, entry))
            return false;
    }
    return true;
}

uint64_t core_auxiliary(const struct core *core, uint64_t type)
{
    for (size_t i = 0; i < core->auxiliary.count; i++)
        if (core->auxiliary.items[i].a_type == type)
            return core->auxiliary.items[i].a_un.a_val;
    return 0;
}

/* ---- mapped files ---------------------------------------------------------------------------- */

/* Files by their path: FNV-1a. */
static uint64_t hash_of(const char *path)
{
    uint64_t hash = UINT64_C(0xCBF29CE484222325);
    for (; *path; path++)
        hash = (hash ^ (unsigned char)*path) * UINT64_C(0x100000001B3);
    return hash ? hash : 1;
}

/* The number of the file in core->files; NO_FILE when there are too many. */
static bool file_number(struct core *core, struct address_map *known, const char *path,
                        uint32_t *number)
{
    uint64_t hash = hash_of(path);
    *number = address_map_get(known, hash);
    if (*number != ADDRESS_MAP_ABSENT) {
        if (strcmp(core->files.items[*number].path, path) != 0)
            *number = NO_FILE;
        return true;
    }
    *number = NO_FILE;
    if (core->files.count == CORE_FILES_MAX)
        return true;
    struct core_file file = {.path = path, .descriptor = -1};
    *number = (uint32_t)core->files.count;
    return vector_push(&core->files, file) && address_map_put(known, hash, *number);
}

static bool add_range(struct core *core, struct address_map *known, struct core_range range)
{
    if (!file_number(core, known, range.path, &range.file))
        return false;
    if (range.file != NO_FILE && !range.offset && !core->files.items[range.file].start)
        core->files.items[range.file].start = range.start;
    return vector_push(&core->ranges, range);
}

static int compare_ranges(const void *left, const void *right)
{
    const struct core_range *a = left, *b = right;
    return (a->start > b->start) - (a->start < b->start);
}

/* Those that overlap others say nothing that can be relied on. */
static void drop_overlaps(struct core *core)
{
    size_t kept = 0;
    if (core->ranges.count)
        qsort(core->ranges.items, core->ranges.count, sizeof *core->ranges.items, compare_ranges);
    for (size_t i = 0; i < core->ranges.count; i++) {
        const struct core_range *range = &core->ranges.items[i];
        if (!kept || core->ranges.items[kept - 1].end <= range->start)
            core->ranges.items[kept++] = *range;
    }
    core->ranges.count = kept;
}

/* What was mapped and is removed since: it may have been put back, and proves itself. */
static void cut_deleted(char *path)
{
    size_t length = strlen(path), suffix = sizeof deleted_suffix - 1;
    if (length > suffix && strcmp(path + length - suffix, deleted_suffix) == 0)
        path[length - suffix] = '\0';
}

/* "count, page size, count × (start, end, offset in pages), count strings" */
static bool read_files(struct core *core, const uint8_t *bytes, size_t size)
{
    uint64_t head[2];
    if (core->paths || size < sizeof head)
        return true;
    memcpy(head, bytes, sizeof head);
    uint64_t count = head[0], page = head[1];
    size_t left = size - sizeof head;
    if (!page || count > left / (3 * sizeof(uint64_t)) || count > CORE_SEGMENTS_MAX)
        return true;
    size_t table = (size_t)count * 3 * sizeof(uint64_t);
    core->paths = malloc(left - table + 1);
    if (!core->paths)
        return false;
    memcpy(core->paths, bytes + sizeof head + table, left - table);
    core->paths[left - table] = '\0';
    struct address_map known = {0};
    char *path = core->paths, *end = path + (left - table);
    bool ok = true;
    for (uint64_t i = 0; ok && i < count && path < end; i++) {
        uint64_t line[3];
        char *next = path + strlen(path) + 1;
        memcpy(line, bytes + sizeof head + i * sizeof line, sizeof line);
        cut_deleted(path);
        struct core_range range = {line[0], line[1], 0, path, NO_FILE};
        if (range.start < range.end && !__builtin_mul_overflow(line[2], page, &range.offset) &&
            range.offset + (range.end - range.start) > range.offset)
            ok = add_range(core, &known, range);
        path = next;
    }
    address_map_free(&known);
    drop_overlaps(core);
    return ok;
}

/* ---- all of them ----------------------------------------------------------------------------- */

static bool take_note(struct core *core, const GElf_Nhdr *note, const char *name,
                      const uint8_t *bytes)
{
    if (strncmp(name, "CORE", note->n_namesz) != 0)
        return true;
    switch (note->n_type) {
    case NT_PRSTATUS:
        return add_thread(core, bytes, note->n_descsz);
    case NT_PRPSINFO:
        take_process(core, bytes, note->n_descsz);
        return true;
    case NT_AUXV:
        return add_auxiliary(core, bytes, note->n_descsz);
    case NT_FILE:
        return read_files(core, bytes, note->n_descsz);
    default:
        return true;
    }
}

struct error *core_read_notes(struct core *core, Elf *elf, const Elf64_Phdr *segment)
{
    uint64_t offset = segment->p_offset, size = segment->p_filesz;
    if (offset >= core->size)
        return NULL;
    size = size < core->size - offset ? size : core->size - offset;
    size = size < CORE_NOTES_MAX ? size : CORE_NOTES_MAX;
    Elf_Data *data = elf_getdata_rawchunk(elf, (int64_t)offset, size, ELF_T_NHDR);
    if (!data)
        return NULL;
    GElf_Nhdr note;
    size_t name, bytes;
    for (size_t at = 0; (at = gelf_getnote(data, at, &note, &name, &bytes)) > 0;) {
        const uint8_t *begin = data->d_buf;
        if (note.n_namesz && !take_note(core, &note, (const char *)begin + name, begin + bytes))
            return error_no_memory();
    }
    return NULL;
}
