/* Whether a thread was blocked in a system call, by the registers of its core. A signal (or gdb)
 * wakes it first, so it stands right behind the call with the kernel's word that the call is to be
 * begun again, or with EINTR. */
#include <errno.h>
#include <string.h>
#include <sys/user.h>

#include "target/core_internal.h"

/* include/linux/errno.h: ERESTARTSYS, ERESTARTNOINTR, ERESTARTNOHAND, ERESTART_RESTARTBLOCK */
static bool is_interrupted(int64_t result)
{
    return result == -EINTR || result == -512 || result == -513 || result == -514 || result == -516;
}

#if defined __x86_64__

bool native_system_call(struct target *target, const elf_gregset_t words, struct native_call *call)
{
    struct user_regs_struct user;
    (void)target;
    memcpy(&user, words, sizeof user);
    *call = (struct native_call){
        .number = (int64_t)user.orig_rax,
        .arguments = {user.rdi, user.rsi, user.rdx, user.r10, user.r8, user.r9},
        .stack_pointer = user.rsp,
        .program_counter = user.rip,
    };
    return call->number >= 0 && is_interrupted((int64_t)user.rax);
}

#elif defined __aarch64__

#define CALL_BYTES 4
#define CALL_CODE  UINT32_C(0xD4000001) /* svc #0 */

static bool is_call(struct target *target, uint64_t address)
{
    uint32_t code;
    return target_read(target, address, &code, sizeof code) && code == CALL_CODE;
}

/* Here the kernel sets the thread back to the call before it dumps (arch/arm64/kernel/signal.c,
 * do_signal), unless that ends with EINTR; its first argument is lost then. */
bool native_system_call(struct target *target, const elf_gregset_t words, struct native_call *call)
{
    struct user_regs_struct user;
    memcpy(&user, words, sizeof user);
    bool again = is_call(target, user.pc);
    *call = (struct native_call){
        .number = (int64_t)user.regs[8],
        .stack_pointer = user.sp,
        .program_counter = again ? user.pc + CALL_BYTES : user.pc,
    };
    memcpy(call->arguments, user.regs, sizeof call->arguments);
    if (again)
        return true;
    call->arguments[0] = 0;
    return is_interrupted((int64_t)user.regs[0]) && is_call(target, user.pc - CALL_BYTES);
}

#else
#error "the registers of this processor are not described"
#endif
