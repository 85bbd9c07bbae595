/* What a capture holds of the mapped ELF files: headers and symbol tables, so that functions have
 * names where the files are not. Unwinding and everything else needs what is mapped only. */
#include "target/capture_write.h"
#include "target/symbols_internal.h"

#include <gelf.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "target/capture_frame.h"

/* Of all files together; files behind are left without names. */
#define SYMBOLS_MAX (UINT64_C(128) << 20)

struct elf_parts {
    struct capture_elf_part items[CAPTURE_ELF_PARTS_MAX];
    uint32_t count;
    uint64_t bytes;
};

static void add_part(struct elf_parts *parts, uint64_t offset, uint64_t size, uint64_t limit)
{
    if (!size || size > limit || offset > CAPTURE_ELF_OFFSET_MAX ||
        parts->count == CAPTURE_ELF_PARTS_MAX)
        return;
    parts->items[parts->count++] = (struct capture_elf_part){offset, size};
    parts->bytes += size;
}

/* A symbol table and its names, both or none. */
static void add_table(Elf *elf, const GElf_Shdr *table, struct elf_parts *parts)
{
    GElf_Shdr names;
    if (!gelf_getshdr(elf_getscn(elf, table->sh_link), &names) ||
        table->sh_size > ELF_SYMBOLS_MAX * sizeof(Elf64_Sym) || names.sh_size > ELF_STRINGS_MAX)
        return;
    add_part(parts, table->sh_offset, table->sh_size, table->sh_size);
    add_part(parts, names.sh_offset, names.sh_size, names.sh_size);
}

static bool find_parts(int file, struct elf_parts *parts)
{
    Elf64_Ehdr header;
    Elf *elf = elf_version(EV_CURRENT) == EV_NONE ? NULL : elf_begin(file, ELF_C_READ, NULL);
    bool usable = elf && elf_kind(elf) == ELF_K_ELF &&
                  capture_pread(file, &header, sizeof header, 0) &&
                  header.e_shentsize == sizeof(Elf64_Shdr) && header.e_shnum;
    if (usable) {
        add_part(parts, 0, sizeof header, sizeof header);
        add_part(parts, header.e_shoff, (uint64_t)header.e_shnum * sizeof(Elf64_Shdr), UINT64_MAX);
        GElf_Shdr section;
        for (Elf_Scn *at = NULL; (at = elf_nextscn(elf, at)) && parts->count + 2 <= 6;)
            if (gelf_getshdr(at, &section) &&
                (section.sh_type == SHT_DYNSYM || section.sh_type == SHT_SYMTAB))
                add_table(elf, &section, parts);
    }
    elf_end(elf);
    return usable && parts->count > 2;
}

static bool put_parts(int file, const struct elf_parts *parts, capture_bytes *bytes)
{
    if (!vector_reserve(bytes, bytes->count + parts->bytes))
        return false;
    for (uint32_t i = 0; i < parts->count; i++) {
        const struct capture_elf_part *part = &parts->items[i];
        if (!capture_pread(file, bytes->items + bytes->count, part->size, part->offset))
            return false;
        bytes->count += part->size;
    }
    return true;
}

static struct error *write_file(struct capture_writer *writer, const struct elf_module *module,
                                int file, uint64_t *left)
{
    struct elf_parts parts = {0};
    if (!find_parts(file, &parts) || parts.bytes > *left)
        return NULL;
    struct capture_elf_file head = {module->start, parts.count, sizeof parts.items[0]};
    capture_bytes bytes = {0};
    struct error *error = NULL;
    /* A file that changes while it is read is left out. */
    if (capture_append(&bytes, &head, sizeof head) &&
        capture_append(&bytes, parts.items, parts.count * sizeof parts.items[0]) &&
        put_parts(file, &parts, &bytes)) {
        *left -= parts.bytes;
        error = capture_write_section(writer, (struct capture_section){.kind = SECTION_ELF_FILE},
                                      bytes.items, bytes.count);
    }
    vector_free(&bytes);
    return error;
}

struct error *capture_write_symbols(struct capture_writer *writer, struct target *target)
{
    struct elf_modules modules;
    uint64_t left = SYMBOLS_MAX;
    struct error *error = elf_modules_list(target, &modules);
    if (error)
        return error;
    for (size_t i = 0; i < modules.count && !error; i++) {
        _cleanup_close_ int file = elf_file_open(target, &modules.items[i]);
        if (file >= 0)
            error = write_file(writer, &modules.items[i], file, &left);
    }
    elf_modules_free(&modules);
    return error;
}
