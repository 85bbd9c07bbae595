/* symbols_internal.h: the two ways to look a symbol up; shared by the symbols*.c of this room. */
#ifndef STETH_TARGET_SYMBOLS_INTERNAL_H
#define STETH_TARGET_SYMBOLS_INTERNAL_H

#include <elf.h>

#include "target/symbols.h"

#define ELF_PROGRAM_HEADERS_MAX 64
#define ELF_SYMBOLS_MAX         (1 << 20)
#define ELF_STRINGS_MAX         (UINT64_C(64) << 20)

struct elf_headers {
    Elf64_Ehdr file;
    Elf64_Phdr programs[ELF_PROGRAM_HEADERS_MAX];
    size_t program_count;
};

/* Whether this is the begin of a file that the functions here understand. */
bool elf_header_is_ours(const Elf64_Ehdr *header);

/* What to add to addresses of a file whose first byte is mapped at `start`. */
uint64_t elf_load_bias(const struct elf_headers *headers, uint64_t start);

/* Opens a path for reading if it is a regular file; -1. */
int open_regular(const char *path);

/* The headers as the target has them mapped at `start`; false when they are not 64-bit ELF. */
bool elf_headers_read(struct target *target, uint64_t start, struct elf_headers *headers);

/* The file behind a module, when it still is the one that is mapped; -1 otherwise. The caller
 * closes it. */
int elf_file_open(struct target *target, const struct elf_module *module);

/* How a lookup ended. A file that cannot be used leaves the question to the target's memory. */
enum elf_lookup {
    ELF_LOOKUP_FOUND,
    ELF_LOOKUP_ABSENT,
    ELF_LOOKUP_UNUSABLE,
};

/* Opens the file when it is first needed. */
enum elf_lookup elf_file_lookup(struct target *target, struct elf_module *module, const char *name,
                                Elf64_Sym *symbol);
void elf_symbols_close(struct elf_symbols *symbols);
enum elf_lookup elf_memory_lookup(struct target *target, const struct elf_module *module,
                                  const char *name, Elf64_Sym *symbol);

#endif
