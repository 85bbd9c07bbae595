/* Which of the files that a target maps brings the CPython runtime. */
#include "layout/internal.h"

#include <string.h>
#include <time.h>

#include "base/cleanup.h"

#define PAUSE_NANOSECONDS 10000000

void layout_pause(void)
{
    nanosleep(&(struct timespec){.tv_nsec = PAUSE_NANOSECONDS}, NULL);
}

const char *path_file_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static bool is_python_library(struct elf_module *module)
{
    return strncmp(path_file_name(module->path), "libpython", strlen("libpython")) == 0;
}

/* The program first, then libpython, then anything: a runtime may be linked into a plug-in. */
static struct elf_module *find_definition(struct target *target, const struct elf_modules *modules,
                                          const char *name, uint64_t *address)
{
    for (int pass = 0; pass < 3; pass++) {
        for (size_t i = 0; i < modules->count; i++) {
            struct elf_module *module = &modules->items[i];
            int turn = module->executable ? 0 : is_python_library(module) ? 1 : 2;
            if (turn == pass && (*address = elf_module_symbol(target, module, name, NULL)))
                return module;
        }
    }
    return NULL;
}

struct error *runtime_find(struct target *target, struct found_runtime *found)
{
    *found = (struct found_runtime){0};
    struct error *error = elf_modules_list(target, &found->modules);
    if (error)
        return error;
    const struct elf_modules *modules = &found->modules;
    if (modules->count && modules->items[0].executable)
        found->program = &modules->items[0];
    found->library = find_definition(target, modules, "_PyRuntime", &found->runtime);
    if (!found->library) {
        uint64_t type;
        found->library = find_definition(target, modules, "PyType_Type", &type);
    }
    return NULL;
}

static struct error *missing(const struct target *target, const char *path)
{
    const char *why = target_missing_file(target, path);
    if (!why)
        return NULL;
    return error_hint(error_new(ERROR_CANNOT_LOOK, "'%s' does not hold all of %s, and %s",
                                target_name(target), path, why),
                      "give that very file with --executable, or with --sysroot the folder that "
                      "has all files of the machine that it ran on");
}

struct error *runtime_missing_file(const struct target *target, const struct found_runtime *found)
{
    struct error *error = NULL;
    _cleanup_free_ char *program = process_files_link(target_files(target), "exe");
    if (found->library)
        error = missing(target, found->library->path);
    for (size_t i = 0; i < found->modules.count && !error; i++)
        if (is_python_library(&found->modules.items[i]))
            error = missing(target, found->modules.items[i].path);
    return error || !program ? error : missing(target, program);
}

bool runtime_is_python_program(const struct found_runtime *found)
{
    return found->program &&
           strncmp(path_file_name(found->program->path), "python", strlen("python")) == 0;
}

struct error *runtime_find_patiently(struct target *target, struct found_runtime *found)
{
    struct error *error = runtime_find(target, found);
    for (unsigned i = 0; !error && i < PATIENCE; i++) {
        if (found->library || !runtime_is_python_program(found) || !target_is_live(target) ||
            !target_alive(target))
            return NULL;
        runtime_found_free(found);
        layout_pause();
        error = target_refresh_mappings(target);
        if (!error)
            error = runtime_find(target, found);
    }
    return error;
}

void runtime_found_free(struct found_runtime *found)
{
    elf_modules_free(&found->modules);
    *found = (struct found_runtime){0};
}

uint64_t runtime_symbol(struct target *target, const struct found_runtime *found, const char *name)
{
    /* A program that is not position-independent has its own copy of a library's variables. */
    uint64_t address = found->program ? elf_module_symbol(target, found->program, name, NULL) : 0;
    if (!address && found->library != found->program)
        address = elf_module_symbol(target, found->library, name, NULL);
    return address;
}
