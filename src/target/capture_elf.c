/*
 * Mapped ELF files: a capture holds their headers and symbol tables. libelf reads files, so it
 * gets one: in memory, with those parts where they were and holes between them.
 */
#include "target/capture_internal.h"

#include <elf.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define FILES_MAX 4096

static struct capture_elf_part part_at(const struct stored_elf *file, size_t index)
{
    struct capture_elf_part part;
    memcpy(&part, &file->parts[index], sizeof part);
    return part;
}

static bool parts_fit(const struct stored_elf *file, size_t size)
{
    for (size_t i = 0; i < file->part_count; i++) {
        struct capture_elf_part part = part_at(file, i);
        if (part.size > size || part.offset > CAPTURE_ELF_OFFSET_MAX)
            return false;
        size -= part.size;
    }
    return size == 0;
}

struct error *stored_elf_add(struct capture *capture, uint8_t *section, size_t size)
{
    struct capture_elf_file head;
    size_t parts = 0;
    bool fits = size >= sizeof head;
    if (fits) {
        memcpy(&head, section, sizeof head);
        parts = (size_t)head.parts * sizeof(struct capture_elf_part);
        fits = head.parts <= CAPTURE_ELF_PARTS_MAX &&
               head.part_size == sizeof(struct capture_elf_part) && parts <= size - sizeof head;
    }
    struct stored_elf file = {.section = section};
    if (fits) {
        file.start = head.start;
        file.parts = (const void *)(section + sizeof head);
        file.part_count = head.parts;
        file.bytes = section + sizeof head + parts;
        fits = parts_fit(&file, size - sizeof head - parts);
    }
    struct error *error = NULL;
    if (!fits)
        error = capture_damaged(capture, "the symbols of a mapped file");
    else if (capture->files.count >= FILES_MAX || !vector_push(&capture->files, file))
        error = error_no_memory();
    if (error)
        free(section);
    return error;
}

/* The table of sections lies in a part as a whole: who reads it must not read a hole. */
static bool covers_sections(const struct stored_elf *file)
{
    Elf64_Ehdr header;
    if (!file->part_count || part_at(file, 0).offset || part_at(file, 0).size < sizeof header)
        return false;
    memcpy(&header, file->bytes, sizeof header);
    if (!header.e_shnum || header.e_shentsize != sizeof(Elf64_Shdr))
        return false;
    uint64_t size = (uint64_t)header.e_shnum * sizeof(Elf64_Shdr);
    for (size_t i = 0; i < file->part_count; i++) {
        struct capture_elf_part part = part_at(file, i);
        if (header.e_shoff >= part.offset && header.e_shoff - part.offset <= part.size &&
            size <= part.size - (header.e_shoff - part.offset))
            return true;
    }
    return false;
}

static bool fill(int memory, const struct stored_elf *file)
{
    const uint8_t *bytes = file->bytes;
    for (size_t i = 0; i < file->part_count; i++) {
        struct capture_elf_part part = part_at(file, i);
        for (size_t done = 0; done < part.size;) {
            ssize_t put =
                pwrite(memory, bytes + done, part.size - done, (off_t)(part.offset + done));
            if (put <= 0)
                return false;
            done += (size_t)put;
        }
        bytes += part.size;
    }
    return true;
}

int capture_elf_open(const struct capture *capture, uint64_t start)
{
    for (size_t i = 0; i < capture->files.count; i++) {
        const struct stored_elf *file = &capture->files.items[i];
        if (file->start != start || !covers_sections(file))
            continue;
        int memory = memfd_create("symbols", MFD_CLOEXEC);
        if (memory >= 0 && !fill(memory, file)) {
            close(memory);
            memory = -1;
        }
        return memory;
    }
    return -1;
}
