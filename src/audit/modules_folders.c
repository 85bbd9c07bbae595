/* What of a name folders have: a package, a file, an extension module, a stub, or a part of a
 * namespace. */
#include "audit/modules_internal.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"

struct probe {
    char *path; /* file of Python, or a stub */
    bool package;
    bool stub;
    bool compiled;
    bool folder; /* a folder without a file: a part of a namespace */
};

static bool probe_file(struct probe *probe, char *path)
{
    if (path && path_is_file(path)) {
        probe->path = path;
        return true;
    }
    free(path);
    return false;
}

static bool probe_stub(struct probe *probe, const char *folder, const char *name)
{
    probe->stub = true;
    probe->package = true;
    if (probe_file(probe, text_format("%s/%s/__init__.pyi", folder, name)) ||
        probe_file(probe, text_format("%s/%s-stubs/__init__.pyi", folder, name)))
        return true;
    probe->package = false;
    if (probe_file(probe, text_format("%s/%s.pyi", folder, name)))
        return true;
    probe->stub = false;
    return false;
}

static bool has_extension(const struct modules *modules, const char *folder, const char *name)
{
    static const char *const endings[] = {".abi3.so", ".so"};
    for (size_t i = 0; i < 2; i++) {
        _cleanup_free_ char *path = text_format("%s/%s%s", folder, name, endings[i]);
        if (path && path_is_file(path))
            return true;
    }
    _cleanup_free_ char *path =
        text_format("%s/%s.cpython-3%u-%s-linux-gnu.so", folder, name, modules->environment->minor,
#ifdef __aarch64__
                    "aarch64"
#else
                    "x86_64"
#endif
        );
    return path && path_is_file(path);
}

/* "a" of a.so, a.pyi and a-stubs. */
static char *name_of_content(const char *folder, const char *content)
{
    static const char stubs[] = "-stubs";
    size_t size = strcspn(content, "."), suffix = sizeof stubs - 1;
    if (size > suffix && memcmp(content + size - suffix, stubs, suffix) == 0)
        size -= suffix;
    return text_format("%s/%.*s", folder, (int)size, content);
}

/* False: it cannot be listed. */
static bool list_folder(struct modules *modules, const char *folder)
{
    _cleanup_directory_ DIR *directory = opendir(folder);
    bool listed = directory;
    for (struct dirent *entry; listed && (entry = readdir(directory));) {
        _cleanup_free_ char *key = name_of_content(folder, entry->d_name);
        listed = key && text_map_put(&modules->contents, key, 1);
    }
    text_map_put(&modules->listed, folder, listed);
    return listed;
}

/* Whether anything in the folder may be about `name`: to list it once takes less than to ask for
 * each ending of all the names that are not there. */
static bool may_have(struct modules *modules, const char *folder, const char *name)
{
    uint32_t listed = text_map_get(&modules->listed, folder);
    if (listed == TEXT_MAP_ABSENT)
        listed = list_folder(modules, folder);
    _cleanup_free_ char *key = text_format("%s/%s", folder, name);
    return !listed || !key || text_map_get(&modules->contents, key) != TEXT_MAP_ABSENT;
}

/* What of `name` is in `folder`. */
static bool probe_folder(struct modules *modules, struct probe *probe, const char *folder,
                         const char *name)
{
    _cleanup_free_ char *inner = text_format("%s/%s", folder, name);
    bool has_folder = inner && path_is_folder(inner);
    if (has_folder && probe_file(probe, text_format("%s/__init__.py", inner))) {
        probe->package = true;
        return true;
    }
    if (probe_file(probe, text_format("%s/%s.py", folder, name)))
        return true;
    if (!has_folder && !may_have(modules, folder, name))
        return false;
    probe->compiled = has_extension(modules, folder, name);
    if (probe_stub(probe, folder, name) || probe->compiled)
        return true;
    probe->folder = has_folder;
    return false;
}

static uint32_t entry_of_file(struct modules *modules, const struct probe *probe, const char *name,
                              const char *root)
{
    uint32_t known = text_map_get(&modules->by_path, probe->path);
    if (known != TEXT_MAP_ABSENT)
        return known;
    struct module_entry *entry = module_entry_new(modules, MODULE_SOURCE, name);
    if (!entry)
        return MODULES_NONE;
    entry->path = strdup(probe->path);
    entry->root = strdup(root);
    entry->module.stub = probe->stub;
    if (!entry->path || !entry->root ||
        !text_map_put(&modules->by_path, probe->path, modules_last(modules)) ||
        (probe->package && !module_entry_add_folder(entry, modules_folder_of(probe->path))))
        return MODULES_NONE;
    return modules_last(modules);
}

uint32_t modules_search(struct modules *modules, char *const *folders, size_t count,
                        const char *name, const char *full_name, struct module_entry **space)
{
    for (size_t i = 0; i < count; i++) {
        struct probe probe = {0};
        bool found = probe_folder(modules, &probe, folders[i], name);
        if (found && probe.path) {
            uint32_t number = entry_of_file(modules, &probe, full_name, folders[i]);
            free(probe.path);
            return number;
        }
        if (found) {
            struct module_entry *entry = module_entry_new(modules, MODULE_COMPILED, full_name);
            return entry ? modules_last(modules) : MODULES_NONE;
        }
        if (!probe.folder)
            continue;
        if (!*space) {
            *space = calloc(1, sizeof **space);
            if (*space)
                (*space)->root = strdup(folders[i]);
        }
        if (*space)
            module_entry_add_folder(*space, text_format("%s/%s", folders[i], name));
    }
    return MODULES_NONE;
}

uint32_t modules_take_space(struct modules *modules, struct module_entry *space, uint32_t found,
                            const char *full_name)
{
    if (!space)
        return found;
    if (found == MODULES_NONE) {
        struct module_entry *entry = module_entry_new(modules, MODULE_NAMESPACE, full_name);
        if (entry) {
            entry->folders.items = space->folders.items;
            entry->folders.count = space->folders.count;
            entry->folders.capacity = space->folders.capacity;
            entry->root = take_pointer(&space->root);
            space->folders.items = NULL;
            space->folders.count = 0;
            found = modules_last(modules);
        }
    }
    module_entry_free(space);
    return found;
}
