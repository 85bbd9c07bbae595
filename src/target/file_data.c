/* Whose data lie at an address: those of a mapped file, and what it leaves zero (.bss). */
#include <string.h>

#include "target/symbols_internal.h"

#define PIECES_MAX 32 /* mappings of one file */

/* The mapping that has the beginning of the file of which `piece` is a part; NULL. */
static const struct mapping *beginning_of(const struct target *target, const struct mapping *piece)
{
    const struct mapping *one = piece;
    for (unsigned i = 0; one && one->offset && i < PIECES_MAX; i++) {
        one = target_mapping_at(target, one->start - 1);
        if (one && strcmp(one->path, piece->path) != 0)
            return NULL;
    }
    return one && !one->offset ? one : NULL;
}

/* The end of what the file that begins there has at `address`; 0: nothing. */
static uint64_t loaded_until(struct target *target, const struct mapping *beginning,
                             uint64_t address)
{
    struct elf_headers headers;
    if (!beginning || !elf_headers_read(target, beginning->start, &headers))
        return 0;
    uint64_t bias = elf_load_bias(&headers, beginning->start);
    for (size_t i = 0; i < headers.program_count; i++) {
        const Elf64_Phdr *program = &headers.programs[i];
        uint64_t start = bias + program->p_vaddr;
        if (program->p_type == PT_LOAD && address - start < program->p_memsz)
            return start + program->p_memsz;
    }
    return 0;
}

const char *target_file_at(struct target *target, uint64_t address, uint64_t *end)
{
    const struct mapping *mapping = target_mapping_at(target, address);
    if (!mapping)
        return NULL;
    uint64_t until = mapping->end;
    if (!mapping->path[0]) { /* .bss lies behind the data; other memory may be joined to it */
        mapping = target_mapping_at(target, mapping->start - 1);
        if (!mapping || mapping->path[0] != '/')
            return NULL;
        until = loaded_until(target, beginning_of(target, mapping), address);
    }
    if (mapping->path[0] != '/' || !until)
        return NULL;
    if (end)
        *end = until;
    return mapping->path;
}
