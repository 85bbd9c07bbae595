/* DWARF expressions, as far as unwind information uses them: no branches, no pieces. */
#include "target/native_internal.h"

#include <dwarf.h>
#include <string.h>

#define OPERANDS_MAX 32

struct machine {
    const struct native_context *context;
    uint64_t operands[OPERANDS_MAX];
    size_t depth;
    bool is_value;
};

static bool push(struct machine *machine, uint64_t value)
{
    if (machine->depth == OPERANDS_MAX)
        return false;
    machine->operands[machine->depth++] = value;
    return true;
}

static bool push_register(struct machine *machine, uint64_t number, uint64_t offset)
{
    const struct native_registers *registers = machine->context->registers;
    return number < NATIVE_REGISTERS && native_known(registers, (unsigned)number) &&
           push(machine, registers->values[number] + offset);
}

static bool push_copy(struct machine *machine, uint64_t from_top)
{
    return from_top < machine->depth &&
           push(machine, machine->operands[machine->depth - 1 - (size_t)from_top]);
}

static bool replace_by_memory(struct machine *machine, uint64_t size)
{
    uint64_t *top = machine->depth ? &machine->operands[machine->depth - 1] : NULL;
    if (!top || size < 1 || size > 8 || !native_memory_word(machine->context->memory, *top, top))
        return false;
    *top &= UINT64_MAX >> (64 - 8 * size);
    return true;
}

static bool combine(uint8_t operation, uint64_t left, uint64_t right, uint64_t *result)
{
    switch (operation) {
    case DW_OP_and:
        *result = left & right;
        return true;
    case DW_OP_or:
        *result = left | right;
        return true;
    case DW_OP_xor:
        *result = left ^ right;
        return true;
    case DW_OP_plus:
        *result = left + right;
        return true;
    case DW_OP_minus:
        *result = left - right;
        return true;
    case DW_OP_mul:
        *result = left * right;
        return true;
    case DW_OP_shl:
        *result = right < 64 ? left << right : 0;
        return true;
    case DW_OP_shr:
        *result = right < 64 ? left >> right : 0;
        return true;
    case DW_OP_eq:
        *result = left == right;
        return true;
    case DW_OP_ne:
        *result = left != right;
        return true;
    case DW_OP_ge:
        *result = (int64_t)left >= (int64_t)right;
        return true;
    case DW_OP_gt:
        *result = (int64_t)left > (int64_t)right;
        return true;
    case DW_OP_le:
        *result = (int64_t)left <= (int64_t)right;
        return true;
    case DW_OP_lt:
        *result = (int64_t)left < (int64_t)right;
        return true;
    default:
        return false;
    }
}

static bool apply_binary(struct machine *machine, uint8_t operation)
{
    uint64_t result;
    if (machine->depth < 2 || !combine(operation, machine->operands[machine->depth - 2],
                                       machine->operands[machine->depth - 1], &result))
        return false;
    machine->operands[--machine->depth - 1] = result;
    return true;
}

static bool apply(struct machine *machine, const Dwarf_Op *operation)
{
    uint8_t atom = operation->atom;
    if (atom >= DW_OP_lit0 && atom <= DW_OP_lit31)
        return push(machine, atom - DW_OP_lit0);
    if (atom >= DW_OP_breg0 && atom <= DW_OP_breg31)
        return push_register(machine, atom - DW_OP_breg0, operation->number);
    if (atom >= DW_OP_const1u && atom <= DW_OP_consts)
        return push(machine, operation->number);
    if (atom >= DW_OP_reg0 && atom <= DW_OP_reg31) {
        machine->is_value = true;
        return push_register(machine, atom - DW_OP_reg0, 0);
    }
    switch (atom) {
    case DW_OP_regx:
        machine->is_value = true;
        return push_register(machine, operation->number, 0);
    case DW_OP_bregx:
        return push_register(machine, operation->number, operation->number2);
    case DW_OP_call_frame_cfa:
        return push(machine, machine->context->cfa);
    case DW_OP_stack_value:
        machine->is_value = true;
        return true;
    case DW_OP_plus_uconst:
        return push(machine, operation->number) && apply_binary(machine, DW_OP_plus);
    case DW_OP_dup:
        return push_copy(machine, 0);
    case DW_OP_over:
        return push_copy(machine, 1);
    case DW_OP_pick:
        return push_copy(machine, operation->number);
    case DW_OP_drop:
        return machine->depth && machine->depth--;
    case DW_OP_deref:
        return replace_by_memory(machine, 8);
    case DW_OP_deref_size:
        return replace_by_memory(machine, operation->number);
    case DW_OP_nop:
        return true;
    default:
        return apply_binary(machine, atom);
    }
}

bool native_evaluate(const struct native_context *context, const Dwarf_Op *operations, size_t count,
                     uint64_t *result, bool *is_value)
{
    struct machine machine = {.context = context};
    for (size_t i = 0; i < count; i++)
        if (!apply(&machine, &operations[i]))
            return false;
    if (!machine.depth)
        return false;
    *result = machine.operands[machine.depth - 1];
    *is_value = machine.is_value;
    return true;
}
