#include "target/native_internal.h"

#include <elf.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/user.h>

#if defined __x86_64__

/* Numbers of the System V ABI for AMD64, figure "DWARF Register Number Mapping". */
const struct native_machine native_machine = {
    .elf = EM_X86_64,
    .stack_pointer = 7,
    .frame_pointer = 6,
    .registers = 16,
    .address_bits = UINT64_MAX,
};

static void from_user(const struct user_regs_struct *user, struct native_registers *registers)
{
    const uint64_t values[] = {
        user->rax, user->rdx, user->rcx, user->rbx, user->rsi, user->rdi, user->rbp, user->rsp,
        user->r8,  user->r9,  user->r10, user->r11, user->r12, user->r13, user->r14, user->r15,
    };
    memcpy(registers->values, values, sizeof values);
    registers->program_counter = user->rip;
}

#define CALL_BYTES 7

/* An indirect call (FF /2) of exactly `length` bytes. */
static bool is_indirect_call(const uint8_t *code, size_t length)
{
    uint8_t mode = code[1] >> 6, base = code[1] & 7;
    size_t size = 2;
    if (code[0] != 0xFF || (code[1] >> 3 & 7) != 2)
        return false;
    if (mode != 3 && base == 4) { /* a SIB byte */
        size++;
        if (mode == 0 && length > 2 && (code[2] & 7) == 5)
            size += 4;
    }
    if (mode == 1)
        size += 1;
    if (mode == 2 || (mode == 0 && base == 5))
        size += 4;
    return size == length;
}

/* The address that is `distance` (of four bytes) behind the end of an instruction. */
static uint64_t relative(const uint8_t *distance, uint64_t end)
{
    int32_t value;
    memcpy(&value, distance, sizeof value);
    return end + (uint64_t)(int64_t)value;
}

/* Where a linker's stub, "endbr64; bnd jmp *slot(%rip)" or part of that, leads to. */
static uint64_t through_stub(struct target *target, uint64_t function)
{
    static const uint8_t landing[] = {0xF3, 0x0F, 0x1E, 0xFA};
    uint8_t code[11];
    uint64_t destination;
    if (!target_read(target, function, code, sizeof code))
        return function;
    size_t at = memcmp(code, landing, sizeof landing) == 0 ? sizeof landing : 0;
    at += code[at] == 0xF2;
    if (code[at] != 0xFF || code[at + 1] != 0x25 ||
        !target_read_word(target, relative(code + at + 2, function + at + 6), &destination))
        return function;
    return destination;
}

bool native_follows_call(struct target *target, uint64_t address, uint64_t *callee)
{
    uint8_t code[CALL_BYTES];
    if (!target_read(target, address - CALL_BYTES, code, sizeof code))
        return false;
    uint64_t operand = relative(code + CALL_BYTES - 4, address);
    if (callee)
        *callee = 0;
    if (code[CALL_BYTES - 5] == 0xE8) { /* call rel32 */
        if (callee)
            *callee = through_stub(target, operand);
        return true;
    }
    if (code[CALL_BYTES - 6] == 0xFF && code[CALL_BYTES - 5] == 0x15) { /* call *slot(%rip) */
        if (callee && !target_read_word(target, operand, callee))
            *callee = 0;
        return true;
    }
    for (size_t length = 2; length <= CALL_BYTES; length++)
        if (is_indirect_call(code + CALL_BYTES - length, length))
            return true;
    return false;
}

#define PROLOGUE_BYTES 64

bool native_frame_room(struct target *target, uint64_t function, uint64_t *room)
{
    static const uint8_t frame_pointer[] = {0x48, 0x89, 0xE5}; /* mov %rsp, %rbp */
    uint8_t code[PROLOGUE_BYTES];
    if (!target_read(target, function, code, sizeof code))
        return false;
    const uint8_t *set = memmem(code, sizeof code, frame_pointer, sizeof frame_pointer);
    *room = 0;
    for (const uint8_t *at = set; at && !*room && at + 7 <= code + sizeof code; at++) {
        uint32_t size;
        memcpy(&size, at + 3, sizeof size);
        if (at[0] == 0x48 && at[1] == 0x83 && at[2] == 0xEC) /* sub $imm8, %rsp */
            *room = at[3];
        else if (at[0] == 0x48 && at[1] == 0x81 && at[2] == 0xEC) /* sub $imm32, %rsp */
            *room = size;
    }
    return set;
}

#elif defined __aarch64__

/* Numbers of "DWARF for the Arm 64-bit Architecture". */
const struct native_machine native_machine = {
    .elf = EM_AARCH64,
    .stack_pointer = 31,
    .frame_pointer = 29,
    .registers = 32,
    .address_bits = (UINT64_C(1) << 48) - 1,
};

static void from_user(const struct user_regs_struct *user, struct native_registers *registers)
{
    memcpy(registers->values, user->regs, sizeof user->regs);
    registers->values[31] = user->sp;
    registers->program_counter = user->pc;
}

bool native_follows_call(struct target *target, uint64_t address, uint64_t *callee)
{
    uint32_t code;
    if (!target_read(target, address - sizeof code, &code, sizeof code))
        return false;
    if (callee)
        *callee = 0;
    if (code >> 26 == 0x25) { /* BL: 26 bits, signed, in words */
        int64_t words = (int64_t)((uint64_t)code << 38) >> 38;
        if (callee)
            *callee = address - sizeof code + (uint64_t)words * sizeof code;
        return true;
    }
    return (code & 0xFFFFFC1F) == 0xD63F0000 || /* BLR */
           (code & 0xFEFFF800) == 0xD63F0800;   /* BLRAA … BLRABZ */
}

/* Frames hang on the frame pointer here only where the stack pointer moves at run time. */
bool native_frame_room(struct target *target, uint64_t function, uint64_t *room)
{
    (void)target;
    (void)function;
    (void)room;
    return false;
}

#else
#error "the registers of this processor are not described"
#endif

bool native_registers_stopped(pid_t tid, struct native_registers *registers)
{
    struct user_regs_struct user;
    struct iovec place = {.iov_base = &user, .iov_len = sizeof user};
    if (ptrace(PTRACE_GETREGSET, tid, (void *)NT_PRSTATUS, &place) || place.iov_len != sizeof user)
        return false;
    native_registers_take(&user, registers);
    return true;
}

void native_registers_take(const void *words, struct native_registers *registers)
{
    struct user_regs_struct user;
    memcpy(&user, words, sizeof user);
    *registers = (struct native_registers){
        .known = (UINT64_C(1) << native_machine.registers) - 1,
        .interrupted = true,
    };
    from_user(&user, registers);
}
