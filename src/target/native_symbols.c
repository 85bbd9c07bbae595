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
#define TABLE_PIECE    1024

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

static bool is_function(const Elf64_Sym *symbol)
{
    unsigned type = ELF64_ST_TYPE(symbol->st_info);
    return symbol->st_shndx != SHN_UNDEF && (type == STT_FUNC || type == STT_GNU_IFUNC) &&
           symbol->st_size && symbol->st_name <= INT32_MAX;
}

static void keep_functions(struct native_module *module, const Elf64_Sym *symbols, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const Elf64_Sym *symbol = &symbols[i];
        if (!is_function(symbol))
            continue;
        module->begins[module->function_count] = symbol->st_value;
        module->functions[module->function_count++] = (struct native_function){
            .size = symbol->st_size < UINT32_MAX ? (uint32_t)symbol->st_size : UINT32_MAX,
            .name = symbol->st_name & INT32_MAX,
            .local = ELF64_ST_BIND(symbol->st_info) == STB_LOCAL,
        };
    }
}

/* Reads the table a piece at a time and keeps what the search needs, close together. */
static bool read_table(struct native_module *module, const GElf_Shdr *table)
{
    Elf64_Sym piece[TABLE_PIECE];
    size_t count = table->sh_size / sizeof *piece;
    count = count < ELF_SYMBOLS_MAX ? count : ELF_SYMBOLS_MAX;
    module->begins = malloc(count * sizeof *module->begins + 1);
    module->functions = malloc(count * sizeof *module->functions + 1);
    if (!module->begins || !module->functions)
        return false;
    for (size_t done = 0; done < count;) {
        size_t wanted = count - done < TABLE_PIECE ? count - done : TABLE_PIECE;
        ssize_t got = pread(module->descriptor, piece, wanted * sizeof *piece,
                            (off_t)(table->sh_offset + done * sizeof *piece));
        if (got < (ssize_t)sizeof *piece)
            break;
        keep_functions(module, piece, (size_t)got / sizeof *piece);
        done += (size_t)got / sizeof *piece;
    }
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

static char *read_name(const struct native_module *module, const struct native_function *function)
{
    char name[NAME_MAX_BYTES];
    if (function->name >= module->names_size)
        return NULL;
    uint64_t left = module->names_size - function->name;
    ssize_t got = pread(module->descriptor, name, left < sizeof name ? left : sizeof name,
                        (off_t)(module->names + function->name));
    return got > 1 && *name && memchr(name, '\0', (size_t)got) ? strdup(name) : NULL;
}

/* Several names may stand for one function: the one for the outside, with the fewest underscores
 * in front, is the one that people know. */
static bool is_better(const struct native_function *function, const char *name,
                      const struct native_function *best, const char *best_name)
{
    if (function->local != best->local)
        return best->local;
    return strspn(name, "_") < strspn(best_name, "_");
}

static struct native_symbol search(const struct native_module *module, uint64_t value)
{
    struct native_symbol found = {0};
    const struct native_function *best = NULL;
    unsigned aliases = 0;
    for (size_t i = 0; i < module->function_count && aliases < ALIASES_MAX; i++) {
        const struct native_function *function = &module->functions[i];
        if (value - module->begins[i] >= function->size)
            continue;
        aliases++;
        _cleanup_free_ char *name = read_name(module, function);
        if (!name || (best && !is_better(function, name, best, found.name)))
            continue;
        free(found.name);
        found = (struct native_symbol){take_pointer(&name), value - module->begins[i]};
        best = function;
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
    free(module->begins);
    free(module->functions);
    if (module->symbols_tried && module->descriptor >= 0)
        close(module->descriptor);
    for (size_t i = 0; i < module->rules.count; i++)
        native_rules_free(&module->rules.items[i]);
    vector_free(&module->rules);
    address_map_free(&module->rules_by_frame);
    free(module->table);
}
