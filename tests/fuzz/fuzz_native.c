/*
 * Arbitrary bytes as a mapped ELF file with unwind information, and arbitrary words as the stack
 * that is unwound by it. Then the same bytes as a file on disk whose symbols name the functions;
 * our own process stands for the one that maps it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "target/internal.h"
#include "target/native_internal.h"

#define MODULE_AT UINT64_C(0x555500000000)
#define STACK_AT  UINT64_C(0x7fff00000000)
#define FILE_MAX  (1 << 16)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *count, char ***arguments);

/* In front of the file; the words of the stack behind this. */
struct head {
    uint16_t program_counter; /* offset in the file */
    uint16_t words;
};

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

/* 16 bits of the input stand for an address in the file or on the stack. */
static uint64_t *make_stack(const uint8_t *data, size_t words)
{
    uint64_t *stack = calloc(words + 1, sizeof *stack);
    for (size_t i = 0; stack && i < words; i++) {
        uint16_t word;
        memcpy(&word, data + i * sizeof word, sizeof word);
        stack[i] = word & 0x8000 ? STACK_AT + (word & 0x7fff) : MODULE_AT + word;
    }
    return stack;
}

static void unwind(struct target *target, uint64_t program_counter)
{
    struct mapping *mapping = &target->mappings.items[0];
    free((void *)mapping->path);
    mapping->path = strdup("/lib/module.so");
    mapping->executable = true;
    struct native_unwinder *unwinder;
    struct native_stack stack = {0};
    struct error *error = native_unwinder_new(target, &unwinder);
    if (!error) {
        error = native_stack_read(unwinder, program_counter, STACK_AT, &stack);
        if (!error)
            error = native_stacks_name(unwinder, &stack, 1);
        native_stack_free(&stack);
        native_unwinder_free(unwinder);
    }
    error_free(error);
}

static void name(const uint8_t *data, size_t size, uint64_t address)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    const struct elf_module module = {
        .path = path,
        .bias = (uint64_t)(uintptr_t)data,
        .start = (uint64_t)(uintptr_t)data,
        .end = (uint64_t)(uintptr_t)data + size,
    };
    struct native_module native = {.file = &module};
    if (ftruncate(file, 0) || pwrite(file, data, size, 0) != (ssize_t)size)
        abort();
    const uint64_t wanted[] = {module.bias + address, module.bias + address / 2};
    (void)native_module_resolve(own_process, &native, wanted, 2);
    (void)native_module_symbol(&native, wanted[0]);
    native_module_free(&native);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct head head;
    if (size < sizeof head || size > FILE_MAX)
        return 0;
    memcpy(&head, data, sizeof head);
    size_t before = sizeof head + head.words * sizeof(uint16_t);
    if (before >= size)
        return 0;
    uint64_t *stack = make_stack(data + sizeof head, head.words);
    const struct image_segment segments[] = {
        {MODULE_AT, data + before, size - before},
        {STACK_AT, (uint8_t *)stack, (head.words + 1) * sizeof *stack},
    };
    struct target *target;
    struct error *error = stack ? target_open_image(segments, 2, &target) : error_no_memory();
    if (!error) {
        unwind(target, MODULE_AT + head.program_counter);
        target_close(target);
        name(data + before, size - before, head.program_counter);
    }
    error_free(error);
    free(stack);
    return 0;
}
