#include "target/native_internal.h"

#include <stdlib.h>
#include <string.h>

#include "target/memo.h"

/* The kernel's own library is mapped without a file. */
static bool add_kernel_library(struct target *target, struct elf_modules *files)
{
    size_t count;
    const struct mapping *mappings = target_mappings(target, &count);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(mappings[i].path, "[vdso]") != 0)
            continue;
        struct elf_module *grown = realloc(files->items, (files->count + 1) * sizeof *grown);
        if (!grown)
            return false;
        files->items = grown;
        grown[files->count] = (struct elf_module){
            .path = strdup(mappings[i].path),
            .bias = mappings[i].start,
            .start = mappings[i].start,
            .end = mappings[i].end,
            .machine = native_machine.elf,
            .loaded = true,
            .deleted = true,
        };
        return grown[files->count++].path;
    }
    return true;
}

static struct error *find_modules(struct native_unwinder *unwinder)
{
    struct error *error = elf_modules_list(unwinder->target, &unwinder->files);
    if (error)
        return error;
    if (!add_kernel_library(unwinder->target, &unwinder->files))
        return error_no_memory();
    unwinder->modules = calloc(unwinder->files.count + 1, sizeof *unwinder->modules);
    if (!unwinder->modules)
        return error_no_memory();
    for (size_t i = 0; i < unwinder->files.count; i++)
        unwinder->modules[i].file = &unwinder->files.items[i];
    return NULL;
}

struct error *native_unwinder_new(struct target *target, struct native_unwinder **out)
{
    struct native_unwinder *unwinder = calloc(1, sizeof *unwinder);
    if (!unwinder)
        return error_no_memory();
    unwinder->target = target;
    unwinder->remembered = target_open_sparse_memo(target);
    unwinder->code = unwinder->remembered ? unwinder->remembered : target;
    struct error *error = find_modules(unwinder);
    if (error) {
        native_unwinder_free(unwinder);
        return error;
    }
    *out = unwinder;
    return NULL;
}

void native_unwinder_free(struct native_unwinder *unwinder)
{
    if (!unwinder)
        return;
    for (size_t i = 0; unwinder->modules && i < unwinder->files.count; i++)
        native_module_free(&unwinder->modules[i]);
    free(unwinder->modules);
    elf_modules_free(&unwinder->files);
    target_close(unwinder->remembered);
    free(unwinder);
}

void native_stack_free(struct native_stack *stack)
{
    for (size_t i = 0; i < stack->frames.count; i++)
        free(stack->frames.items[i].function);
    vector_free(&stack->frames);
}

static struct error *walk_from(struct native_unwinder *unwinder,
                               const struct native_registers *registers, struct native_stack *stack)
{
    struct native_memory memory;
    if (!native_memory_copy(unwinder->target, registers->values[native_machine.stack_pointer],
                            &memory))
        return error_no_memory();
    struct error *error = native_walk(unwinder, &memory, *registers, stack);
    free(memory.bytes);
    return error;
}

struct error *native_stack_read(struct native_unwinder *unwinder, uint64_t program_counter,
                                uint64_t stack_pointer, struct native_stack *stack)
{
    struct native_registers registers = {.program_counter = program_counter, .interrupted = true};
    native_set(&registers, native_machine.stack_pointer, stack_pointer);
    return walk_from(unwinder, &registers, stack);
}

struct error *native_stack_recorded(struct native_unwinder *unwinder, pid_t tid,
                                    struct native_stack *stack, uint64_t *stack_pointer,
                                    bool *recorded)
{
    struct native_registers registers;
    *recorded = target_registers(unwinder->target, tid, &registers);
    if (!*recorded)
        return NULL;
    *stack_pointer = registers.values[native_machine.stack_pointer];
    return walk_from(unwinder, &registers, stack);
}
