/*
 * The sorted table of a mapped file's functions (.eh_frame_hdr), from the target's memory: loaders
 * map it, so that no file is needed (it may be deleted, or out of reach in a container).
 */
#include <stdlib.h>
#include <string.h>

#include "target/native_internal.h"
#include "target/native_unwind.h"
#include "target/symbols_internal.h"

#define TABLE_MAX (UINT64_C(64) << 20)

static bool find_header(struct target *target, struct native_module *module, Elf64_Phdr *found)
{
    struct elf_headers headers;
    if (!elf_headers_read(target, module->file->start, &headers) ||
        headers.file.e_machine != native_machine.elf)
        return false;
    module->header = headers.file;
    for (size_t i = 0; i < headers.program_count; i++) {
        if (headers.programs[i].p_type == PT_GNU_EH_FRAME) {
            *found = headers.programs[i];
            return true;
        }
    }
    return false;
}

/* Only tables of the kind that linkers write can be searched. */
static size_t entries_of(const struct unwind_header *header, uint64_t size)
{
    if (header->version != UNWIND_VERSION || header->frame_encoding != POINTER_RELATIVE_WORD ||
        header->count_encoding != COUNT_WORD || header->table_encoding != TABLE_WORDS ||
        size < sizeof *header || size > TABLE_MAX ||
        header->count > (size - sizeof *header) / sizeof(struct unwind_entry))
        return 0;
    return header->count;
}

static void read_table(struct target *target, struct native_module *module)
{
    Elf64_Phdr program;
    struct unwind_header header;
    if (!find_header(target, module, &program))
        return;
    module->table_address = module->file->bias + program.p_vaddr;
    const struct mapping *mapping = target_mapping_at(target, module->table_address);
    if (!mapping || program.p_memsz > mapping->end - module->table_address ||
        !target_read(target, module->table_address, &header, sizeof header))
        return;
    size_t count = entries_of(&header, program.p_memsz);
    module->table = count ? malloc(count * sizeof *module->table) : NULL;
    if (module->table && target_read(target, module->table_address + sizeof header, module->table,
                                     count * sizeof *module->table))
        module->table_count = count;
}

bool native_table_find(struct target *target, struct native_module *module, uint64_t address,
                       uint64_t *function, uint64_t *frame)
{
    if (!module->table_tried)
        read_table(target, module);
    module->table_tried = true;
    size_t low = 0, high = module->table_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (module->table_address + (uint64_t)(int64_t)module->table[middle].function <= address)
            low = middle + 1;
        else
            high = middle;
    }
    if (!low)
        return false;
    *function = module->table_address + (uint64_t)(int64_t)module->table[low - 1].function;
    *frame = module->table_address + (uint64_t)(int64_t)module->table[low - 1].frame;
    return true;
}

uint64_t native_module_function(struct target *target, struct native_module *module,
                                uint64_t address)
{
    uint64_t function, frame;
    return native_table_find(target, module, address, &function, &frame) ? function : 0;
}
