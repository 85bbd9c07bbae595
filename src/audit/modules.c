/* The table of modules: those that were found so far, each read when it is needed. */
#include "audit/modules_internal.h"

#include <stdlib.h>
#include <string.h>

#include "audit/scan.h"
#include "base/cleanup.h"
#include "base/text.h"

struct error *modules_open(struct modules *modules, const struct environment *environment)
{
    *modules = (struct modules){.environment = environment};
    TSParser *parser = source_parser();
    bool read = parser && builtins_read(&modules->builtins, environment->minor) &&
                grammar_read(&modules->grammar, ts_parser_language(parser));
    source_parser_free(parser);
    return read ? NULL : error_no_memory();
}

void module_entry_free(struct module_entry *entry)
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
        module_entry_free(modules->entries.items[i]);
    vector_free(&modules->entries);
    for (size_t i = 0; i < modules->roots.count; i++)
        free(modules->roots.items[i]);
    vector_free(&modules->roots);
    text_map_free(&modules->by_path);
    text_map_free(&modules->found);
    text_map_free(&modules->packages);
    text_map_free(&modules->listed);
    text_map_free(&modules->contents);
    builtins_free(&modules->builtins);
    grammar_free(&modules->grammar);
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

struct module_entry *module_entry_new(struct modules *modules, enum module_kind kind,
                                      const char *name)
{
    struct module_entry *entry = calloc(1, sizeof *entry);
    if (!entry)
        return NULL;
    entry->kind = kind;
    entry->table = TEXT_MAP_ABSENT;
    entry->name = strdup(name);
    if (!entry->name || !vector_push(&modules->entries, entry)) {
        module_entry_free(entry);
        return NULL;
    }
    return entry;
}

bool module_entry_add_folder(struct module_entry *entry, char *folder)
{
    if (folder && vector_push(&entry->folders, folder))
        return true;
    free(folder);
    return false;
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
    TSParser *parser = source_parser();
    bool parsed = source_read_outline(&source, parser, entry->path, false);
    scan_source(modules, &entry->module, &source, parsed);
    source_parser_free(parser);
}

uint32_t modules_add_text(struct modules *modules, const char *name, const char *text, bool outline)
{
    struct module_entry *entry = module_entry_new(modules, MODULE_SOURCE, name);
    if (!entry)
        return MODULES_NONE;
    entry->loaded = true;
    struct source source;
    TSParser *parser = source_parser();
    bool parsed = outline ? source_parse_outline(&source, parser, text, strlen(text), false)
                          : source_parse(&source, parser, text, strlen(text));
    scan_source(modules, &entry->module, &source, parsed);
    source_parser_free(parser);
    return modules_last(modules);
}
