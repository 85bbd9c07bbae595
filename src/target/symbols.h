/*
 * symbols.h: names of things in the files that a target maps. Files are opened through the
 * target's own root (/proc/PID/root, /proc/PID/map_files), so that containers and replaced
 * executables work; libelf parses them.
 */
#ifndef STETH_TARGET_SYMBOLS_H
#define STETH_TARGET_SYMBOLS_H

#include "target/target.h"

struct elf_symbols;

/* One mapped ELF file. */
struct elf_module {
    char *path;                  /* as the target sees it */
    uint64_t bias;               /* what to add to a symbol's value */
    uint64_t start;              /* lowest mapped address */
    uint64_t end;                /* end of the highest mapping */
    uint16_t machine;            /* e_machine of its header */
    bool executable;             /* the program itself, not a library */
    bool deleted;                /* replaced or removed on disk since it was mapped */
    struct elf_symbols *symbols; /* of its file, once they were asked for; owned */
};

struct elf_modules {
    struct elf_module *items;
    size_t count;
};

/* Every ELF file the target maps, main executable first. The caller frees with elf_modules_free. */
struct error *elf_modules_list(struct target *target, struct elf_modules *modules);
void elf_modules_free(struct elf_modules *modules);

/*
 * The run-time address of a symbol defined in the dynamic symbol table of `module`, 0 when it is
 * absent. `size` (may be NULL) receives st_size.
 */
uint64_t elf_module_symbol(struct target *target, struct elf_module *module, const char *name,
                           uint64_t *size);

#endif
