/*
 * The unwind information of one function, from the target's memory. libdw reads ELF files only: it
 * is given a small one, of an .eh_frame_hdr that leads to this function and an .eh_frame with its
 * entry (FDE) behind the one that it shares with others (CIE).
 */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "target/native_internal.h"
#include "target/native_unwind.h"

#define ENTRY_MAX (UINT32_C(1) << 20) /* of .eh_frame, in bytes */

struct image_start {
    Elf64_Ehdr file;
    Elf64_Phdr program;
    struct unwind_header header;
    struct unwind_entry entry;
};

/* An entry of .eh_frame: its length without this word; then, in a function's, the distance from
 * that second word back to the common one. */
struct entry_head {
    uint32_t length, link;
};

static bool read_head(struct target *target, uint64_t address, struct entry_head *head)
{
    return target_read(target, address, head, sizeof *head) && head->length >= sizeof head->link &&
           head->length <= ENTRY_MAX;
}

/* The headers for a common entry of `common` bytes, and behind it that of the function, which lies
 * at `frame` in the target: addresses in it are relative to where they stand. */
static struct image_start describe(const struct native_module *module, uint64_t function,
                                   uint64_t frame, size_t common)
{
    size_t at = offsetof(struct image_start, header), own = sizeof(struct image_start) + common;
    uint64_t address = frame - (own - at);
    struct image_start start = {
        .file = module->header,
        .program = {.p_type = PT_GNU_EH_FRAME,
                    .p_flags = PF_R,
                    .p_offset = at,
                    .p_vaddr = address - module->file->bias,
                    .p_filesz = sizeof start.header + sizeof start.entry,
                    .p_memsz = sizeof start.header + sizeof start.entry,
                    .p_align = sizeof(uint32_t)},
        .header = {UNWIND_VERSION, POINTER_RELATIVE_WORD, COUNT_WORD, TABLE_WORDS,
                   .frame = (int32_t)(sizeof start - at - offsetof(struct unwind_header, frame)),
                   .count = 1},
        .entry = {(int32_t)(function - address), (int32_t)(own - at)},
    };
    start.file.e_phoff = offsetof(struct image_start, program);
    start.file.e_phnum = 1;
    start.file.e_shoff = 0;
    start.file.e_shnum = start.file.e_shstrndx = 0;
    return start;
}

static uint8_t *make_image(struct target *target, const struct native_module *module,
                           uint64_t function, uint64_t frame, size_t *size)
{
    struct entry_head own, shared;
    if (!read_head(target, frame, &own))
        return NULL;
    uint64_t common = frame + sizeof own.length - own.link;
    if (!read_head(target, common, &shared))
        return NULL;
    size_t before = sizeof shared.length + shared.length, after = sizeof own.length + own.length;
    struct image_start start = describe(module, function, frame, before);
    *size = sizeof start + before + after;
    _cleanup_free_ uint8_t *image = malloc(*size);
    if (!image || !target_read(target, common, image + sizeof start, before) ||
        !target_read(target, frame, image + sizeof start + before, after))
        return NULL;
    own.link = (uint32_t)(before + sizeof own.length);
    memcpy(image, &start, sizeof start);
    memcpy(image + sizeof start + before, &own, sizeof own);
    return take_pointer(&image);
}

static struct native_rules read_rules(struct target *target, const struct native_module *module,
                                      uint64_t function, uint64_t frame)
{
    struct native_rules rules = {0};
    size_t size;
    if (elf_version(EV_CURRENT) != EV_NONE)
        rules.image = make_image(target, module, function, frame, &size);
    if (rules.image)
        rules.elf = elf_memory((char *)rules.image, size);
    if (rules.elf)
        rules.cfi = dwarf_getcfi_elf(rules.elf);
    return rules;
}

void native_rules_free(struct native_rules *rules)
{
    if (rules->cfi)
        dwarf_cfi_end(rules->cfi);
    elf_end(rules->elf);
    free(rules->image);
}

Dwarf_CFI *native_module_cfi(struct target *target, struct native_module *module, uint64_t address)
{
    uint64_t function, frame;
    if (!native_table_find(target, module, address, &function, &frame))
        return NULL;
    uint32_t known = address_map_get(&module->rules_by_frame, frame);
    if (known != ADDRESS_MAP_ABSENT)
        return module->rules.items[known].cfi;
    struct native_rules rules = read_rules(target, module, function, frame);
    if (!vector_push(&module->rules, rules)) {
        native_rules_free(&rules);
        return NULL;
    }
    (void)address_map_put(&module->rules_by_frame, frame, (uint32_t)module->rules.count - 1);
    return rules.cfi;
}
