#include "target/native_internal.h"

#include <dwarf.h>

#include "base/cleanup.h"

/* What the rule for one register gives. */
enum rule { RULE_KNOWN, RULE_UNKNOWN, RULE_UNDEFINED };

/* Register `number` as it was in the caller. */
static enum rule caller_register(Dwarf_Frame *frame, const struct native_context *context,
                                 unsigned number, uint64_t *value)
{
    Dwarf_Op space[3], *operations;
    size_t count;
    if (dwarf_frame_register(frame, (int)number, space, &operations, &count))
        return RULE_UNKNOWN;
    if (!count && operations) /* the rule is "undefined" */
        return RULE_UNDEFINED;
    if (!count) { /* "same value" */
        *value = context->registers->values[number];
        return native_known(context->registers, number) ? RULE_KNOWN : RULE_UNKNOWN;
    }
    uint64_t result;
    bool is_value;
    if (!native_evaluate(context, operations, count, &result, &is_value))
        return RULE_UNKNOWN;
    if (!is_value && !native_memory_word(context->memory, result, &result))
        return RULE_UNKNOWN;
    *value = result;
    return RULE_KNOWN;
}

static enum native_step unwind(Dwarf_Frame *frame, struct native_context *context,
                               struct native_registers *caller)
{
    Dwarf_Op *operations;
    size_t count;
    bool is_value, from_signal = false;
    if (dwarf_frame_cfa(frame, &operations, &count) || !count)
        return NATIVE_STEP_NO_RULES;
    if (!native_evaluate(context, operations, count, &context->cfa, &is_value))
        return NATIVE_STEP_UNKNOWN_BASE;
    int return_register = dwarf_frame_info(frame, NULL, NULL, &from_signal);
    if (return_register < 0 || return_register >= NATIVE_REGISTERS)
        return NATIVE_STEP_NO_RULES;
    uint64_t address = 0;
    enum rule rule = caller_register(frame, context, (unsigned)return_register, &address);
    if (rule == RULE_UNDEFINED || (rule == RULE_KNOWN && !address))
        return NATIVE_STEP_BOTTOM;
    if (rule != RULE_KNOWN)
        return NATIVE_STEP_UNREADABLE;
    /* The callee's stack pointer is the frame's address, unless a rule (of a signal's frame) says
     * otherwise. */
    native_set(caller, native_machine.stack_pointer, context->cfa);
    for (unsigned number = 0; number < native_machine.registers; number++) {
        uint64_t value;
        if (number == native_machine.stack_pointer && !from_signal)
            continue;
        if (caller_register(frame, context, number, &value) == RULE_KNOWN)
            native_set(caller, number, value);
    }
    caller->program_counter = address & native_machine.address_bits;
    caller->interrupted = from_signal;
    return NATIVE_STEP_CALLER;
}

enum native_step native_step(Dwarf_CFI *cfi, uint64_t bias, const struct native_memory *memory,
                             struct native_registers *registers)
{
    /* A call may be the last instruction of a function: its row is that of the call. */
    uint64_t address = registers->program_counter - bias - !registers->interrupted;
    _cleanup_free_ Dwarf_Frame *frame = NULL;
    if (!cfi || dwarf_cfi_addrframe(cfi, address, &frame))
        return NATIVE_STEP_NO_RULES;
    struct native_registers caller = {0};
    struct native_context context = {.registers = registers, .memory = memory};
    enum native_step step = unwind(frame, &context, &caller);
    if (step == NATIVE_STEP_CALLER)
        *registers = caller;
    return step;
}

/* The rule "at the frame's address plus a constant". */
static bool is_saved_at(Dwarf_Frame *frame, unsigned number, int64_t *offset)
{
    Dwarf_Op space[3], *operations;
    size_t count;
    if (dwarf_frame_register(frame, (int)number, space, &operations, &count) || count != 2 ||
        operations[0].atom != DW_OP_call_frame_cfa || operations[1].atom != DW_OP_plus_uconst)
        return false;
    *offset = (int64_t)operations[1].number;
    return true;
}

int64_t native_saved_bytes(Dwarf_CFI *cfi, uint64_t bias, const struct native_registers *registers)
{
    uint64_t address = registers->program_counter - bias - !registers->interrupted;
    _cleanup_free_ Dwarf_Frame *frame = NULL;
    Dwarf_Op *operations;
    size_t count;
    unsigned pointer = native_machine.frame_pointer;
    int64_t lowest, offset;
    if (!cfi || dwarf_cfi_addrframe(cfi, address, &frame) ||
        dwarf_frame_cfa(frame, &operations, &count) || count != 1 ||
        operations->atom != DW_OP_bregx || operations->number != pointer ||
        !is_saved_at(frame, pointer, &lowest) ||
        lowest + (int64_t)operations->number2 != 0) /* the frame pointer points at the saved one */
        return -1;
    int64_t top = lowest;
    for (unsigned number = 0; number < native_machine.registers; number++)
        if (is_saved_at(frame, number, &offset) && offset < lowest)
            lowest = offset;
    return top - lowest;
}

bool native_returns_from_signal(Dwarf_CFI *cfi, uint64_t bias, uint64_t address)
{
    _cleanup_free_ Dwarf_Frame *frame = NULL;
    bool from_signal = false;
    if (!cfi || dwarf_cfi_addrframe(cfi, address - bias, &frame))
        return false;
    return dwarf_frame_info(frame, NULL, NULL, &from_signal) >= 0 && from_signal;
}
