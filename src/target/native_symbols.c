/* Names of functions, from the file's own symbol table: .symtab, or .dynsym where that is
 * stripped. The table is read once for all addresses that are asked for together, and not kept. */
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
#define FILTER_BYTES   256
#define FILTER_BLOCKS  1024

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
    module->symbols = table.sh_offset;
    module->symbol_count = table.sh_size / sizeof(Elf64_Sym);
    module->names = names.sh_offset;
    module->names_size = names.sh_size;
}

/* ---- one pass over the table ----------------------------------------------------------------- */

/* An address whose function is looked for, and the best one so far. */
struct wanted {
    uint64_t value; /* as in the file */
    uint32_t answer;
    unsigned aliases;
    bool local;
    struct native_symbol found;
};

typedef VECTOR(struct wanted) wanted_vector;

static int compare_wanted(const void *left, const void *right)
{
    const struct wanted *a = left, *b = right;
    return (a->value > b->value) - (a->value < b->value);
}

static bool is_function(const Elf64_Sym *symbol)
{
    unsigned type = ELF64_ST_TYPE(symbol->st_info);
    return symbol->st_shndx != SHN_UNDEF && (type == STT_FUNC || type == STT_GNU_IFUNC);
}

static char *read_name(const struct native_module *module, uint32_t offset)
{
    char name[NAME_MAX_BYTES];
    if (offset >= module->names_size)
        return NULL;
    uint64_t left = module->names_size - offset;
    ssize_t got = pread(module->descriptor, name, left < sizeof name ? left : sizeof name,
                        (off_t)(module->names + offset));
    return got > 1 && *name && memchr(name, '\0', (size_t)got) ? strdup(name) : NULL;
}

/* Several names may stand for one function: the one for the outside, with the fewest underscores
 * in front, is the one that people know. */
static bool is_better(bool local, const char *name, const struct wanted *best)
{
    if (local != best->local)
        return best->local;
    return strspn(name, "_") < strspn(best->found.name, "_");
}

static void consider(const struct native_module *module, const Elf64_Sym *symbol,
                     struct wanted *wanted)
{
    bool local = ELF64_ST_BIND(symbol->st_info) == STB_LOCAL;
    if (wanted->aliases++ >= ALIASES_MAX)
        return;
    _cleanup_free_ char *name = read_name(module, symbol->st_name);
    if (!name || (wanted->found.name && !is_better(local, name, wanted)))
        return;
    free(wanted->found.name);
    wanted->found = (struct native_symbol){take_pointer(&name), wanted->value - symbol->st_value};
    wanted->local = local;
}

/* Blocks of addresses, by their low bits, that something is looked for in: a few of many. Most
 * functions lie in none of them. */
typedef uint64_t block_filter[FILTER_BLOCKS / 64];

static void filter_add(block_filter filter, uint64_t value)
{
    uint64_t block = value / FILTER_BYTES % FILTER_BLOCKS;
    filter[block / 64] |= UINT64_C(1) << block % 64;
}

static bool filter_passes(const block_filter filter, const Elf64_Sym *symbol)
{
    uint64_t first = symbol->st_value / FILTER_BYTES;
    uint64_t more = (symbol->st_value % FILTER_BYTES + symbol->st_size) / FILTER_BYTES;
    if (more >= FILTER_BLOCKS)
        return true;
    for (uint64_t i = first; i <= first + more; i++) {
        uint64_t block = i % FILTER_BLOCKS;
        if (filter[block / 64] >> block % 64 & 1)
            return true;
    }
    return false;
}

/* The first of the sorted ones at or behind `value`. */
static size_t first_from(const wanted_vector *wanted, uint64_t value)
{
    size_t low = 0, high = wanted->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (wanted->items[middle].value < value)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void match(const struct native_module *module, const Elf64_Sym *symbol,
                  wanted_vector *wanted)
{
    for (size_t i = first_from(wanted, symbol->st_value);
         i < wanted->count && wanted->items[i].value - symbol->st_value < symbol->st_size; i++)
        consider(module, symbol, &wanted->items[i]);
}

static void search(const struct native_module *module, wanted_vector *wanted)
{
    Elf64_Sym piece[TABLE_PIECE];
    block_filter filter = {0};
    for (size_t i = 0; i < wanted->count; i++)
        filter_add(filter, wanted->items[i].value);
    uint64_t count =
        module->symbol_count < ELF_SYMBOLS_MAX ? module->symbol_count : ELF_SYMBOLS_MAX;
    for (uint64_t done = 0; done < count;) {
        uint64_t left = count - done < TABLE_PIECE ? count - done : TABLE_PIECE;
        ssize_t got = pread(module->descriptor, piece, left * sizeof *piece,
                            (off_t)(module->symbols + done * sizeof *piece));
        if (got < (ssize_t)sizeof *piece)
            break;
        for (size_t i = 0; i < (size_t)got / sizeof *piece; i++)
            if (filter_passes(filter, &piece[i]) && is_function(&piece[i]))
                match(module, &piece[i], wanted);
        done += (size_t)got / sizeof *piece;
    }
}

/* ---- questions and answers ------------------------------------------------------------------- */

/* An answer without a name takes its place until the pass is over. */
static bool want(struct native_module *module, uint64_t address, wanted_vector *wanted)
{
    uint32_t answer = (uint32_t)module->answers.count;
    struct wanted fresh = {.value = address - module->file->bias, .answer = answer};
    return address_map_get(&module->resolved, address) != ADDRESS_MAP_ABSENT ||
           (vector_push(wanted, fresh) &&
            vector_push(&module->answers, ((struct native_symbol){0})) &&
            address_map_put(&module->resolved, address, answer));
}

bool native_module_resolve(struct target *target, struct native_module *module,
                           const uint64_t *addresses, size_t count)
{
    wanted_vector wanted = {0};
    bool ok = true;
    for (size_t i = 0; i < count && ok; i++)
        ok = want(module, addresses[i], &wanted);
    if (ok && wanted.count) {
        if (!module->symbols_tried)
            open_symbols(target, module);
        qsort(wanted.items, wanted.count, sizeof *wanted.items, compare_wanted);
        search(module, &wanted);
        for (size_t i = 0; i < wanted.count; i++)
            module->answers.items[wanted.items[i].answer] = wanted.items[i].found;
    }
    vector_free(&wanted);
    return ok;
}

struct native_symbol native_module_symbol(const struct native_module *module, uint64_t address)
{
    uint32_t known = address_map_get(&module->resolved, address);
    return known == ADDRESS_MAP_ABSENT ? (struct native_symbol){0} : module->answers.items[known];
}

void native_module_free(struct native_module *module)
{
    for (size_t i = 0; i < module->answers.count; i++)
        free(module->answers.items[i].name);
    vector_free(&module->answers);
    address_map_free(&module->resolved);
    if (module->symbols_tried && module->descriptor >= 0)
        close(module->descriptor);
    for (size_t i = 0; i < module->rules.count; i++)
        native_rules_free(&module->rules.items[i]);
    vector_free(&module->rules);
    address_map_free(&module->rules_by_frame);
    free(module->table);
}
