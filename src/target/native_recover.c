/*
 * A blocked thread that is not stopped shows its stack pointer only. Code compiled with frame
 * pointers finds its caller by another register. Its value is the address of a pair on the stack,
 * {the caller's frame pointer, return address}. Old pairs lie around there, too. One is taken when
 * it lies where the function's first instructions put it, or else when the call before its return
 * address is a call of this very function; and when the stack unwinds from there to its end. Where
 * two remain, neither is.
 */
#include "target/native_internal.h"

#define FRAME_MAX  (UINT64_C(16) << 10)
#define TRIALS_MAX 16

/* What a call with many arguments, and its alignment, push. */
#define ARGUMENT_BYTES 48

struct recovery {
    const struct native_unwinder *unwinder;
    const struct native_memory *memory;
    const struct native_registers *registers;
    unsigned trials;
};

static bool reaches_end(const struct recovery *recovery, struct native_registers registers)
{
    for (unsigned i = 0; i < NATIVE_FRAMES_MAX; i++) {
        enum native_step step =
            native_step_checked(recovery->unwinder, recovery->memory, &registers);
        if (step != NATIVE_STEP_CALLER)
            return step == NATIVE_STEP_BOTTOM;
    }
    return false;
}

/* Whether the frame pointer may be `place`; `function`: only when a call of that led here, 0: of
 * any. */
static bool may_be(struct recovery *recovery, uint64_t place, uint64_t function)
{
    struct target *target = recovery->unwinder->target;
    uint64_t address, callee;
    if (!native_memory_word(recovery->memory, place + sizeof place, &address))
        return false;
    const struct mapping *mapping = target_mapping_at(target, address);
    if (!mapping || !mapping->executable ||
        !native_follows_call(recovery->unwinder->code, address, &callee) ||
        (function && callee != function) || recovery->trials++ >= TRIALS_MAX)
        return false;
    struct native_registers trial = *recovery->registers;
    native_set(&trial, native_machine.frame_pointer, place);
    return reaches_end(recovery, trial);
}

/* The only place in [from, to) that the frame pointer may be; 0: there is none, or more. */
static uint64_t only_place(struct recovery *recovery, uint64_t from, uint64_t to, uint64_t function)
{
    const struct native_memory *memory = recovery->memory;
    uint64_t found = 0, end = memory->start + memory->size;
    for (uint64_t place = from; place < to && place < end; place += sizeof place) {
        if (!may_be(recovery, place, function))
            continue;
        if (found)
            return 0;
        found = place;
    }
    return found;
}

/* The place by the function's first instructions: registers that it saves are pushed before it
 * makes room for the rest, or stored in that room; arguments of the call may be pushed after. */
static uint64_t by_instructions(struct recovery *recovery, uint64_t function, uint64_t saved)
{
    uint64_t stack = recovery->registers->values[native_machine.stack_pointer], room;
    if (!native_frame_room(recovery->unwinder->code, function, &room) || room > FRAME_MAX)
        return 0;
    uint64_t least = room && room >= saved ? room : room + saved;
    return only_place(recovery, stack + least, stack + room + saved + ARGUMENT_BYTES, 0);
}

static uint64_t by_call(struct recovery *recovery, uint64_t function)
{
    uint64_t stack = recovery->registers->values[native_machine.stack_pointer];
    return only_place(recovery, stack, stack + FRAME_MAX, function);
}

bool native_recover(const struct native_unwinder *unwinder, const struct native_memory *memory,
                    struct native_registers *registers)
{
    struct recovery recovery = {.unwinder = unwinder, .memory = memory, .registers = registers};
    uint64_t address = registers->program_counter - !registers->interrupted;
    struct native_module *module = native_module_at(unwinder, address);
    if (!module || native_known(registers, native_machine.frame_pointer))
        return false;
    Dwarf_CFI *cfi = native_module_cfi(unwinder->code, module, address);
    int64_t saved = native_saved_bytes(cfi, module->file->bias, registers);
    uint64_t function = native_module_function(unwinder->code, module, address);
    if (saved < 0 || !function)
        return false;
    uint64_t place = by_instructions(&recovery, function, (uint64_t)saved);
    place = place ? place : by_call(&recovery, function);
    if (place)
        native_set(registers, native_machine.frame_pointer, place);
    return place != 0;
}
