/*
 * symbols.h: names of things in the files that a target maps. Files are opened through the
 * target's own root (/proc/PID/root, /proc/PID/map_files), so that containers and replaced
 * executables work; libelf parses them.
 */
#ifndef STETH_TARGET_SYMBOLS_H
#define STETH_TARGET_SYMBOLS_H

#include "target/target.h"

struct elf_symbols;

/* One mapped file with code. */
struct elf_module {
    char *path;                  /* as the target sees it */
    uint64_t start;              /* lowest mapped address */
    uint64_t end;                /* end of the highest mapping */
    uint64_t bias;               /* what to add to a symbol's value; once it is loaded */
    uint16_t machine;            /* e_machine of its header; once it is loaded */
    bool loaded;                 /* its header was read, as elf_module_load does */
    bool foreign;                /* its header was read, and it is none of ELF */
    bool executable;             /* the program itself, not a library */
    bool deleted;                /* replaced or removed on disk since it was mapped */
    struct elf_symbols *symbols; /* of its file, once they were asked for; owned */
};

struct elf_modules {
    struct elf_module *items;
    size_t count;
};

/* Every file that the target maps code of, main executable first; their headers are not read yet.
 * The caller frees with elf_modules_free. */
struct error *elf_modules_list(struct target *target, struct elf_modules *modules);
void elf_modules_free(struct elf_modules *modules);

/* Reads the header, once. False: this is no ELF file of 64 bits. */
bool elf_module_load(struct target *target, struct elf_module *module);

/*
 * The run-time address of a symbol defined in the dynamic symbol table of `module`, 0 when it is
 * absent. `size` (may be NULL) receives st_size.
 */
uint64_t elf_module_symbol(struct target *target, struct elf_module *module, const char *name,
                           uint64_t *size);

#endif
