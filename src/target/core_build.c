/* Which build of a file was mapped: the note that the linker leaves (GNU build-id), in the first
 * page, which the kernel dumps of every mapped ELF file. */
#include <string.h>
#include <unistd.h>

#include "target/core_internal.h"
#include "target/native_internal.h"
#include "target/symbols_internal.h"

#define NOTE_MAX 4096 /* bytes of a PT_NOTE that are looked at */

/* Reads `size` bytes of an ELF file: by their place in the file, or by their address. */
struct elf_source {
    const struct core *core; /* NULL: the descriptor */
    int descriptor;
    uint64_t start; /* where the file's first byte is mapped */
    uint64_t bias;
};

static bool read_bytes(const struct elf_source *source, uint64_t address, uint64_t offset,
                       void *buffer, size_t size)
{
    if (source->core)
        return core_read_dumped(source->core, source->bias + address, buffer, size);
    return offset <= INT64_MAX &&
           pread(source->descriptor, buffer, size, (off_t)offset) == (ssize_t)size;
}

static size_t align4(size_t size)
{
    return (size + 3) & ~(size_t)3;
}

static bool find_build_id(const uint8_t *notes, size_t size, struct build_id *build)
{
    for (size_t at = 0; size - at >= sizeof(Elf64_Nhdr);) {
        Elf64_Nhdr note;
        memcpy(&note, notes + at, sizeof note);
        at += sizeof note;
        if (note.n_namesz > size - at || align4(note.n_namesz) > size - at)
            return false;
        const uint8_t *name = notes + at;
        at += align4(note.n_namesz);
        if (note.n_descsz > size - at)
            return false;
        if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == sizeof ELF_NOTE_GNU &&
            memcmp(name, ELF_NOTE_GNU, sizeof ELF_NOTE_GNU) == 0 && note.n_descsz &&
            note.n_descsz <= BUILD_ID_MAX) {
            build->size = note.n_descsz;
            memcpy(build->bytes, notes + at, note.n_descsz);
            return true;
        }
        at += align4(note.n_descsz) < size - at ? align4(note.n_descsz) : size - at;
    }
    return false;
}

static bool read_headers(const struct elf_source *source, struct elf_headers *headers)
{
    Elf64_Ehdr *file = &headers->file;
    if (!read_bytes(source, 0, 0, file, sizeof *file) || !elf_header_is_ours(file) ||
        file->e_machine != native_machine.elf ||
        (file->e_type != ET_EXEC && file->e_type != ET_DYN))
        return false;
    headers->program_count =
        file->e_phnum < ELF_PROGRAM_HEADERS_MAX ? file->e_phnum : ELF_PROGRAM_HEADERS_MAX;
    return read_bytes(source, file->e_phoff, file->e_phoff, headers->programs,
                      headers->program_count * sizeof *headers->programs);
}

static bool read_build(struct elf_source *source, struct build_id *build)
{
    struct elf_headers headers;
    uint8_t notes[NOTE_MAX];
    *build = (struct build_id){0};
    source->bias = source->start;
    if (!read_headers(source, &headers))
        return false;
    source->bias = elf_load_bias(&headers, source->start);
    for (size_t i = 0; i < headers.program_count && !build->size; i++) {
        const Elf64_Phdr *program = &headers.programs[i];
        size_t size = program->p_filesz < NOTE_MAX ? (size_t)program->p_filesz : NOTE_MAX;
        if (program->p_type == PT_NOTE &&
            read_bytes(source, program->p_vaddr, program->p_offset, notes, size))
            (void)find_build_id(notes, size, build);
    }
    return true;
}

bool core_mapped_build(const struct core *core, uint64_t start, struct build_id *build)
{
    return read_build(&(struct elf_source){.core = core, .start = start}, build);
}

bool core_file_build(int descriptor, struct build_id *build)
{
    return read_build(&(struct elf_source){.descriptor = descriptor}, build);
}
