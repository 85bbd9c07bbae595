/* Which ELF files a target maps, and where. */
#include "target/symbols_internal.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/vector.h"

#define MODULES_MAX 4096
#define PAGE_MASK   UINT64_C(4095)

static const char deleted_suffix[] = " (deleted)";

typedef VECTOR(struct elf_module) module_vector;

bool elf_header_is_ours(const Elf64_Ehdr *header)
{
    return memcmp(header->e_ident, ELFMAG, SELFMAG) == 0 &&
           header->e_ident[EI_CLASS] == ELFCLASS64 && header->e_ident[EI_DATA] == ELFDATA2LSB &&
           header->e_phentsize == sizeof(Elf64_Phdr);
}

bool elf_headers_read(struct target *target, uint64_t start, struct elf_headers *headers)
{
    Elf64_Ehdr *file = &headers->file;
    if (!target_read(target, start, file, sizeof *file))
        return false;
    if (!elf_header_is_ours(file))
        return false;
    headers->program_count =
        file->e_phnum < ELF_PROGRAM_HEADERS_MAX ? file->e_phnum : ELF_PROGRAM_HEADERS_MAX;
    return target_read(target, start + file->e_phoff, headers->programs,
                       headers->program_count * sizeof *headers->programs);
}

/* The page that holds offset 0 of the file is mapped at `start`. */
uint64_t elf_load_bias(const struct elf_headers *headers, uint64_t start)
{
    for (size_t i = 0; i < headers->program_count; i++) {
        const Elf64_Phdr *program = &headers->programs[i];
        if (program->p_type == PT_LOAD)
            return start - ((program->p_vaddr - program->p_offset) & ~PAGE_MASK);
    }
    return 0;
}

bool elf_module_load(struct target *target, struct elf_module *module)
{
    struct elf_headers headers;
    if (module->loaded || module->foreign)
        return module->loaded;
    module->loaded = elf_headers_read(target, module->start, &headers);
    module->foreign = !module->loaded;
    if (module->loaded) {
        module->bias = elf_load_bias(&headers, module->start);
        module->machine = headers.file.e_machine;
    }
    return module->loaded;
}

static bool begins_file(const struct mapping *mapping)
{
    return mapping->path[0] == '/' && !mapping->offset && mapping->readable;
}

/* `executable`: the path of the program itself; NULL when unknown. */
static void finish_module(struct elf_module *module, const char *executable)
{
    module->executable = executable && strcmp(module->path, executable) == 0;
    size_t length = strlen(module->path), suffix = sizeof deleted_suffix - 1;
    if (length > suffix && strcmp(module->path + length - suffix, deleted_suffix) == 0) {
        module->deleted = true;
        module->path[length - suffix] = '\0';
    }
}

/* The end of the file whose first mapping is `*index`; *index moves behind its last one. Mappings
 * of one file are neighbours. */
static uint64_t end_of_file(const struct mapping *mappings, size_t count, size_t *index, bool *code)
{
    const struct mapping *first = &mappings[*index];
    uint64_t end = first->end;
    *code = first->executable;
    for (++*index; *index < count; ++*index) {
        const struct mapping *next = &mappings[*index];
        if (strcmp(next->path, first->path) == 0) {
            end = next->end;
            *code |= next->executable;
        } else if (next->path[0]) {
            break;
        }
    }
    return end;
}

/* A file without executable code is not loaded, only read. */
static struct error *collect(struct target *target, module_vector *modules)
{
    size_t count;
    const struct mapping *mappings = target_mappings(target, &count);
    for (size_t i = 0; i < count && modules->count < MODULES_MAX;) {
        const struct mapping *first = &mappings[i];
        bool code;
        if (!begins_file(first)) {
            i++;
            continue;
        }
        uint64_t end = end_of_file(mappings, count, &i, &code);
        if (!code)
            continue;
        struct elf_module module = {.path = strdup(first->path), .start = first->start, .end = end};
        if (!module.path || !vector_push(modules, module)) {
            free(module.path);
            return error_no_memory();
        }
    }
    return NULL;
}

struct error *elf_modules_list(struct target *target, struct elf_modules *modules)
{
    module_vector found = {0};
    struct error *error = collect(target, &found);
    _cleanup_free_ char *executable = process_files_link(target_files(target), "exe");
    for (size_t i = 0; i < found.count; i++) {
        finish_module(&found.items[i], executable);
        if (found.items[i].executable && i) {
            struct elf_module program = found.items[i];
            memmove(found.items + 1, found.items, i * sizeof *found.items);
            found.items[0] = program;
        }
    }
    *modules = (struct elf_modules){found.items, found.count};
    if (error)
        elf_modules_free(modules);
    return error;
}

void elf_modules_free(struct elf_modules *modules)
{
    for (size_t i = 0; i < modules->count; i++) {
        elf_symbols_close(modules->items[i].symbols);
        free(modules->items[i].path);
    }
    free(modules->items);
    *modules = (struct elf_modules){0};
}

uint64_t elf_module_symbol(struct target *target, struct elf_module *module, const char *name,
                           uint64_t *size)
{
    Elf64_Sym symbol;
    if (!elf_module_load(target, module))
        return 0;
    enum elf_lookup outcome = elf_file_lookup(target, module, name, &symbol);
    if (outcome == ELF_LOOKUP_UNUSABLE)
        outcome = elf_memory_lookup(target, module, name, &symbol);
    if (outcome != ELF_LOOKUP_FOUND)
        return 0;
    if (size)
        *size = symbol.st_size;
    uint64_t address = module->bias + symbol.st_value;
    return target_mapping_at(target, address) ? address : 0;
}
