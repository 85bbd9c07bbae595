/* From a target to a proved struct cpython, or one sentence that says why not. */
#include "layout/internal.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    size_t role; /* offset of the address in struct cpython */
    const char *symbol;
} anchors[] = {
    {offsetof(struct cpython, type_type), "PyType_Type"},
    {offsetof(struct cpython, none), "_Py_NoneStruct"},
    {offsetof(struct cpython, dict_type), "PyDict_Type"},
    {offsetof(struct cpython, list_type), "PyList_Type"},
    {offsetof(struct cpython, tuple_type), "PyTuple_Type"},
    {offsetof(struct cpython, str_type), "PyUnicode_Type"},
    {offsetof(struct cpython, module_type), "PyModule_Type"},
    {offsetof(struct cpython, function_type), "PyFunction_Type"},
    {offsetof(struct cpython, set_type), "PySet_Type"},
    {offsetof(struct cpython, frozenset_type), "PyFrozenSet_Type"},
    {offsetof(struct cpython, cell_type), "PyCell_Type"},
    {offsetof(struct cpython, code_type), "PyCode_Type"},
    {offsetof(struct cpython, frame_type), "PyFrame_Type"},
    {offsetof(struct cpython, method_type), "PyMethod_Type"},
    {offsetof(struct cpython, builtin_type), "PyCFunction_Type"},
    {offsetof(struct cpython, generator_type), "PyGen_Type"},
    {offsetof(struct cpython, coroutine_type), "PyCoro_Type"},
    {offsetof(struct cpython, async_generator_type), "PyAsyncGen_Type"},
    {offsetof(struct cpython, hash_secret), "_Py_HashSecret"},
};

static void find_anchors(struct cpython *cpython, const struct found_runtime *found)
{
    for (size_t i = 0; i < sizeof anchors / sizeof *anchors; i++) {
        uint64_t address = runtime_symbol(cpython->target, found, anchors[i].symbol);
        memcpy((char *)cpython + anchors[i].role, &address, sizeof address);
    }
}

static bool runs_pypy(const struct found_runtime *found)
{
    for (size_t i = 0; i < found->modules.count; i++) {
        const struct elf_module *module = &found->modules.items[i];
        const char *name = path_file_name(module->path);
        if (strncmp(name, "libpypy", 7) == 0 || (module->executable && !strncmp(name, "pypy", 4)))
            return true;
    }
    return false;
}

static struct error *refuse_foreign(struct target *target, const struct found_runtime *found)
{
    int pid = (int)target_pid(target);
    if (!target_alive(target))
        return error_new(ERROR_CANNOT_LOOK, "process %d ended while it was looked at", pid);
    struct error *incomplete = runtime_missing_file(target, found);
    if (incomplete)
        return incomplete;
    const char *program = found->program ? found->program->path : "an unknown program";
    if (runs_pypy(found))
        return error_new(ERROR_CANNOT_LOOK,
                         "process %d runs PyPy (%s); only CPython can be examined", pid, program);
    return error_hint(
        error_new(ERROR_CANNOT_LOOK, "process %d runs %s, which is not CPython", pid, program),
        "steth alone lists the processes that run it, and their pids");
}

/* The cause, when it is known, before what came of it. */
static struct error *prefer(struct error *cause, struct error *error)
{
    if (!cause)
        return error;
    error_free(error);
    return cause;
}

static struct error *attach(struct cpython *cpython, const struct found_runtime *found)
{
    if (!found->library)
        return refuse_foreign(cpython->target, found);
    struct cpython_identity identity = {0};
    identify_found(cpython->target, found, &identity);
    struct error *error =
        version_check_support(identity.version, identity.free_threaded, identity.debug_build);
    cpython->library = identity.library;
    cpython->version = identity.version;
    cpython->free_threaded = identity.free_threaded;
    cpython->debug_build = identity.debug_build;
    cpython->machine = found->library->machine;
    cpython->runtime = found->runtime;
    if (error)
        return error;
    if (!cpython->library)
        return error_no_memory();
    find_anchors(cpython, found);
    error = cpython_prove_layout(cpython);
    return error ? prefer(runtime_missing_file(cpython->target, found), error) : NULL;
}

struct error *cpython_attach(struct target *target, struct cpython **out)
{
    struct cpython *cpython = calloc(1, sizeof *cpython);
    if (!cpython)
        return error_no_memory();
    cpython->target = target;
    struct found_runtime found;
    struct error *error = runtime_find_patiently(target, &found);
    if (!error)
        error = attach(cpython, &found);
    runtime_found_free(&found);
    if (error) {
        cpython_detach(cpython);
        return error;
    }
    *out = cpython;
    return NULL;
}

void cpython_detach(struct cpython *cpython)
{
    if (!cpython)
        return;
    free(cpython->library);
    free(cpython->table);
    free(cpython);
}

uint64_t cpython_gc_of(const struct cpython *cpython, uint64_t interpreter)
{
    if (cpython->at.runtime_gc != LAYOUT_ABSENT)
        return cpython->runtime + (uint64_t)cpython->at.runtime_gc;
    if (!interpreter || cpython->at.interpreter_gc == LAYOUT_ABSENT)
        return 0;
    return interpreter + (uint64_t)cpython->at.interpreter_gc;
}
