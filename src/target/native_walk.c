#include "target/native_internal.h"

#include <stdlib.h>
#include <string.h>

/* Once the frame pointer is known, the frames outwards save it. */
#define RECOVERIES_MAX 4

struct native_module *native_module_at(const struct native_unwinder *unwinder, uint64_t address)
{
    for (size_t i = 0; i < unwinder->files.count; i++) {
        struct elf_module *file = &unwinder->files.items[i];
        if (address >= file->start && address < file->end)
            return elf_module_load(unwinder->code, file) ? &unwinder->modules[i] : NULL;
    }
    return NULL;
}

/* Where the code that the registers stand in lies: a call may be a function's last instruction. */
static uint64_t code_address(const struct native_registers *registers)
{
    return registers->program_counter - !registers->interrupted;
}

static bool add_frame(const struct native_unwinder *unwinder,
                      const struct native_registers *registers, struct native_stack *stack)
{
    struct native_module *module = native_module_at(unwinder, code_address(registers));
    struct native_frame frame = {
        .program_counter = registers->program_counter,
        .called = !registers->interrupted,
    };
    if (module) {
        frame.library = module->file->path;
        frame.offset = frame.program_counter - module->file->bias;
    }
    return vector_push(&stack->frames, frame);
}

/* A handler returns to code that goes on where the signal interrupted. */
static bool enters_signal_frame(const struct native_unwinder *unwinder,
                                struct native_registers *registers)
{
    struct native_module *module = native_module_at(unwinder, registers->program_counter);
    Dwarf_CFI *cfi =
        module ? native_module_cfi(unwinder->code, module, registers->program_counter) : NULL;
    registers->interrupted =
        cfi && native_returns_from_signal(cfi, module->file->bias, registers->program_counter);
    return registers->interrupted;
}

/* What the next step needs is read together with the code in front of where it begins. */
static void expect_step(const struct native_unwinder *unwinder, uint64_t program_counter)
{
    uint64_t function, frame = 0;
    struct native_module *module = native_module_at(unwinder, program_counter - 1);
    if (module)
        (void)native_table_find(unwinder->code, module, program_counter - 1, &function, &frame);
    const uint64_t wanted[] = {program_counter - sizeof(uint64_t), frame};
    target_expect(unwinder->code, wanted, 2, sizeof(uint64_t));
}

/* Whether a call may return to where the registers point. */
static bool is_plausible(const struct native_unwinder *unwinder,
                         const struct native_registers *before, struct native_registers *caller)
{
    struct target *target = unwinder->target;
    const struct mapping *mapping = target_mapping_at(target, caller->program_counter - 1);
    unsigned sp = native_machine.stack_pointer;
    if (!mapping || !mapping->executable)
        return false;
    expect_step(unwinder, caller->program_counter);
    if (caller->interrupted) /* it was not called, and its stack may be another one */
        return true;
    return (caller->values[sp] > before->values[sp] ||
            (caller->values[sp] == before->values[sp] && before->interrupted)) &&
           (native_follows_call(unwinder->code, caller->program_counter, NULL) ||
            enters_signal_frame(unwinder, caller));
}

enum native_step native_step_checked(const struct native_unwinder *unwinder,
                                     const struct native_memory *memory,
                                     struct native_registers *registers)
{
    struct native_registers before = *registers;
    struct native_module *module = native_module_at(unwinder, code_address(registers));
    if (!module)
        return NATIVE_STEP_NO_FILE;
    Dwarf_CFI *cfi = native_module_cfi(unwinder->code, module, code_address(registers));
    enum native_step step = native_step(cfi, module->file->bias, memory, registers);
    if (step == NATIVE_STEP_CALLER && !is_plausible(unwinder, &before, registers))
        return NATIVE_STEP_IMPLAUSIBLE;
    return step;
}

static const char *note_of(enum native_step step)
{
    switch (step) {
    case NATIVE_STEP_CALLER:
        return "there are more frames than are shown";
    case NATIVE_STEP_BOTTOM:
        return NULL;
    case NATIVE_STEP_NO_FILE:
        return "that code belongs to no file; it was generated at run time";
    case NATIVE_STEP_NO_RULES:
        return "nothing tells how to unwind that code";
    case NATIVE_STEP_UNKNOWN_BASE:
        return "the next frame is found by a register that only a stopped thread shows";
    case NATIVE_STEP_UNREADABLE:
        return "the return address is not known";
    case NATIVE_STEP_IMPLAUSIBLE:
        break;
    }
    return "the return address leads to no code behind a call";
}

/* One step outwards, with the frame pointer found where that is needed and possible. */
static enum native_step step_outwards(const struct native_unwinder *unwinder,
                                      const struct native_memory *memory,
                                      struct native_registers *registers, unsigned *recoveries)
{
    enum native_step step = native_step_checked(unwinder, memory, registers);
    if (step == NATIVE_STEP_UNKNOWN_BASE && ++*recoveries <= RECOVERIES_MAX &&
        native_recover(unwinder, memory, registers))
        step = native_step_checked(unwinder, memory, registers);
    return step;
}

struct error *native_walk(const struct native_unwinder *unwinder,
                          const struct native_memory *memory, struct native_registers registers,
                          struct native_stack *stack)
{
    enum native_step step = NATIVE_STEP_CALLER;
    unsigned recoveries = 0;
    *stack = (struct native_stack){0};
    while (step == NATIVE_STEP_CALLER && stack->frames.count < NATIVE_FRAMES_MAX) {
        if (!add_frame(unwinder, &registers, stack)) {
            native_stack_free(stack);
            return error_no_memory();
        }
        step = step_outwards(unwinder, memory, &registers, &recoveries);
        if (step == NATIVE_STEP_CALLER)
            stack->frames.items[stack->frames.count - 1].end =
                registers.values[native_machine.stack_pointer];
    }
    stack->incomplete = note_of(step);
    return NULL;
}
