/* live_modules.c: the modules that classes name as theirs, and the files these came from. */
#include <string.h>

#include "analysis/live_classes.h"
#include "base/cleanup.h"

#define MODULES_MAX 65536

struct loaded_module {
    char *name;
    uint64_t address;
};

struct module_finder {
    const struct cpython *cpython;
    struct live_classes *live;
    VECTOR(struct loaded_module) loaded; /* sys.modules, sorted by name */
    struct address_map known;            /* str object -> place in live->modules */
    char *library;                       /* the directory of os.py; NULL: not loaded */
};

/* ---- sys.modules ----------------------------------------------------------------------------- */

static bool add_loaded(void *context, uint64_t key, uint64_t value)
{
    struct module_finder *finder = context;
    struct loaded_module module = {str_value(finder->cpython, key, STR_LIMIT), value};
    if (module.name && vector_push(&finder->loaded, module))
        return finder->loaded.count < MODULES_MAX;
    free(module.name);
    return true;
}

static int by_name(const void *left, const void *right)
{
    const struct loaded_module *a = left, *b = right;
    return strcmp(a->name, b->name);
}

/* The file that a module says it is from, NULL when it says none. */
static char *file_of(const struct module_finder *finder, const char *name)
{
    const struct loaded_module wanted = {.name = (char *)name};
    const struct cpython *cpython = finder->cpython;
    const struct loaded_module *module =
        finder->loaded.count
            ? bsearch(&wanted, finder->loaded.items, finder->loaded.count, sizeof wanted, by_name)
            : NULL;
    if (!module || object_type(cpython, module->address) != cpython->module_type)
        return NULL;
    uint64_t dict, file;
    if (!target_read_word(cpython->target, module->address + (uint64_t)cpython->at.module_dict,
                          &dict))
        return NULL;
    file = dict_get(cpython, dict, "__file__");
    return file ? str_value(cpython, file, 4096) : NULL;
}

static void find_library(struct module_finder *finder)
{
    finder->library = file_of(finder, "os");
    char *slash = finder->library ? strrchr(finder->library, '/') : NULL;
    if (slash)
        slash[1] = '\0';
}

struct module_finder *module_finder_new(const struct cpython *cpython,
                                        const interpreter_vector *interpreters,
                                        struct live_classes *live)
{
    struct module_finder *finder = calloc(1, sizeof *finder);
    if (!finder)
        return NULL;
    finder->cpython = cpython;
    finder->live = live;
    for (size_t i = 0; i < interpreters->count; i++)
        if (interpreters->items[i].modules)
            (void)dict_visit(cpython, interpreters->items[i].modules, add_loaded, finder);
    if (finder->loaded.count)
        qsort(finder->loaded.items, finder->loaded.count, sizeof *finder->loaded.items, by_name);
    find_library(finder);
    return finder;
}

void module_finder_free(struct module_finder *finder)
{
    if (!finder)
        return;
    for (size_t i = 0; i < finder->loaded.count; i++)
        free(finder->loaded.items[i].name);
    vector_free(&finder->loaded);
    address_map_free(&finder->known);
    free(finder->library);
    free(finder);
}

/* ---- modules of classes ---------------------------------------------------------------------- */

static bool is_installed(const char *file)
{
    return file && (strstr(file, "/site-packages/") || strstr(file, "/dist-packages/"));
}

static uint32_t add_module(struct module_finder *finder, const char *name)
{
    struct live_module module = {
        .name = strdup(name),
        .file = file_of(finder, name),
        .package = strndup(name, strcspn(name, ".")),
    };
    /* What is built in has no file, but then its package may. */
    _cleanup_free_ char *root = module.package ? file_of(finder, module.package) : NULL;
    const char *file = module.file ? module.file : root;
    module.is_installed = is_installed(file);
    module.is_library = strcmp(name, "__main__") != 0 && !module.is_installed &&
                        (!file || (finder->library &&
                                   strncmp(file, finder->library, strlen(finder->library)) == 0));
    if (module.name && module.package && vector_push(&finder->live->modules, module))
        return (uint32_t)(finder->live->modules.count - 1);
    free(module.name);
    free(module.file);
    free(module.package);
    return NO_MODULE;
}

uint32_t module_find_by_text(struct module_finder *finder, const char *name)
{
    const struct live_classes *live = finder->live;
    for (size_t i = live->modules.count; i-- > 0;)
        if (strcmp(live->modules.items[i].name, name) == 0)
            return (uint32_t)i;
    return live->modules.count < MODULES_MAX ? add_module(finder, name) : NO_MODULE;
}

uint32_t module_find(struct module_finder *finder, uint64_t name)
{
    uint32_t known = name ? address_map_get(&finder->known, name) : NO_MODULE;
    if (known != ADDRESS_MAP_ABSENT || !name)
        return known;
    _cleanup_free_ char *text = str_value(finder->cpython, name, STR_LIMIT);
    uint32_t module = text ? module_find_by_text(finder, text) : NO_MODULE;
    if (module != NO_MODULE)
        (void)address_map_put(&finder->known, name, module);
    return module;
}
