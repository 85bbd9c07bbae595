/* Symbols from the file on disk, through libelf. The file may be hostile: it is read, never mapped
 * (a mapped file that shrinks kills its reader), and every size is bounded. */
#include "target/internal.h"
#include "target/symbols_internal.h"

#include <fcntl.h>
#include <gelf.h>
#include <libelf.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int open_regular(const char *path)
{
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    struct stat status;
    if (file >= 0 && (fstat(file, &status) < 0 || !S_ISREG(status.st_mode))) {
        close(file);
        return -1;
    }
    return file;
}

static int open_module(struct target *target, const struct elf_module *module)
{
    while (target->base)
        target = target->base;
    return target->operations->open_module ? target->operations->open_module(target, module)
                                           : capture_file_of(target, module->start);
}

/* The path may lead to another file by now: its header must be the one that is mapped. */
static bool is_mapped_file(struct target *target, const struct elf_module *module, int file)
{
    unsigned char on_disk[sizeof(Elf64_Ehdr)], mapped[sizeof(Elf64_Ehdr)];
    return pread(file, on_disk, sizeof on_disk, 0) == (ssize_t)sizeof on_disk &&
           target_read(target, module->start, mapped, sizeof mapped) &&
           memcmp(on_disk, mapped, sizeof mapped) == 0;
}

static Elf_Scn *section_of_type(Elf *elf, uint32_t type, GElf_Shdr *header)
{
    for (Elf_Scn *section = NULL; (section = elf_nextscn(elf, section));) {
        if (gelf_getshdr(section, header) && header->sh_type == type)
            return section;
    }
    return NULL;
}

static Elf_Data *bounded_data(Elf_Scn *section, uint64_t limit)
{
    GElf_Shdr header;
    if (!section || !gelf_getshdr(section, &header) || header.sh_size > limit)
        return NULL;
    Elf_Data *data = elf_getdata(section, NULL);
    return data && data->d_buf ? data : NULL;
}

/* ---- the search ------------------------------------------------------------------------------ */

struct elf_symbols {
    int file;
    Elf *elf;
    Elf_Data *symbols, *strings; /* NULL: unusable */
    Elf_Data *hash;              /* of the type SHT_GNU_HASH; NULL: the file has none */
};

static size_t symbol_count(const struct elf_symbols *opened)
{
    size_t count = opened->symbols->d_size / sizeof(Elf64_Sym);
    return count < ELF_SYMBOLS_MAX ? count : ELF_SYMBOLS_MAX;
}

static bool is_symbol(const struct elf_symbols *opened, size_t index, const char *name,
                      Elf64_Sym *found)
{
    const Elf64_Sym *symbol = (const Elf64_Sym *)opened->symbols->d_buf + index;
    const Elf_Data *strings = opened->strings;
    if (symbol->st_shndx == SHN_UNDEF || symbol->st_name >= strings->d_size)
        return false;
    size_t size = strlen(name) + 1;
    if (size > strings->d_size - symbol->st_name ||
        memcmp((const char *)strings->d_buf + symbol->st_name, name, size) != 0)
        return false;
    *found = *symbol;
    return true;
}

static enum elf_lookup search_all(const struct elf_symbols *opened, const char *name,
                                  Elf64_Sym *found)
{
    for (size_t i = 0; i < symbol_count(opened); i++) {
        if (is_symbol(opened, i, name, found))
            return ELF_LOOKUP_FOUND;
    }
    return ELF_LOOKUP_ABSENT;
}

/* Source: glibc 2.36 elf/dl-lookup.c, do_lookup_x. In words of four bytes: how many buckets, the
 * first symbol of the chains, words of eight bytes of a filter, its shift, the filter, the buckets,
 * the chains: a hash for each symbol, the lowest bit set in the last one of a bucket. */
static enum elf_lookup search_hash(const struct elf_symbols *opened, const char *name,
                                   Elf64_Sym *found)
{
    const uint32_t *words = opened->hash->d_buf;
    size_t count = opened->hash->d_size / sizeof *words, symbols = symbol_count(opened);
    uint32_t buckets = count > 4 ? words[0] : 0, first = buckets ? words[1] : 0;
    uint64_t chains = 4 + 2 * (uint64_t)(buckets ? words[2] : 0) + buckets;
    if (!buckets || chains > count)
        return ELF_LOOKUP_UNUSABLE;
    uint32_t hash = elf_gnu_hash(name);
    for (uint64_t i = words[chains - buckets + hash % buckets]; i >= first && i; i++) {
        if (i >= symbols || chains + (i - first) >= count)
            return ELF_LOOKUP_UNUSABLE;
        uint32_t word = words[chains + (i - first)];
        if ((word | 1) == (hash | 1) && is_symbol(opened, i, name, found))
            return ELF_LOOKUP_FOUND;
        if (word & 1)
            break;
    }
    return ELF_LOOKUP_ABSENT;
}

/* ---- one file, opened once ------------------------------------------------------------------- */

int elf_file_open(struct target *target, const struct elf_module *module)
{
    int file = open_module(target, module);
    if (file >= 0 && !is_mapped_file(target, module, file)) {
        close(file);
        return -1;
    }
    return file;
}

static void find_tables(struct elf_symbols *opened)
{
    GElf_Shdr header;
    Elf_Scn *section = section_of_type(opened->elf, SHT_DYNSYM, &header);
    if (!section)
        return;
    Elf_Data *symbols = bounded_data(section, ELF_SYMBOLS_MAX * sizeof(Elf64_Sym));
    Elf_Data *strings = bounded_data(elf_getscn(opened->elf, header.sh_link), ELF_STRINGS_MAX);
    if (symbols && strings && symbols->d_type == ELF_T_SYM) {
        opened->symbols = symbols;
        opened->strings = strings;
        opened->hash = bounded_data(section_of_type(opened->elf, SHT_GNU_HASH, &header),
                                    ELF_SYMBOLS_MAX * sizeof(uint64_t));
    }
}

static struct elf_symbols *open_symbols(struct target *target, const struct elf_module *module)
{
    struct elf_symbols *opened = calloc(1, sizeof *opened);
    if (!opened)
        return NULL;
    opened->file = elf_file_open(target, module);
    if (opened->file >= 0 && elf_version(EV_CURRENT) != EV_NONE)
        opened->elf = elf_begin(opened->file, ELF_C_READ, NULL);
    if (opened->elf && elf_kind(opened->elf) == ELF_K_ELF)
        find_tables(opened);
    return opened;
}

void elf_symbols_close(struct elf_symbols *opened)
{
    if (!opened)
        return;
    elf_end(opened->elf);
    if (opened->file >= 0)
        close(opened->file);
    free(opened);
}

enum elf_lookup elf_file_lookup(struct target *target, struct elf_module *module, const char *name,
                                Elf64_Sym *symbol)
{
    if (!module->symbols)
        module->symbols = open_symbols(target, module);
    const struct elf_symbols *opened = module->symbols;
    if (!opened || !opened->symbols)
        return ELF_LOOKUP_UNUSABLE;
    enum elf_lookup outcome =
        opened->hash ? search_hash(opened, name, symbol) : ELF_LOOKUP_UNUSABLE;
    return outcome == ELF_LOOKUP_UNUSABLE ? search_all(opened, name, symbol) : outcome;
}
