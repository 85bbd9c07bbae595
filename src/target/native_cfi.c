/*
 * The unwind information of a mapped file, from the target's memory: loaders map .eh_frame_hdr and
 * .eh_frame, so that no file is needed (it may be deleted, or out of reach in a container). libdw
 * reads ELF files only: it is given a small one made of the headers and those bytes. Where the
 * sorted table of .eh_frame_hdr leads to the entries, only those that are asked for are read.
 */
#include "target/native_internal.h"
#include "target/symbols_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

#define UNWIND_MAX (UINT64_C(64) << 20)
#define ENTRY_MAX  (UINT32_C(1) << 20) /* of .eh_frame, in bytes */
/* What linkers write: DW_EH_PE_pcrel | sdata4, udata4, DW_EH_PE_datarel | sdata4. */
#define POINTER_RELATIVE_WORD 0x1B
#define COUNT_WORD            0x03
#define TABLE_WORDS           0x3B

struct unwind_header { /* of .eh_frame_hdr: LSB core, "DWARF Extensions" */
    uint8_t version, frame_encoding, count_encoding, table_encoding;
    int32_t frame;
    uint32_t count;
};

/* Of the table behind it, sorted; relative to the header. */
struct unwind_entry {
    int32_t function, frame;
};

struct image_start {
    Elf64_Ehdr file;
    Elf64_Phdr program;
};

/* How many entries the table at `index` has; 0 when it is none that can be searched. */
static size_t table_count(const uint8_t *index, size_t size)
{
    struct unwind_header header;
    if (size < sizeof header)
        return 0;
    memcpy(&header, index, sizeof header);
    if (header.count_encoding != COUNT_WORD || header.table_encoding != TABLE_WORDS ||
        header.count > (size - sizeof header) / sizeof(struct unwind_entry))
        return 0;
    return header.count;
}

static bool find_header(struct target *target, const struct elf_module *file,
                        struct elf_headers *headers, Elf64_Phdr *found)
{
    if (!elf_headers_read(target, file->start, headers) ||
        headers->file.e_machine != native_machine.elf)
        return false;
    for (size_t i = 0; i < headers->program_count; i++) {
        if (headers->programs[i].p_type == PT_GNU_EH_FRAME) {
            *found = headers->programs[i];
            return found->p_memsz >= sizeof(struct unwind_header);
        }
    }
    return false;
}

/* Where header and frames lie together: [*start, *end). The end of the frames is not stated
 * anywhere; they end with their mapping at the latest. */
static bool find_range(struct target *target, uint64_t header_address, uint64_t *start,
                       uint64_t *end)
{
    struct unwind_header header;
    const struct mapping *mapping = target_mapping_at(target, header_address);
    if (!mapping || !target_read(target, header_address, &header, sizeof header) ||
        header.version != 1 || header.frame_encoding != POINTER_RELATIVE_WORD)
        return false;
    uint64_t frames =
        header_address + offsetof(struct unwind_header, frame) + (uint64_t)(int64_t)header.frame;
    *start = frames < header_address ? frames : header_address;
    *end = mapping->end;
    return *start >= mapping->start && frames < *end && *end - *start <= UNWIND_MAX;
}

/* The header with the table behind it; all of it when the table cannot lead to the rest. */
static size_t read_image(struct target *target, const struct native_module *module, uint64_t start,
                         uint64_t end, uint8_t *bytes)
{
    uint64_t header = module->index_address - start;
    if (module->index_size <= end - start && header <= end - start - module->index_size &&
        target_read(target, module->index_address, bytes + header, module->index_size) &&
        table_count(bytes + header, module->index_size))
        return (size_t)(end - start);
    return target_read_some(target, start, bytes, (size_t)(end - start));
}

static bool make_image(struct target *target, const struct elf_headers *headers, Elf64_Phdr program,
                       struct native_module *module, size_t *size)
{
    uint64_t start, end, address = module->file->bias + program.p_vaddr;
    if (!find_range(target, address, &start, &end))
        return false;
    struct image_start head = {.file = headers->file, .program = program};
    size_t lead = sizeof head + (start & 7); /* keeps the alignment of what follows */
    _cleanup_free_ uint8_t *image = calloc(1, lead + (size_t)(end - start));
    if (!image)
        return false;
    module->index_address = address;
    module->index_size = program.p_memsz;
    size_t got = read_image(target, module, start, end, image + lead);
    if (program.p_memsz > got || address - start > got - program.p_memsz)
        return false;
    head.file.e_phoff = offsetof(struct image_start, program);
    head.file.e_phnum = 1;
    head.file.e_shoff = 0;
    head.file.e_shnum = head.file.e_shstrndx = 0;
    head.program.p_offset = lead + (address - start);
    head.program.p_filesz = program.p_memsz;
    memcpy(image, &head, sizeof head);
    module->index = head.program.p_offset;
    module->start = start;
    module->lead = lead;
    module->image = take_pointer(&image);
    *size = module->image_size = lead + got;
    return true;
}

static void open_cfi(struct target *target, struct native_module *module)
{
    struct elf_headers headers;
    Elf64_Phdr program;
    size_t size;
    module->cfi_tried = true;
    if (elf_version(EV_CURRENT) == EV_NONE ||
        !find_header(target, module->file, &headers, &program) ||
        !make_image(target, &headers, program, module, &size))
        return;
    module->elf = elf_memory((char *)module->image, size);
    if (module->elf)
        module->cfi = dwarf_getcfi_elf(module->elf);
}

/* The last function of the table that begins at or before `address`. */
static bool find_entry(const struct native_module *module, uint64_t address, uint64_t *function,
                       uint64_t *frame)
{
    struct unwind_entry entry;
    if (!module->image)
        return false;
    const uint8_t *index = module->image + module->index;
    size_t low = 0, high = table_count(index, module->index_size);
    bool found = false;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        memcpy(&entry, index + sizeof(struct unwind_header) + middle * sizeof entry, sizeof entry);
        uint64_t begin = module->index_address + (uint64_t)(int64_t)entry.function;
        if (begin <= address) {
            *function = begin;
            *frame = module->index_address + (uint64_t)(int64_t)entry.frame;
            found = true;
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return found;
}

/*
 * Puts the entry at `address` of .eh_frame into the image, if it is not there. *link: what stands
 * behind its length, in a function's entry the distance back to the common one.
 */
static bool fetch_entry(struct target *target, struct native_module *module, uint64_t address,
                        uint32_t *link)
{
    uint32_t head[2];
    uint64_t room = module->start + (module->image_size - module->lead) - address;
    if (address < module->start || room > module->image_size - module->lead || room < sizeof head)
        return false;
    uint8_t *place = module->image + module->lead + (address - module->start);
    memcpy(head, place, sizeof head);
    if (!*head) { /* not there, or the end of the frames */
        if (!target_read(target, address, head, sizeof head) || *head > ENTRY_MAX ||
            *head < sizeof *head || *head > room - sizeof *head ||
            !target_read(target, address, place, sizeof *head + *head))
            return false;
    }
    *link = head[1];
    return true;
}

Dwarf_CFI *native_module_cfi(struct target *target, struct native_module *module, uint64_t address)
{
    uint64_t function, frame;
    uint32_t link;
    if (!module->cfi_tried)
        open_cfi(target, module);
    if (module->cfi && find_entry(module, address, &function, &frame) &&
        fetch_entry(target, module, frame, &link) && link <= frame)
        (void)fetch_entry(target, module, frame + sizeof link - link, &link);
    return module->cfi;
}

uint64_t native_module_function(const struct native_module *module, uint64_t address)
{
    uint64_t function, frame;
    return find_entry(module, address, &function, &frame) ? function : 0;
}
