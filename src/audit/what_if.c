/* A class statement that nobody has written yet. */
#include "audit/audit_internal.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/scan.h"
#include "base/cleanup.h"
#include "base/text.h"

static struct error *not_a_class(const char *text)
{
    return error_hint(error_new(ERROR_USAGE, "'%s' is not a class statement", text),
                      "steth audit --what-if 'class Both(package.A, other.B)' PATH");
}

/* The one audited module that binds `name` to a class; NULL: none, or several. */
static const char *module_with(const struct audit *audit, const char *name)
{
    const char *found = NULL;
    for (size_t i = 0; i < audit->entries.count; i++) {
        uint32_t number = audit->entries.items[i];
        if (number == MODULES_NONE)
            continue;
        const struct module_entry *entry = audit->modules.entries.items[number];
        symbol_id symbol = module_symbol(&entry->module, name);
        uint32_t event = module_last_event(&entry->module, 0, symbol);
        if (event == NONE || entry->module.events.items[event].kind != EVENT_CLASS)
            continue;
        if (found)
            return NULL;
        found = entry->name;
    }
    return found;
}

/* What makes the first part of a dotted name known. */
static void write_import(struct audit *audit, FILE *out, const char *name)
{
    uint32_t table = text_map_get(&audit->modules.builtins.modules, "builtins");
    if (table != TEXT_MAP_ABSENT &&
        builtins_get(&audit->modules.builtins, table, name) != BUILTIN_UNBOUND)
        return;
    const char *holder = module_with(audit, name);
    if (holder)
        fprintf(out, "from %s import %s\n", holder, name);
    else if (modules_find(&audit->modules, MODULES_NONE, name) != MODULES_NONE)
        fprintf(out, "import %s\n", name);
}

/* Imports for all names in the parentheses, then the statement. */
static char *write_module(struct audit *audit, const char *text)
{
    char *written = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&written, &size);
    if (!out)
        return NULL;
    const char *p = strpbrk(text, "([");
    for (bool dotted = false; p && *p;) {
        if (!isalpha((unsigned char)*p) && *p != '_' && (unsigned char)*p < 0x80) {
            dotted = *p == '.';
            p++;
            continue;
        }
        const char *end = p;
        while (isalnum((unsigned char)*end) || *end == '_' || (unsigned char)*end >= 0x80)
            end++;
        _cleanup_free_ char *name = strndup(p, (size_t)(end - p));
        if (name && !dotted && *end != '=')
            write_import(audit, out, name);
        p = end;
    }
    const char *colon = strrchr(text, ':');
    bool has_body = colon && !strchr(colon, ']') && !strchr(colon, ')');
    fprintf(out, "%s%s\n", text, !has_body ? ": pass" : colon[1] ? "" : " pass");
    if (fclose(out) != 0) {
        free(written);
        return NULL;
    }
    return written;
}

struct error *audit_what_if(struct audit *audit, class_number *number)
{
    const char *text = audit->options->what_if;
    while (*text == ' ')
        text++;
    struct error *error = audit_read_files(audit);
    if (error)
        return error;
    for (size_t i = 0; i < audit->entries.count; i++) {
        if (audit->entries.items[i] != MODULES_NONE)
            resolver_add_paths(&audit->resolver, audit->entries.items[i]);
    }
    _cleanup_free_ char *written = write_module(audit, text);
    uint32_t module =
        written ? modules_add_text(&audit->modules, "what-if", written, false) : MODULES_NONE;
    if (module == MODULES_NONE)
        return error_no_memory();
    const struct module *source = &audit->modules.entries.items[module]->module;
    if (source->problem || source->syntax_error || source->classes.count != 1)
        return not_a_class(audit->options->what_if);
    *number = resolver_class(&audit->resolver, module, 0);
    return *number == CLASS_UNKNOWN ? error_no_memory() : NULL;
}
