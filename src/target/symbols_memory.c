/* Symbols from the target's own memory, when no file can be opened: the dynamic section as the
 * loader left it. */
#include "target/symbols_internal.h"

#include <string.h>

#include "base/cleanup.h"

#define DYNAMIC_MAX   512
#define SYMBOLS_CHUNK 1024

struct dynamic_tables {
    uint64_t symbols, strings, strings_size;
};

/* glibc rewrites the addresses in the dynamic section; other loaders leave them relative. */
static uint64_t absolute(const struct elf_module *module, uint64_t address)
{
    return address >= module->start && address < module->end ? address : module->bias + address;
}

static bool read_dynamic(struct target *target, const struct elf_module *module, uint64_t address,
                         struct dynamic_tables *tables)
{
    for (size_t i = 0; i < DYNAMIC_MAX; i++) {
        Elf64_Dyn entry;
        if (!target_read(target, address + i * sizeof entry, &entry, sizeof entry))
            return false;
        if (entry.d_tag == DT_NULL)
            break;
        if (entry.d_tag == DT_SYMTAB)
            tables->symbols = absolute(module, entry.d_un.d_ptr);
        else if (entry.d_tag == DT_STRTAB)
            tables->strings = absolute(module, entry.d_un.d_ptr);
        else if (entry.d_tag == DT_STRSZ)
            tables->strings_size = entry.d_un.d_val;
    }
    return tables->symbols && tables->strings && tables->strings_size &&
           tables->strings_size <= ELF_STRINGS_MAX && tables->strings < module->end &&
           tables->strings_size <= module->end - tables->strings;
}

static bool find_tables(struct target *target, const struct elf_module *module,
                        struct dynamic_tables *tables)
{
    struct elf_headers headers;
    if (!elf_headers_read(target, module->start, &headers))
        return false;
    for (size_t i = 0; i < headers.program_count; i++) {
        if (headers.programs[i].p_type == PT_DYNAMIC)
            return read_dynamic(target, module, module->bias + headers.programs[i].p_vaddr, tables);
    }
    return false;
}

/* Nothing states the number of symbols; linkers put the strings right behind them. */
static size_t symbol_count(const struct elf_module *module, const struct dynamic_tables *tables)
{
    uint64_t end = tables->strings > tables->symbols ? tables->strings : module->end;
    uint64_t count = end > tables->symbols ? (end - tables->symbols) / sizeof(Elf64_Sym) : 0;
    return count < ELF_SYMBOLS_MAX ? (size_t)count : ELF_SYMBOLS_MAX;
}

enum elf_lookup elf_memory_lookup(struct target *target, const struct elf_module *module,
                                  const char *name, Elf64_Sym *symbol)
{
    struct dynamic_tables tables = {0};
    if (!find_tables(target, module, &tables))
        return ELF_LOOKUP_UNUSABLE;
    _cleanup_free_ char *strings = malloc(tables.strings_size);
    _cleanup_free_ Elf64_Sym *chunk = malloc(SYMBOLS_CHUNK * sizeof *chunk);
    if (!strings || !chunk || !target_read(target, tables.strings, strings, tables.strings_size))
        return ELF_LOOKUP_UNUSABLE;
    size_t count = symbol_count(module, &tables), length = strlen(name) + 1;
    for (size_t first = 0; first < count; first += SYMBOLS_CHUNK) {
        size_t wanted = count - first < SYMBOLS_CHUNK ? count - first : SYMBOLS_CHUNK;
        size_t got = target_read_some(target, tables.symbols + first * sizeof *chunk, chunk,
                                      wanted * sizeof *chunk) /
                     sizeof *chunk;
        for (size_t i = 0; i < got; i++) {
            if (chunk[i].st_shndx == SHN_UNDEF || chunk[i].st_name >= tables.strings_size ||
                tables.strings_size - chunk[i].st_name < length ||
                memcmp(strings + chunk[i].st_name, name, length))
                continue;
            *symbol = chunk[i];
            return ELF_LOOKUP_FOUND;
        }
        if (got < wanted)
            break;
    }
    return ELF_LOOKUP_ABSENT;
}
