/* The chain of signal frames that brings a thread back by itself (inject.h). */
#include "target/inject_internal.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <ucontext.h>

#include "base/cleanup.h"

#if defined __x86_64__

#include <cpuid.h>

#define RED_ZONE     128 /* System V ABI for AMD64, section 3.2.2 */
#define VECTOR_ALIGN 64  /* of an XSAVE area */
#define VECTOR_MAX   16384
#define VECTOR_MIN   576 /* the legacy area and the header */
#define NT_XSTATE    0x202

/* Linux: arch/x86/include/uapi/asm/{ucontext,sigcontext}.h. */
#define UC_FP_XSTATE         1
#define UC_SIGCONTEXT_SS     2
#define UC_STRICT_RESTORE_SS 4
#define XSTATE_MAGIC_BEGIN   0x46505853u
#define XSTATE_MAGIC_END     0x46505845u
#define XSTATE_SOFTWARE      464 /* where the description of the area lies */
#define XSTATE_HEADER        512

struct vector_description {
    uint32_t magic;
    uint32_t extended_size;
    uint64_t features;
    uint32_t size;
    uint32_t padding[7];
};

struct frame {
    uint64_t restorer; /* where `ret` goes; the kernel finds the frame behind it */
    ucontext_t context;
};

/* In the order in which they are used, from low to high: a signal handler that runs meanwhile has
 * its own frame below. */
struct chain {
    struct frame child;
    struct frame wait;
    struct frame back;
    uint8_t vector[VECTOR_MAX + 8] __attribute__((aligned(VECTOR_ALIGN)));
};

/* Bytes of the area up to the last feature that is in use: what lies behind may not be allowed to
 * this process (AMX) and would be refused. */
static uint32_t vector_size(uint64_t features)
{
    uint32_t end = VECTOR_MIN;
    for (unsigned feature = 2; feature < 63; feature++) {
        unsigned size, offset, unused1, unused2;
        if ((features >> feature & 1) &&
            __get_cpuid_count(0xD, feature, &size, &offset, &unused1, &unused2) &&
            offset + size > end)
            end = offset + size;
    }
    return end;
}

/* The vector registers as a signal frame has them; false when they cannot be had. */
static bool take_vector(pid_t thread, uint8_t *area, size_t *used)
{
    struct iovec part = {.iov_base = area, .iov_len = VECTOR_MAX};
    if (ptrace(PTRACE_GETREGSET, thread, (void *)(uintptr_t)NT_XSTATE, &part) ||
        part.iov_len < VECTOR_MIN)
        return false;
    uint64_t features;
    memcpy(&features, area + XSTATE_HEADER, sizeof features);
    features |= 3; /* x87 and SSE */
    uint32_t size = vector_size(features), end = XSTATE_MAGIC_END;
    if (size > part.iov_len)
        return false;
    const struct vector_description description = {.magic = XSTATE_MAGIC_BEGIN,
                                                   .extended_size = size + sizeof end,
                                                   .features = features,
                                                   .size = size};
    memcpy(area + XSTATE_SOFTWARE, &description, sizeof description);
    memcpy(area + size, &end, sizeof end);
    *used = size + sizeof end;
    return true;
}

static void fill_frame(struct frame *frame, const struct injection_place *place,
                       const struct user_regs_struct *user, uint64_t mask, uint64_t vector)
{
    memset(frame, 0, sizeof *frame);
    frame->restorer = place->restore;
    ucontext_t *context = &frame->context;
    context->uc_flags = UC_SIGCONTEXT_SS | UC_STRICT_RESTORE_SS | (vector ? UC_FP_XSTATE : 0);
    /* No mode that exists: the alternate stack stays what it is, whatever it is. */
    context->uc_stack.ss_flags = 0x40;
    const uint64_t values[] = {
        user->r8,  user->r9,  user->r10, user->r11, user->r12, user->r13,
        user->r14, user->r15, user->rdi, user->rsi, user->rbp, user->rbx,
        user->rdx, user->rax, user->rcx, user->rsp, user->rip, user->eflags,
    };
    memcpy(context->uc_mcontext.gregs, values, sizeof values);
    context->uc_mcontext.gregs[REG_CSGSFS] = (greg_t)((user->cs & 0xFFFF) | user->ss << 48);
    context->uc_mcontext.fpregs =
        (fpregset_t)(uintptr_t)vector; // NOLINT(performance-no-int-to-ptr)
    memcpy(&context->uc_sigmask, &mask, sizeof mask);
}

/* What the thread goes on with when nobody restores it: as after a signal with a handler. */
static struct user_regs_struct without_tracer(const struct user_regs_struct *registers)
{
    struct user_regs_struct user = *registers;
    if ((int64_t)user.orig_rax < 0)
        return user;
    switch (-(int64_t)user.rax) {
    case ERESTARTSYS:
    case ERESTARTNOINTR:
    case ERESTARTNOHAND:
        user.rax = user.orig_rax;
        user.rip -= 2;
        break;
    case ERESTART_RESTARTBLOCK:
        user.rax = (uint64_t)-EINTR;
        break;
    default:
        break;
    }
    return user;
}

struct user_regs_struct injection_registers(const struct injection *injection, uint64_t stack,
                                            long number, const uint64_t arguments[4])
{
    struct user_regs_struct user = injection->registers;
    user.orig_rax = (uint64_t)-1; /* in no system call: nothing to be restarted */
    user.rax = (uint64_t)number;
    user.rdi = arguments[0];
    user.rsi = arguments[1];
    user.rdx = arguments[2];
    user.r10 = arguments[3];
    user.r8 = 0;
    user.rip = injection->place.call;
    user.rsp = stack;
    user.eflags &= ~UINT64_C(0x500); /* no single steps, no direction */
    return user;
}

static void fill_chain(struct injection *injection, struct chain *chain, uint64_t base)
{
    static const uint64_t reap[4] = {(uint64_t)-1, 0, __WCLONE, 0}, leave[4] = {0};
    injection->child_stack = base + offsetof(struct chain, child);
    injection->clone_stack = base + offsetof(struct chain, wait);
    injection->call_stack = base + offsetof(struct chain, back);
    struct user_regs_struct child =
        injection_registers(injection, injection->child_stack, SYS_exit_group, leave);
    struct user_regs_struct wait =
        injection_registers(injection, injection->call_stack, SYS_wait4, reap);
    struct user_regs_struct back = without_tracer(&injection->registers);
    fill_frame(&chain->child, &injection->place, &child, UINT64_MAX, 0);
    fill_frame(&chain->wait, &injection->place, &wait, UINT64_MAX, 0);
    fill_frame(&chain->back, &injection->place, &back, injection->mask,
               base + offsetof(struct chain, vector));
}

struct error *injection_write_chain(struct injection *injection)
{
    _cleanup_free_ struct chain *chain = aligned_alloc(VECTOR_ALIGN, sizeof *chain);
    size_t used;
    if (!chain)
        return error_no_memory();
    if (!take_vector(injection->thread, chain->vector, &used))
        return error_new(ERROR_CANNOT_LOOK, "the vector registers of thread %d cannot be read",
                         (int)injection->thread);
    size_t size = offsetof(struct chain, vector) + used;
    uint64_t base = (injection->registers.rsp - RED_ZONE - size) & ~(uint64_t)(VECTOR_ALIGN - 1);
    fill_chain(injection, chain, base);
    struct iovec local = {.iov_base = chain, .iov_len = size};
    struct iovec remote = {.iov_base = (void *)(uintptr_t)base, // NOLINT(performance-no-int-to-ptr)
                           .iov_len = size};
    if (process_vm_writev(injection->thread, &local, 1, &remote, 1, 0) != (ssize_t)size)
        return error_new(ERROR_CANNOT_LOOK, "thread %d has no room left on its stack",
                         (int)injection->thread);
    return NULL;
}

#endif
