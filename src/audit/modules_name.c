/* The name of a file's module: by the packages and the search folder around it. */
#include "audit/modules_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"

char *modules_folder_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    if (!slash)
        return strdup(".");
    return slash == path ? strdup("/") : strndup(path, (size_t)(slash - path));
}

static bool is_package_file(const char *path)
{
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    return strcmp(name, "__init__.py") == 0 || strcmp(name, "__init__.pyi") == 0;
}

bool modules_is_package(struct modules *modules, const char *folder)
{
    uint32_t known = text_map_get(&modules->packages, folder);
    if (known != TEXT_MAP_ABSENT)
        return known;
    _cleanup_free_ char *path = text_format("%s/__init__.py", folder);
    bool package = path && path_is_file(path);
    text_map_put(&modules->packages, folder, package);
    return package;
}

/* Whether `folder` is one that imports search by itself. */
static bool is_search_folder(const struct modules *modules, const char *folder)
{
    const struct environment *environment = modules->environment;
    if (environment->standard_library && strcmp(environment->standard_library, folder) == 0)
        return true;
    for (size_t i = 0; i < environment->sites.count; i++) {
        if (strcmp(environment->sites.items[i], folder) == 0)
            return true;
    }
    return false;
}

/* "a/b" as "a.b" when each part could be a module's name; "a-stubs" holds the stubs of a. */
static char *dotted(const char *path)
{
    static const char stubs[] = "-stubs";
    size_t first = strcspn(path, "/"), suffix = sizeof stubs - 1;
    if (first > suffix && memcmp(path + first - suffix, stubs, suffix) == 0)
        first -= suffix;
    else
        suffix = 0;
    char *name = text_format("%.*s%s", (int)first, path, path + first + suffix);
    for (char *p = name; p && *p; p++) {
        bool plain = (*p >= '0' && *p <= '9') || (*p >= 'a' && *p <= 'z') ||
                     (*p >= 'A' && *p <= 'Z') || *p == '_' || (unsigned char)*p >= 0x80;
        if (*p == '/') {
            *p = '.';
        } else if (!plain) {
            free(name);
            return NULL;
        }
    }
    return name;
}

/* The part of `folder` below `top`; NULL: it is not below. */
static const char *below(const char *folder, const char *top)
{
    size_t length = strlen(top);
    if (strncmp(folder, top, length) != 0 || (folder[length] != '/' && folder[length] != '\0'))
        return NULL;
    return folder[length] == '/' ? folder + length + 1 : folder + length;
}

/* The search folder that holds `folder`; NULL: none. */
static const char *search_folder_above(const struct modules *modules, const char *folder)
{
    const struct environment *environment = modules->environment;
    const char *best = NULL;
    const char *library = environment->standard_library;
    if (library && below(folder, library))
        best = library;
    for (size_t i = 0; i < environment->sites.count; i++) {
        const char *site = environment->sites.items[i];
        if (below(folder, site) && (!best || strlen(site) > strlen(best)))
            best = site;
    }
    return best;
}

/* The folder that holds the topmost package around `folder`; the caller frees; NULL: no memory. */
static char *folder_of_packages(struct modules *modules, const char *folder)
{
    char *top = strdup(folder);
    while (top && modules_is_package(modules, top) && strrchr(top, '/') && strrchr(top, '/') != top)
        *strrchr(top, '/') = '\0';
    return top;
}

/* The name of the folder's contents, and where its first part lies; both for the caller to free. */
static char *prefix_of(struct modules *modules, const char *file, const char *top, char **root)
{
    _cleanup_free_ char *folder = modules_folder_of(file);
    _cleanup_free_ char *first = folder ? folder_of_packages(modules, folder) : NULL;
    const char *start = first;
    bool plain = first && strcmp(first, folder) == 0;
    const char *search = first ? search_folder_above(modules, first) : NULL;
    if (search)
        start = search;
    else if (first && plain && top && below(first, top))
        start = top;
    _cleanup_free_ char *source = top ? text_format("%s/src", top) : NULL;
    if (start == top && source && below(first, source))
        start = source;
    if (!start)
        return NULL;
    char *name = dotted(below(folder, start));
    if (!name) {
        start = first;
        name = dotted(below(folder, start));
    }
    *root = name ? strdup(start) : NULL;
    return name;
}

/* What the table has of a file of the standard library, whether or not it is imported, too. */
static uint32_t table_of_file(const struct modules *modules, const struct module_entry *entry)
{
    const char *library = modules->environment->standard_library;
    return library && strcmp(entry->root, library) == 0
               ? text_map_get(&modules->builtins.modules, entry->name)
               : TEXT_MAP_ABSENT;
}

uint32_t modules_add_file(struct modules *modules, const char *path, const char *top)
{
    uint32_t known = text_map_get(&modules->by_path, path);
    if (known != TEXT_MAP_ABSENT)
        return known;
    char *root = NULL;
    _cleanup_free_ char *prefix = prefix_of(modules, path, top, &root);
    const char *slash = strrchr(path, '/');
    _cleanup_free_ char *stem = strdup(slash ? slash + 1 : path);
    char *dot = stem ? strrchr(stem, '.') : NULL;
    if (dot)
        *dot = '\0';
    bool package = is_package_file(path) && prefix && *prefix;
    _cleanup_free_ char *name = NULL;
    if (package)
        name = strdup(prefix);
    else if (stem)
        name = text_format("%s%s%s", prefix ? prefix : "", prefix && *prefix ? "." : "", stem);
    struct module_entry *entry = name ? module_entry_new(modules, MODULE_SOURCE, name) : NULL;
    if (!entry) {
        free(root);
        return MODULES_NONE;
    }
    entry->root = root ? root : modules_folder_of(path);
    entry->path = strdup(path);
    entry->audited = true;
    if (package && !module_entry_add_folder(entry, modules_folder_of(path)))
        return MODULES_NONE;
    if (!entry->path || !entry->root ||
        !text_map_put(&modules->by_path, path, modules_last(modules)) ||
        (!is_search_folder(modules, entry->root) && !modules_add_root(modules, entry->root)))
        return MODULES_NONE;
    entry->table = table_of_file(modules, entry);
    return modules_last(modules);
}
