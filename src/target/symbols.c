/* Which ELF files a target maps, and where. */
#include "target/symbols_internal.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/vector.h"
#include "target/memo.h"

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

static bool begins_file(const struct mapping *mapping)
{
    return mapping->path[0] == '/' && !mapping->offset && mapping->readable;
}

static bool begin_module(struct target *target, const struct mapping *mapping,
                         struct elf_module *module)
{
    struct elf_headers headers;
    if (!begins_file(mapping) || !elf_headers_read(target, mapping->start, &headers))
        return false;
    *module = (struct elf_module){
        .path = strdup(mapping->path),
        .bias = elf_load_bias(&headers, mapping->start),
        .start = mapping->start,
        .end = mapping->end,
        .machine = headers.file.e_machine,
    };
    return module->path;
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

/* Mappings of one file are neighbours; a file without executable code is not loaded, only read. */
static struct error *collect(struct target *target, module_vector *modules)
{
    size_t count;
    const struct mapping *mappings = target_mappings(target, &count);
    size_t i = 0;
    while (i < count && modules->count < MODULES_MAX) {
        const struct mapping *first = &mappings[i++];
        struct elf_module module;
        if (!begin_module(target, first, &module))
            continue;
        bool code = first->executable;
        for (; i < count; i++) {
            if (strcmp(mappings[i].path, first->path) == 0) {
                module.end = mappings[i].end;
                code |= mappings[i].executable;
            } else if (mappings[i].path[0]) {
                break;
            }
        }
        if (!code || !vector_push(modules, module)) {
            free(module.path);
            if (code)
                return error_no_memory();
        }
    }
    return NULL;
}

/* Has the headers of all files read at once. */
static void read_starts(struct target *memo)
{
    size_t count;
    const struct mapping *mappings = target_mappings(memo, &count);
    struct read_request *requests = calloc(count + 1, sizeof *requests);
    Elf64_Ehdr header;
    size_t wanted = 0;
    for (size_t i = 0; requests && i < count; i++)
        if (begins_file(&mappings[i]))
            requests[wanted++] =
                (struct read_request){mappings[i].start, &header, sizeof header, false};
    if (requests)
        target_read_batch(memo, requests, wanted);
    free(requests);
}

struct error *elf_modules_list(struct target *target, struct elf_modules *modules)
{
    module_vector found = {0};
    struct target *memo = target_open_memo(target);
    if (memo)
        read_starts(memo);
    struct error *error = collect(memo ? memo : target, &found);
    target_close(memo);
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
