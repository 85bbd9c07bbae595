#include "audit/modules.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "audit/scan.h"
#include "base/cleanup.h"
#include "base/text.h"

struct error *modules_open(struct modules *modules, const struct environment *environment)
{
    *modules = (struct modules){.environment = environment, .parser = source_parser()};
    if (!modules->parser || !builtins_read(&modules->builtins, environment->minor) ||
        !grammar_read(&modules->grammar, ts_parser_language(modules->parser)))
        return error_no_memory();
    return NULL;
}

static void entry_free(struct module_entry *entry)
{
    free(entry->name);
    free(entry->path);
    free(entry->root);
    for (size_t i = 0; i < entry->folders.count; i++)
        free(entry->folders.items[i]);
    vector_free(&entry->folders);
    module_free(&entry->module);
    free(entry);
}

void modules_close(struct modules *modules)
{
    for (size_t i = 0; i < modules->entries.count; i++)
        entry_free(modules->entries.items[i]);
    vector_free(&modules->entries);
    for (size_t i = 0; i < modules->roots.count; i++)
        free(modules->roots.items[i]);
    vector_free(&modules->roots);
    text_map_free(&modules->by_path);
    text_map_free(&modules->found);
    builtins_free(&modules->builtins);
    grammar_free(&modules->grammar);
    if (modules->parser)
        ts_parser_delete(modules->parser);
}

bool modules_add_root(struct modules *modules, const char *folder)
{
    for (size_t i = 0; i < modules->roots.count; i++) {
        if (strcmp(modules->roots.items[i], folder) == 0)
            return true;
    }
    char *copy = strdup(folder);
    if (copy && vector_push(&modules->roots, copy))
        return true;
    free(copy);
    return false;
}

/* A new entry; NULL: no memory. */
static struct module_entry *new_entry(struct modules *modules, enum module_kind kind,
                                      const char *name)
{
    struct module_entry *entry = calloc(1, sizeof *entry);
    if (!entry)
        return NULL;
    entry->kind = kind;
    entry->table = TEXT_MAP_ABSENT;
    entry->name = strdup(name);
    if (!entry->name || !vector_push(&modules->entries, entry)) {
        entry_free(entry);
        return NULL;
    }
    return entry;
}

static uint32_t last_entry(const struct modules *modules)
{
    return (uint32_t)(modules->entries.count - 1);
}

static char *folder_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    if (!slash)
        return strdup(".");
    return slash == path ? strdup("/") : strndup(path, (size_t)(slash - path));
}

static bool add_folder(struct module_entry *entry, char *folder)
{
    if (folder && vector_push(&entry->folders, folder))
        return true;
    free(folder);
    return false;
}

static bool is_package_file(const char *path)
{
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    return strcmp(name, "__init__.py") == 0 || strcmp(name, "__init__.pyi") == 0;
}

static bool has_init(const char *folder)
{
    _cleanup_free_ char *path = text_format("%s/__init__.py", folder);
    return path && path_is_file(path);
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

/* The name of the folder's contents, and where its first part lies; both for the caller to free. */
static char *prefix_of(const struct modules *modules, const char *file, const char *top,
                       char **root)
{
    _cleanup_free_ char *folder = folder_of(file);
    _cleanup_free_ char *first = folder ? strdup(folder) : NULL;
    while (first && has_init(first) && strrchr(first, '/') && strrchr(first, '/') != first)
        *strrchr(first, '/') = '\0';
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
    struct module_entry *entry = name ? new_entry(modules, MODULE_SOURCE, name) : NULL;
    if (!entry) {
        free(root);
        return MODULES_NONE;
    }
    entry->root = root ? root : folder_of(path);
    entry->path = strdup(path);
    entry->audited = true;
    if (package && !add_folder(entry, folder_of(path)))
        return MODULES_NONE;
    if (!entry->path || !entry->root ||
        !text_map_put(&modules->by_path, path, last_entry(modules)) ||
        (!is_search_folder(modules, entry->root) && !modules_add_root(modules, entry->root)))
        return MODULES_NONE;
    return last_entry(modules);
}

/* ---- finding --------------------------------------------------------------------------------- */

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

/* What of `name` is in `folder`. */
static bool probe_folder(const struct modules *modules, struct probe *probe, const char *folder,
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
    struct module_entry *entry = new_entry(modules, MODULE_SOURCE, name);
    if (!entry)
        return MODULES_NONE;
    entry->path = strdup(probe->path);
    entry->root = strdup(root);
    entry->module.stub = probe->stub;
    if (!entry->path || !entry->root ||
        !text_map_put(&modules->by_path, probe->path, last_entry(modules)) ||
        (probe->package && !add_folder(entry, folder_of(probe->path))))
        return MODULES_NONE;
    return last_entry(modules);
}

/* Searches folders in turn; the parts of a namespace are gathered until a module turns up. */
static uint32_t search(struct modules *modules, char *const *folders, size_t count,
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
            struct module_entry *entry = new_entry(modules, MODULE_COMPILED, full_name);
            return entry ? last_entry(modules) : MODULES_NONE;
        }
        if (!probe.folder)
            continue;
        if (!*space) {
            *space = calloc(1, sizeof **space);
            if (*space)
                (*space)->root = strdup(folders[i]);
        }
        if (*space)
            add_folder(*space, text_format("%s/%s", folders[i], name));
    }
    return MODULES_NONE;
}

/* What is left when no module was found: perhaps folders. */
static uint32_t take_space(struct modules *modules, struct module_entry *space, uint32_t found,
                           const char *full_name)
{
    if (!space)
        return found;
    if (found == MODULES_NONE) {
        struct module_entry *entry = new_entry(modules, MODULE_NAMESPACE, full_name);
        if (entry) {
            entry->folders.items = space->folders.items;
            entry->folders.count = space->folders.count;
            entry->folders.capacity = space->folders.capacity;
            entry->root = take_pointer(&space->root);
            space->folders.items = NULL;
            space->folders.count = 0;
            found = last_entry(modules);
        }
    }
    entry_free(space);
    return found;
}

static uint32_t table_entry(struct modules *modules, const char *name)
{
    uint32_t table = text_map_get(&modules->builtins.modules, name);
    if (table == TEXT_MAP_ABSENT)
        return MODULES_NONE;
    struct module_entry *entry = new_entry(modules, MODULE_TABLE, name);
    if (!entry)
        return MODULES_NONE;
    entry->table = table;
    return last_entry(modules);
}

/* The standard library's file of a module that the table has, too. */
static uint32_t library_entry(struct modules *modules, const char *name)
{
    char *library = modules->environment->standard_library;
    struct module_entry *space = NULL;
    uint32_t found = library ? search(modules, &library, 1, name, name, &space) : MODULES_NONE;
    if (space)
        entry_free(space);
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
        found = search(modules, &importer->root, 1, name, name, &space);
    if (found == MODULES_NONE)
        found = search(modules, modules->roots.items, modules->roots.count, name, name, &space);
    if (found == MODULES_NONE && importer && importer->path && importer->audited) {
        _cleanup_free_ char *beside = folder_of(importer->path);
        if (beside && !has_init(beside))
            found = search(modules, &beside, 1, name, name, &space);
    }
    char *library = modules->environment->standard_library;
    if (found == MODULES_NONE && library)
        found = search(modules, &library, 1, name, name, &space);
    if (found == MODULES_NONE)
        found = search(modules, modules->environment->sites.items,
                       modules->environment->sites.count, name, name, &space);
    return take_space(modules, space, found, name);
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
    uint32_t found =
        search(modules, entry->folders.items, entry->folders.count, name, full_name, &space);
    found = take_space(modules, space, found, full_name);
    text_map_put(&modules->found, key, found + 1);
    return found;
}

static uint32_t find_first(struct modules *modules, uint32_t from, const char *name)
{
    const struct module_entry *importer =
        from == MODULES_NONE ? NULL : modules->entries.items[from];
    _cleanup_free_ char *beside =
        importer && importer->audited && importer->path ? folder_of(importer->path) : NULL;
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

static void scan_source(struct modules *modules, struct module *module, struct source *source,
                        bool parsed)
{
    if (parsed)
        scan_module(source, &modules->grammar, module);
    else
        module->problem = take_pointer(&source->problem);
    if (module->no_memory && !module->problem)
        module->problem = text_format("there is no memory to read it");
    source_free(source);
}

void modules_load(struct modules *modules, uint32_t number)
{
    struct module_entry *entry = modules->entries.items[number];
    if (entry->loaded || entry->kind != MODULE_SOURCE)
        return;
    entry->loaded = true;
    struct source source;
    bool parsed = source_read_outline(&source, modules->parser, entry->path, false);
    scan_source(modules, &entry->module, &source, parsed);
}

uint32_t modules_add_text(struct modules *modules, const char *name, const char *text, bool outline)
{
    struct module_entry *entry = new_entry(modules, MODULE_SOURCE, name);
    if (!entry)
        return MODULES_NONE;
    entry->loaded = true;
    struct source source;
    bool parsed = outline
                      ? source_parse_outline(&source, modules->parser, text, strlen(text), false)
                      : source_parse(&source, modules->parser, text, strlen(text));
    scan_source(modules, &entry->module, &source, parsed);
    return last_entry(modules);
}
