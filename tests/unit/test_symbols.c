/* Symbols of the files that a process maps: those of a child, which are at the same places here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dlfcn.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "target/symbols.h"
#include "target/symbols_internal.h"
#include "target/target.h"

struct child {
    pid_t pid;
    struct target *target;
    struct elf_modules modules;
};

static int start_child(void **state)
{
    static struct child child;
    child.pid = fork();
    if (!child.pid) {
        pause();
        _exit(0);
    }
    *state = &child;
    return child.pid > 0 && !target_open_live(child.pid, &child.target) &&
                   !elf_modules_list(child.target, &child.modules)
               ? 0
               : -1;
}

static int stop_child(void **state)
{
    struct child *child = *state;
    elf_modules_free(&child->modules);
    target_close(child->target);
    kill(child->pid, SIGKILL);
    return waitpid(child->pid, NULL, 0) == child->pid ? 0 : -1;
}

static struct elf_module *libc_of(struct child *child)
{
    for (size_t i = 0; i < child->modules.count; i++) {
        if (strstr(child->modules.items[i].path, "/libc.so.6"))
            return &child->modules.items[i];
    }
    return NULL;
}

static void both_ways_find_what_the_loader_finds(void **state)
{
    static const char *const names[] = {"getpid", "qsort", "stdout", "fopen", "_exit", "getenv"};
    struct child *child = *state;
    struct elf_module *libc = libc_of(child);
    assert_non_null(libc);
    void *here = dlopen("libc.so.6", RTLD_LAZY | RTLD_NOLOAD); /* not what stands in for it */
    assert_non_null(here);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        uint64_t wanted = (uint64_t)(uintptr_t)dlsym(here, names[i]), size = 0;
        assert_int_equal(elf_module_symbol(child->target, libc, names[i], &size), wanted);
        Elf64_Sym file = {0}, memory = {0};
        assert_int_equal(elf_file_lookup(child->target, libc, names[i], &file), ELF_LOOKUP_FOUND);
        assert_int_equal(elf_memory_lookup(child->target, libc, names[i], &memory),
                         ELF_LOOKUP_FOUND);
        assert_int_equal(file.st_size, memory.st_size);
    }
    dlclose(here);
}

static void what_is_not_there_is_absent(void **state)
{
    static const char *const names[] = {"", "getpi", "getpidd", "no such symbol"};
    struct child *child = *state;
    struct elf_module *libc = libc_of(child);
    Elf64_Sym symbol;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        assert_int_equal(elf_file_lookup(child->target, libc, names[i], &symbol),
                         ELF_LOOKUP_ABSENT);
        assert_int_equal(elf_module_symbol(child->target, libc, names[i], NULL), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_ways_find_what_the_loader_finds),
        cmocka_unit_test(what_is_not_there_is_absent),
    };
    return cmocka_run_group_tests(tests, start_child, stop_child);
}
