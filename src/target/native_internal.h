/* native_internal.h: what the native_*.c of this room share. */
#ifndef STETH_TARGET_NATIVE_INTERNAL_H
#define STETH_TARGET_NATIVE_INTERNAL_H

#include <elf.h>
#include <elfutils/libdw.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/address_map.h"
#include "target/native_stack.h"
#include "target/symbols.h"

/* ---- native_machine.c: what depends on the processor ------------------------------------------
 */

#define NATIVE_FRAMES_MAX 512
#define NATIVE_REGISTERS  33 /* DWARF numbers: 0 to 16 on x86-64, 0 to 31 on aarch64 */

/* What is known of the registers in one frame. */
struct native_registers {
    uint64_t values[NATIVE_REGISTERS];
    uint64_t known; /* bit n: register n */
    uint64_t program_counter;
    bool interrupted; /* it stands at this instruction; otherwise it will return there */
};

struct native_machine {
    uint16_t elf;           /* e_machine */
    unsigned stack_pointer; /* DWARF numbers */
    unsigned frame_pointer;
    unsigned registers;
    uint64_t address_bits; /* of a return address; the others may be a signature */
};

/* Of the machine that steth runs on: a live target has no other. */
extern const struct native_machine native_machine;

/* All registers of a thread that is stopped under ptrace by the calling thread. */
bool native_registers_stopped(pid_t tid, struct native_registers *registers);

/* From the kernel's words: PTRACE_GETREGSET, NT_PRSTATUS. */
void native_registers_take(const void *words, struct native_registers *registers);

/* core_read.c: all registers of a thread, when the target recorded them. */
bool target_registers(const struct target *target, pid_t tid, struct native_registers *registers);

/* A call stands right before `address`. *callee (callee may be NULL): the function that it calls,
 * through the linker's stub, if there is one; 0 when a register decides. */
bool native_follows_call(struct target *target, uint64_t address, uint64_t *callee);

/* The bytes that the first instructions of a function, after they set the frame pointer, take from
 * the stack at once. False: they do not set it. */
bool native_frame_room(struct target *target, uint64_t function, uint64_t *room);

static inline bool native_known(const struct native_registers *registers, unsigned number)
{
    return number < NATIVE_REGISTERS && registers->known >> number & 1;
}

static inline void native_set(struct native_registers *registers, unsigned number, uint64_t value)
{
    registers->values[number] = value;
    registers->known |= UINT64_C(1) << number;
}

/* ---- native_memory.c: a stack that was copied, and the rest of memory behind it ----------------
 */

struct native_memory {
    struct target *target;
    uint64_t start;
    uint8_t *bytes;
    size_t size;
};

/* Copies the used part of the stack that `stack_pointer` is on, in whole words. The caller frees
 * `bytes`. False: no memory. */
bool native_memory_copy(struct target *target, uint64_t stack_pointer,
                        struct native_memory *memory);
bool native_memory_word(const struct native_memory *memory, uint64_t address, uint64_t *word);

/* ---- native_{table,cfi,symbols}.c: one mapped ELF file ----------------------------------------
 */

struct native_symbol {
    char *name; /* NULL when none is known */
    uint64_t offset;
};

/* How to leave one function. */
struct native_rules {
    uint8_t *image; /* an ELF file of its own */
    Elf *elf;
    Dwarf_CFI *cfi; /* NULL: none */
};

struct unwind_entry;

struct native_module {
    const struct elf_module *file;
    bool table_tried;
    Elf64_Ehdr header;
    uint64_t table_address; /* .eh_frame_hdr in the target */
    struct unwind_entry *table;
    size_t table_count;
    struct address_map rules_by_frame; /* entry of .eh_frame -> index in `rules` */
    VECTOR(struct native_rules) rules;
    bool symbols_tried;
    int descriptor;                 /* of the file, for names; -1 */
    uint64_t symbols, symbol_count; /* its symbol table, from this offset on */
    uint64_t names, names_size;     /* and the names in it */
    struct address_map resolved;    /* program counter -> index in `answers` */
    VECTOR(struct native_symbol) answers;
};

void native_module_free(struct native_module *module);

/* native_table.c: the last function that begins at or before `address`, and its entry in .eh_frame.
 */
bool native_table_find(struct target *target, struct native_module *module, uint64_t address,
                       uint64_t *function, uint64_t *frame);

/* native_cfi.c: how to leave the function at `address`; NULL when nothing tells. */
Dwarf_CFI *native_module_cfi(struct target *target, struct native_module *module, uint64_t address);
void native_rules_free(struct native_rules *rules);

/* Where the function at `address` begins according to the unwind information; 0: unknown. */
uint64_t native_module_function(struct target *target, struct native_module *module,
                                uint64_t address);

/* Looks up the functions at all these addresses, with one pass over the file's symbols for those
 * that are new. False: no memory. */
bool native_module_resolve(struct target *target, struct native_module *module,
                           const uint64_t *addresses, size_t count);
/* The function at an address that was resolved; owned by the module. */
struct native_symbol native_module_symbol(const struct native_module *module, uint64_t address);

/* ---- native_expression.c -----------------------------------------------------------------------
 */

struct native_context {
    const struct native_registers *registers;
    const struct native_memory *memory;
    uint64_t cfa; /* the canonical frame address, for DW_OP_call_frame_cfa */
};

/* A DWARF expression. *is_value: the result is the value itself, not the address of it. */
bool native_evaluate(const struct native_context *context, const Dwarf_Op *operations, size_t count,
                     uint64_t *result, bool *is_value);

/* ---- native_step.c -----------------------------------------------------------------------------
 */

enum native_step {
    NATIVE_STEP_CALLER,       /* the registers are those of the caller now */
    NATIVE_STEP_BOTTOM,       /* the first function of its thread */
    NATIVE_STEP_NO_FILE,      /* code that was generated at run time */
    NATIVE_STEP_NO_RULES,     /* nothing says how to unwind this code */
    NATIVE_STEP_UNKNOWN_BASE, /* the frame's address needs a register that is not known */
    NATIVE_STEP_UNREADABLE,
    NATIVE_STEP_IMPLAUSIBLE, /* no call can have led here */
};

/* Bytes below its frame pointer in which the function at the registers saved others; -1 when its
 * frame does not hang on the frame pointer. */
int64_t native_saved_bytes(Dwarf_CFI *cfi, uint64_t bias, const struct native_registers *registers);

/* The code at `address` ends the handling of a signal: handlers return there without a call. */
bool native_returns_from_signal(Dwarf_CFI *cfi, uint64_t bias, uint64_t address);

/* From one frame to its caller. `cfi` may be NULL; `bias` as in struct elf_module. */
enum native_step native_step(Dwarf_CFI *cfi, uint64_t bias, const struct native_memory *memory,
                             struct native_registers *registers);

/* ---- native_walk.c, native_recover.c -----------------------------------------------------------
 */

struct native_unwinder {
    struct target *target;
    struct target *code;       /* the same for what does not change: code, rules; borrowed */
    struct target *remembered; /* owned; NULL: there is none */
    struct elf_modules files;
    struct native_module *modules; /* parallel to the files */
};

/* The file whose code the registers stand in, or NULL. */
struct native_module *native_module_at(const struct native_unwinder *unwinder, uint64_t address);

/* One step outwards; NATIVE_STEP_CALLER only when it leads to where a call may return to. */
enum native_step native_step_checked(const struct native_unwinder *unwinder,
                                     const struct native_memory *memory,
                                     struct native_registers *registers);

/* Sets the frame pointer of a frame that cannot be left without it, when the stack leaves one
 * possibility only. */
bool native_recover(const struct native_unwinder *unwinder, const struct native_memory *memory,
                    struct native_registers *registers);

/* All frames from `registers` outwards. */
struct error *native_walk(const struct native_unwinder *unwinder,
                          const struct native_memory *memory, struct native_registers registers,
                          struct native_stack *stack);

#endif
