/* C stacks of other processes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <dwarf.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "os/thread_state.h"
#include "target/native_internal.h"

/* ---- a child that is found where it was left --------------------------------------------------
 */

void innermost(void);
void with_room(unsigned size);
void outermost(void);
void spin(void);
pid_t begin(void (*function)(void));

__attribute__((noinline)) void innermost(void)
{
    for (;;)
        pause();
}

/* Its frame hangs on the frame pointer. */
__attribute__((noinline)) void with_room(unsigned size)
{
    volatile char *room = __builtin_alloca(size);
    room[0] = 0;
    innermost();
    room[0] = 1;
}

__attribute__((noinline)) void outermost(void)
{
    volatile unsigned size = 300;
    with_room(size);
    size = 0;
}

static volatile int *spinning; /* shared with the child */

__attribute__((noinline)) void spin(void)
{
    *spinning = 1;
    for (volatile unsigned i = 0;; i++)
        ;
}

static void on_signal(int number)
{
    (void)number;
    innermost();
}

__attribute__((noinline)) pid_t begin(void (*function)(void))
{
    spinning =
        mmap(NULL, sizeof *spinning, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_ptr_not_equal(spinning, MAP_FAILED);
    pid_t child = fork();
    if (!child) {
        prctl(PR_SET_PDEATHSIG, SIGKILL); /* also when a test fails */
        signal(SIGUSR1, on_signal);
        function();
        _exit(1);
    }
    return child;
}

static void wait_until_it_spins(void)
{
    while (!*spinning)
        usleep(1000);
}

static void end(pid_t child)
{
    munmap((void *)spinning, sizeof *spinning);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
}

static bool state_of(pid_t pid, pid_t tid, struct thread_state *state)
{
    struct process_files *files = process_files_live(pid);
    bool known = thread_state_read(files, tid, state);
    process_files_free(files);
    return known;
}

static struct thread_state wait_until_blocked(pid_t pid)
{
    struct thread_state state = {0};
    for (int i = 0; i < 2000 && !(state.in_system_call && state.state == 'S'); i++, usleep(1000))
        assert_true(state_of(pid, pid, &state));
    assert_true(state.in_system_call);
    return state;
}

/* Whether the frames hold these functions, in this order, with anything between. */
static void assert_in_order(const struct native_stack *stack, const char *const *names)
{
    size_t at = 0;
    for (; *names; names++) {
        while (at < stack->frames.count && (!stack->frames.items[at].function ||
                                            strcmp(stack->frames.items[at].function, *names)))
            at++;
        if (at == stack->frames.count)
            fail_msg("%s is not there", *names);
    }
}

static void assert_whole(const struct native_stack *stack)
{
    if (stack->incomplete)
        fail_msg("after %zu frames: %s", stack->frames.count, stack->incomplete);
}

static void look(pid_t child, struct native_stack *stack)
{
    struct target *target;
    struct native_unwinder *unwinder;
    struct thread_state state = wait_until_blocked(child);
    assert_null(target_open_live(child, &target));
    assert_null(native_unwinder_new(target, &unwinder));
    assert_null(native_stack_read(unwinder, state.program_counter, state.stack_pointer, stack));
    assert_null(native_stacks_name(unwinder, stack, 1));
    native_unwinder_free(unwinder);
    target_close(target);
}

static void a_blocked_process_shows_its_callers(void **state)
{
    (void)state;
    static const char *const names[] = {"innermost", "with_room", "outermost",
                                        "begin",     "main",      NULL};
    struct native_stack stack;
    pid_t child = begin(outermost);
    look(child, &stack);
    assert_whole(&stack);
    assert_in_order(&stack, names);
    for (size_t i = 0; i + 1 < stack.frames.count; i++)
        assert_true(i == 0 || stack.frames.items[i].end > stack.frames.items[i - 1].end);
    native_stack_free(&stack);
    end(child);
}

static void the_frames_below_a_signal_are_shown(void **state)
{
    (void)state;
    static const char *const names[] = {"innermost", "on_signal", "spin", "begin", "main", NULL};
    struct native_stack stack;
    pid_t child = begin(spin);
    wait_until_it_spins();
    kill(child, SIGUSR1);
    look(child, &stack);
    assert_whole(&stack);
    assert_in_order(&stack, names);
    native_stack_free(&stack);
    end(child);
}

static void a_running_process_is_paused_and_goes_on(void **state)
{
    (void)state;
    static const char *const names[] = {"spin", "begin", "main", NULL};
    struct target *target;
    struct native_unwinder *unwinder;
    struct native_stack stack;
    double paused_ms;
    pid_t child = begin(spin);
    wait_until_it_spins();
    assert_null(target_open_live(child, &target));
    assert_null(native_unwinder_new(target, &unwinder));
    assert_null(native_stacks_paused(unwinder, &child, 1, &stack, &paused_ms));
    assert_null(native_stacks_name(unwinder, &stack, 1));
    assert_whole(&stack);
    assert_in_order(&stack, names);
    assert_true(paused_ms > 0);
    struct thread_state now;
    assert_true(state_of(child, child, &now));
    assert_int_equal(now.state, 'R');
    native_stack_free(&stack);
    native_unwinder_free(unwinder);
    target_close(target);
    end(child);
}

static void a_stack_pointer_into_nothing_gives_one_frame_and_a_note(void **state)
{
    (void)state;
    struct target *target;
    struct native_unwinder *unwinder;
    struct native_stack stack;
    assert_null(target_open_live(getpid(), &target));
    assert_null(native_unwinder_new(target, &unwinder));
    assert_null(native_stack_read(unwinder, (uint64_t)(uintptr_t)pause + 1, 8, &stack));
    assert_int_equal(stack.frames.count, 1);
    assert_non_null(stack.incomplete);
    native_stack_free(&stack);
    assert_null(native_stack_read(unwinder, 0, 0, &stack));
    assert_int_equal(stack.frames.count, 1);
    assert_non_null(stack.incomplete);
    native_stack_free(&stack);
    native_unwinder_free(unwinder);
    target_close(target);
}

/* ---- calls ------------------------------------------------------------------------------------
 */

#ifdef __x86_64__
static void return_addresses_stand_behind_calls(void **state)
{
    (void)state;
    static const struct {
        uint8_t code[8];
        bool call;
    } cases[] = {
        {{0x90, 0x90, 0x90, 0xE8, 1, 0, 0, 0}, true},              /* call rel32 */
        {{0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0xFF, 0xD0}, true},  /* call *%rax */
        {{0x90, 0x90, 0x90, 0x90, 0x90, 0x41, 0xFF, 0xD4}, true},  /* call *%r12 */
        {{0x90, 0x90, 0x90, 0x90, 0x90, 0xFF, 0x50, 0x18}, true},  /* call *0x18(%rax) */
        {{0x90, 0x90, 0x90, 0x90, 0xFF, 0x54, 0x24, 0x08}, true},  /* call *8(%rsp) */
        {{0x90, 0x90, 0xFF, 0x90, 0, 1, 0, 0}, true},              /* call *0x100(%rax) */
        {{0x90, 0xFF, 0x14, 0xC5, 0, 1, 0, 0}, true},              /* call *0x100(,%rax,8) */
        {{0x90, 0x90, 0xFF, 0x15, 0, 1, 0, 0}, true},              /* call *0x100(%rip) */
        {{0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0xFF, 0xE0}, false}, /* jmp *%rax */
        {{0x90, 0x90, 0x90, 0xE9, 1, 0, 0, 0}, false},             /* jmp rel32 */
        {{0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0xC3}, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct image_segment segment = {0x1000, cases[i].code, sizeof cases[i].code};
        struct target *target;
        uint64_t callee;
        assert_null(target_open_image(&segment, 1, &target));
        assert_int_equal(native_follows_call(target, 0x1008, &callee), cases[i].call);
        assert_int_equal(callee, i == 0 ? 0x1009 : 0);
        target_close(target);
    }
}
#endif

/* ---- expressions ------------------------------------------------------------------------------
 */

static bool evaluate(const Dwarf_Op *operations, size_t count, uint64_t *result, bool *is_value)
{
    static const uint64_t words[] = {0x1111, 0x2222};
    const struct image_segment segment = {0x2000, (const uint8_t *)words, sizeof words};
    struct target *target;
    assert_null(target_open_image(&segment, 1, &target));
    struct native_registers registers = {0};
    native_set(&registers, 7, 0x2000);
    const struct native_memory memory = {.target = target};
    const struct native_context context = {&registers, &memory, 0x5000};
    bool done = native_evaluate(&context, operations, count, result, is_value);
    target_close(target);
    return done;
}

static void expressions_give_addresses_and_values(void **state)
{
    (void)state;
    uint64_t result;
    bool is_value;
    /* What linkers write for their stubs: sp + 8 + (pc & 15 >= 11) * 8, here with pc = 0x1b. */
    const Dwarf_Op stub[] = {
        {.atom = DW_OP_breg7, .number = 8},
        {.atom = DW_OP_const1u, .number = 0x1b},
        {.atom = DW_OP_lit15},
        {.atom = DW_OP_and},
        {.atom = DW_OP_lit11},
        {.atom = DW_OP_ge},
        {.atom = DW_OP_lit3},
        {.atom = DW_OP_shl},
        {.atom = DW_OP_plus},
    };
    assert_true(evaluate(stub, 9, &result, &is_value));
    assert_int_equal(result, 0x2010);
    assert_false(is_value);
    const Dwarf_Op loaded[] = {{.atom = DW_OP_breg7, .number = 8}, {.atom = DW_OP_deref}};
    assert_true(evaluate(loaded, 2, &result, &is_value));
    assert_int_equal(result, 0x2222);
    const Dwarf_Op value[] = {{.atom = DW_OP_call_frame_cfa},
                              {.atom = DW_OP_plus_uconst, .number = (Dwarf_Word)-16},
                              {.atom = DW_OP_stack_value}};
    assert_true(evaluate(value, 3, &result, &is_value));
    assert_int_equal(result, 0x5000 - 16);
    assert_true(is_value);
}

static void expressions_that_cannot_be_known_fail(void **state)
{
    (void)state;
    uint64_t result;
    bool is_value;
    const Dwarf_Op unknown[] = {{.atom = DW_OP_breg6, .number = 16}};
    assert_false(evaluate(unknown, 1, &result, &is_value));
    const Dwarf_Op outside[] = {{.atom = DW_OP_const1u, .number = 1}, {.atom = DW_OP_deref}};
    assert_false(evaluate(outside, 2, &result, &is_value));
    const Dwarf_Op empty[] = {{.atom = DW_OP_plus}};
    assert_false(evaluate(empty, 1, &result, &is_value));
    assert_false(evaluate(empty, 0, &result, &is_value));
    const Dwarf_Op branch[] = {{.atom = DW_OP_lit1}, {.atom = DW_OP_bra}};
    assert_false(evaluate(branch, 2, &result, &is_value));
    Dwarf_Op many[64];
    for (size_t i = 0; i < 64; i++)
        many[i] = (Dwarf_Op){.atom = DW_OP_lit1};
    assert_false(evaluate(many, 64, &result, &is_value));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_blocked_process_shows_its_callers),
        cmocka_unit_test(the_frames_below_a_signal_are_shown),
        cmocka_unit_test(a_running_process_is_paused_and_goes_on),
        cmocka_unit_test(a_stack_pointer_into_nothing_gives_one_frame_and_a_note),
#ifdef __x86_64__
        cmocka_unit_test(return_addresses_stand_behind_calls),
#endif
        cmocka_unit_test(expressions_give_addresses_and_values),
        cmocka_unit_test(expressions_that_cannot_be_known_fail),
    };
    return cmocka_run_group_tests_name("native", tests, NULL, NULL);
}
