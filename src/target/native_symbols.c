/* Names of functions, from the file's own symbol table: .symtab, or .dynsym where that is
 * stripped. Only the table is read, and the names that are asked for. */
#include "target/native_internal.h"
#include "target/symbols_internal.h"

#include <gelf.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"

#define NAME_MAX_BYTES 512
#define ALIASES_MAX    16

static void cleanup_elf(Elf **elf)
{
    elf_end(*elf);
}

static bool find_table(Elf *elf, GElf_Shdr *table)
{
    bool found = false;
    GElf_Shdr header;
    for (Elf_Scn *section = NULL; (section = elf_nextscn(elf, section));) {
        if (!gelf_getshdr(section, &header) || header.sh_entsize != sizeof(Elf64_Sym) ||
            (header.sh_type != SHT_SYMTAB && (header.sh_type != SHT_DYNSYM || found)))
            continue;
        *table = header;
        found = true;
    }
    return found;
}

static bool read_table(struct native_module *module, const GElf_Shdr *table)
{
    size_t count = table->sh_size / sizeof(Elf64_Sym);
    count = count < ELF_SYMBOLS_MAX ? count : ELF_SYMBOLS_MAX;
    module->symbols = malloc(count * sizeof *module->symbols + 1);
    if (!module->symbols)
        return false;
    ssize_t got = pread(module->descriptor, module->symbols, count * sizeof *module->symbols,
                        (off_t)table->sh_offset);
    module->symbol_count = got > 0 ? (size_t)got / sizeof *module->symbols : 0;
    return true;
}

static void open_symbols(struct target *target, struct native_module *module)
{
    GElf_Shdr table, names;
    module->symbols_tried = true;
    module->descriptor = elf_file_open(target, module->file);
    if (module->descriptor < 0 || elf_version(EV_CURRENT) == EV_NONE)
        return;
    __attribute__((cleanup(cleanup_elf))) Elf *elf =
        elf_begin(module->descriptor, ELF_C_READ, NULL);
    if (!elf || elf_kind(elf) != ELF_K_ELF || !find_table(elf, &table) ||
        !gelf_getshdr(elf_getscn(elf, table.sh_link), &names))
        return;
    module->names = names.sh_offset;
    module->names_size = names.sh_size;
    (void)read_table(module, &table);
}

static char *read_name(const struct native_module *module, const Elf64_Sym *symbol)
{
    char name[NAME_MAX_BYTES];
    if (symbol->st_name >= module->names_size)
        return NULL;
    uint64_t left = module->names_size - symbol->st_name;
    ssize_t got = pread(module->descriptor, name, left < sizeof name ? left : sizeof name,
                        (off_t)(module->names + symbol->st_name));
    return got > 1 && *name && memchr(name, '\0', (size_t)got) ? strdup(name) : NULL;
}

static bool covers(const Elf64_Sym *symbol, uint64_t value)
{
    unsigned type = ELF64_ST_TYPE(symbol->st_info);
    return symbol->st_shndx != SHN_UNDEF && (type == STT_FUNC || type == STT_GNU_IFUNC) &&
           value - symbol->st_value < symbol->st_size;
}

/* Several names may stand for one function: the one for the outside, with the fewest underscores
 * in front, is the one that people know. */
static bool is_better(const Elf64_Sym *symbol, const char *name, const Elf64_Sym *best,
                      const char *best_name)
{
    bool local = ELF64_ST_BIND(symbol->st_info) == STB_LOCAL;
    bool best_local = ELF64_ST_BIND(best->st_info) == STB_LOCAL;
    if (local != best_local)
        return best_local;
    return strspn(name, "_") < strspn(best_name, "_");
}

static struct native_symbol search(const struct native_module *module, uint64_t value)
{
    struct native_symbol found = {0};
    const Elf64_Sym *best = NULL;
    unsigned aliases = 0;
    for (size_t i = 0; i < module->symbol_count && aliases < ALIASES_MAX; i++) {
        const Elf64_Sym *symbol = &module->symbols[i];
        if (!covers(symbol, value))
            continue;
        aliases++;
        _cleanup_free_ char *name = read_name(module, symbol);
        if (!name || (best && !is_better(symbol, name, best, found.name)))
            continue;
        free(found.name);
        found = (struct native_symbol){take_pointer(&name), value - symbol->st_value};
        best = symbol;
    }
    return found;
}

struct native_symbol native_module_symbol(struct target *target, struct native_module *module,
                                          uint64_t address)
{
    if (!module->symbols_tried)
        open_symbols(target, module);
    uint32_t known = address_map_get(&module->resolved, address);
    if (known != ADDRESS_MAP_ABSENT)
        return module->answers.items[known];
    struct native_symbol symbol = search(module, address - module->file->bias);
    if (!vector_push(&module->answers, symbol)) {
        free(symbol.name);
        return (struct native_symbol){0};
    }
    (void)address_map_put(&module->resolved, address, (uint32_t)module->answers.count - 1);
    return symbol;
}

void native_module_free(struct native_module *module)
{
    for (size_t i = 0; i < module->answers.count; i++)
        free(module->answers.items[i].name);
    vector_free(&module->answers);
    address_map_free(&module->resolved);
    free(module->symbols);
    if (module->symbols_tried && module->descriptor >= 0)
        close(module->descriptor);
    if (module->cfi)
        dwarf_cfi_end(module->cfi);
    elf_end(module->elf);
    free(module->image);
}
