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

static Elf_Scn *dynamic_symbols(Elf *elf, GElf_Shdr *header)
{
    for (Elf_Scn *section = NULL; (section = elf_nextscn(elf, section));) {
        if (gelf_getshdr(section, header) && header->sh_type == SHT_DYNSYM)
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

static enum elf_lookup search(Elf_Data *symbols, const Elf_Data *strings, const char *name,
                              Elf64_Sym *found)
{
    for (int i = 0; i < ELF_SYMBOLS_MAX; i++) {
        GElf_Sym symbol;
        if (!gelf_getsym(symbols, i, &symbol))
            break;
        if (symbol.st_shndx == SHN_UNDEF || symbol.st_name >= strings->d_size)
            continue;
        const char *text = (const char *)strings->d_buf + symbol.st_name;
        size_t left = strings->d_size - symbol.st_name;
        if (strlen(name) < left && strncmp(text, name, left) == 0) {
            *found = symbol;
            return ELF_LOOKUP_FOUND;
        }
    }
    return ELF_LOOKUP_ABSENT;
}

int elf_file_open(struct target *target, const struct elf_module *module)
{
    int file = open_module(target, module);
    if (file >= 0 && !is_mapped_file(target, module, file)) {
        close(file);
        return -1;
    }
    return file;
}

/* ---- one file, opened once ------------------------------------------------------------------- */

struct elf_symbols {
    int file;
    Elf *elf;
    Elf_Data *symbols, *strings; /* NULL: unusable */
};

static void find_tables(struct elf_symbols *opened)
{
    GElf_Shdr header;
    Elf_Scn *section = dynamic_symbols(opened->elf, &header);
    if (!section)
        return;
    Elf_Data *symbols = bounded_data(section, ELF_SYMBOLS_MAX * sizeof(Elf64_Sym));
    Elf_Data *strings = bounded_data(elf_getscn(opened->elf, header.sh_link), ELF_STRINGS_MAX);
    if (symbols && strings && symbols->d_type == ELF_T_SYM) {
        opened->symbols = symbols;
        opened->strings = strings;
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
    return search(opened->symbols, opened->strings, name, symbol);
}
