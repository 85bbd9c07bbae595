/*
 * Arbitrary bytes as an ELF file: once as a module mapped in an image, whose symbols are read from
 * memory, and once as a file on disk. Our own process stands for the one that maps it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "target/internal.h"
#include "target/symbols_internal.h"

#define MODULE_AT UINT64_C(0x555500000000)
#define FILE_MAX  (1 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *count, char ***arguments);

static const char *const names[] = {"_PyRuntime", "PyType_Type", "", "absent"};

static struct target *own_process;
static int file = -1;

int LLVMFuzzerInitialize(int *count, char ***arguments)
{
    (void)count;
    (void)arguments;
    struct error *error = target_open_live(getpid(), &own_process);
    file = memfd_create("module", MFD_CLOEXEC);
    if (error || file < 0)
        abort();
    return 0;
}

static void look_up_in_memory(const uint8_t *data, size_t size)
{
    const struct image_segment segment = {MODULE_AT, data, size};
    struct target *target;
    struct error *error = target_open_image(&segment, 1, &target);
    if (error) {
        error_free(error);
        return;
    }
    struct mapping *mapping = &target->mappings.items[0];
    free((void *)mapping->path);
    mapping->path = strdup("/lib/module.so");
    mapping->executable = true;
    struct elf_modules modules;
    error = elf_modules_list(target, &modules);
    for (size_t i = 0; !error && i < modules.count; i++)
        for (size_t k = 0; k < sizeof names / sizeof *names; k++) {
            uint64_t symbol_size;
            elf_module_symbol(target, &modules.items[i], names[k], &symbol_size);
        }
    error_free(error);
    elf_modules_free(&modules);
    target_close(target);
}

static void look_up_in_file(const uint8_t *data, size_t size)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    struct elf_module module = {
        .path = path,
        .start = (uint64_t)(uintptr_t)data,
        .end = (uint64_t)(uintptr_t)data + size,
    };
    if (ftruncate(file, 0) || pwrite(file, data, size, 0) != (ssize_t)size)
        abort();
    for (size_t k = 0; k < sizeof names / sizeof *names; k++) {
        Elf64_Sym symbol;
        (void)elf_file_lookup(own_process, &module, names[k], &symbol);
    }
    elf_symbols_close(module.symbols);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!size || size > FILE_MAX)
        return 0;
    look_up_in_memory(data, size);
    look_up_in_file(data, size);
    return 0;
}
