/* A module by its dotted name, in the order in which imports search. */
#include "audit/modules_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"

static uint32_t table_entry(struct modules *modules, const char *name)
{
    uint32_t table = text_map_get(&modules->builtins.modules, name);
    if (table == TEXT_MAP_ABSENT)
        return MODULES_NONE;
    struct module_entry *entry = module_entry_new(modules, MODULE_TABLE, name);
    if (!entry)
        return MODULES_NONE;
    entry->table = table;
    return modules_last(modules);
}

/* The standard library's file of a module that the table has, too. */
static uint32_t library_entry(struct modules *modules, const char *name)
{
    char *library = modules->environment->standard_library;
    struct module_entry *space = NULL;
    uint32_t found =
        library ? modules_search(modules, &library, 1, name, name, &space) : MODULES_NONE;
    if (space)
        module_entry_free(space);
    if (found != MODULES_NONE && modules->entries.items[found]->kind == MODULE_SOURCE)
        modules->entries.items[found]->table = text_map_get(&modules->builtins.modules, name);
    else
        found = MODULES_NONE;
    return found;
}

static uint32_t find_top(struct modules *modules, uint32_t from, const char *name)
{
    if (text_map_get(&modules->builtins.modules, name) != TEXT_MAP_ABSENT) {
        uint32_t found = library_entry(modules, name);
        return found != MODULES_NONE ? found : table_entry(modules, name);
    }
    const struct module_entry *importer =
        from == MODULES_NONE ? NULL : modules->entries.items[from];
    struct module_entry *space = NULL;
    uint32_t found = MODULES_NONE;
    if (importer && importer->root)
        found = modules_search(modules, &importer->root, 1, name, name, &space);
    if (found == MODULES_NONE)
        found =
            modules_search(modules, modules->roots.items, modules->roots.count, name, name, &space);
    if (found == MODULES_NONE && importer && importer->path && importer->audited) {
        _cleanup_free_ char *beside = modules_folder_of(importer->path);
        if (beside && !modules_is_package(modules, beside))
            found = modules_search(modules, &beside, 1, name, name, &space);
    }
    char *library = modules->environment->standard_library;
    if (found == MODULES_NONE && library)
        found = modules_search(modules, &library, 1, name, name, &space);
    if (found == MODULES_NONE)
        found = modules_search(modules, modules->environment->sites.items,
                               modules->environment->sites.count, name, name, &space);
    return modules_take_space(modules, space, found, name);
}

uint32_t modules_find_in(struct modules *modules, uint32_t package, const char *name)
{
    const struct module_entry *entry = modules->entries.items[package];
    if (!entry->folders.count || strchr(name, '/'))
        return MODULES_NONE;
    _cleanup_free_ char *key = text_format("%u.%s", package, name);
    _cleanup_free_ char *full_name = text_format("%s.%s", entry->name, name);
    if (!key || !full_name)
        return MODULES_NONE;
    uint32_t known = text_map_get(&modules->found, key);
    if (known != TEXT_MAP_ABSENT)
        return known - 1;
    struct module_entry *space = NULL;
    uint32_t found = modules_search(modules, entry->folders.items, entry->folders.count, name,
                                    full_name, &space);
    found = modules_take_space(modules, space, found, full_name);
    text_map_put(&modules->found, key, found + 1);
    return found;
}

static uint32_t find_first(struct modules *modules, uint32_t from, const char *name)
{
    const struct module_entry *importer =
        from == MODULES_NONE ? NULL : modules->entries.items[from];
    _cleanup_free_ char *beside =
        importer && importer->audited && importer->path ? modules_folder_of(importer->path) : NULL;
    _cleanup_free_ char *key = text_format(
        "%s|%s:%s", importer && importer->root ? importer->root : "", beside ? beside : "", name);
    if (!key)
        return MODULES_NONE;
    uint32_t known = text_map_get(&modules->found, key);
    if (known != TEXT_MAP_ABSENT)
        return known - 1;
    uint32_t found = find_top(modules, from, name);
    text_map_put(&modules->found, key, found + 1);
    return found;
}

static const char *const frozen[][2] = {
    {"_frozen_importlib", "importlib._bootstrap"},
    {"_frozen_importlib_external", "importlib._bootstrap_external"},
};

const char *modules_name_inside(const char *name)
{
    for (size_t i = 0; i < 2; i++) {
        if (strcmp(frozen[i][1], name) == 0)
            return frozen[i][0];
    }
    return name;
}

uint32_t modules_find(struct modules *modules, uint32_t from, const char *name)
{
    for (size_t i = 0; i < 2; i++) {
        if (strcmp(frozen[i][0], name) == 0)
            name = frozen[i][1];
    }
    _cleanup_free_ char *copy = strdup(name);
    char *rest = copy, *part = copy ? strsep(&rest, ".") : NULL;
    if (!part || !*part)
        return MODULES_NONE;
    uint32_t found = find_first(modules, from, part);
    while (found != MODULES_NONE && (part = strsep(&rest, ".")))
        found = modules_find_in(modules, found, part);
    if (found == MODULES_NONE && strchr(name, '.')) /* os.path and the like have no file there */
        return text_map_get(&modules->builtins.modules, name) == TEXT_MAP_ABSENT
                   ? MODULES_NONE
                   : table_entry(modules, name);
    return found;
}
