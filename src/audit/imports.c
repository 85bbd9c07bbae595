/* What import statements bring. */
#include "audit/resolver_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"

/* The package that `level` dots stand for, as a name; the caller frees; NULL: there is none. */
static char *package_name(const struct resolver *resolver, uint32_t from, unsigned level)
{
    const struct module_entry *entry = resolver_entry(resolver, from);
    char *name = strdup(entry->name);
    unsigned up = entry->folders.count ? level - 1 : level;
    for (; name && up; up--) {
        char *dot = strrchr(name, '.');
        if (!dot) {
            free(name);
            return NULL;
        }
        *dot = '\0';
    }
    return name;
}

/* A module that has no file of its own: a package has it as an attribute and, one trusts, put it
 * into sys.modules, as Lib/collections/__init__.py of 3.14 does with collections.abc. */
static uint32_t put_in_package(struct resolver *resolver, uint32_t from, const char *name)
{
    const char *dot = strrchr(name, '.');
    if (!dot || resolver->depth >= RESOLVER_DEEPEST)
        return MODULES_NONE;
    _cleanup_free_ char *package = strndup(name, (size_t)(dot - name));
    uint32_t number = package ? modules_find(resolver->modules, from, package) : MODULES_NONE;
    if (number == MODULES_NONE)
        return MODULES_NONE;
    resolver->depth++;
    struct value value = module_attribute(resolver, number, dot + 1);
    resolver->depth--;
    return value.kind == VALUE_MODULE ? value.number : MODULES_NONE;
}

uint32_t import_module(struct resolver *resolver, uint32_t from, const struct import *import)
{
    const struct module *module = resolver_module(resolver, from);
    const char *name = import->module == NONE ? "" : module_text(module, import->module);
    if (!import->level) {
        uint32_t found = modules_find(resolver->modules, from, name);
        return found == MODULES_NONE ? put_in_package(resolver, from, name) : found;
    }
    _cleanup_free_ char *package = package_name(resolver, from, import->level);
    _cleanup_free_ char *full =
        package ? text_format("%s%s%s", package, *name ? "." : "", name) : NULL;
    if (full)
        return modules_find(resolver->modules, from, full);
    /* A folder of modules without a name around it. */
    return import->level == 1 && *name ? modules_find(resolver->modules, from, name) : MODULES_NONE;
}

static struct value no_module(struct resolver *resolver, uint32_t from, const struct import *import)
{
    const struct module *module = resolver_module(resolver, from);
    struct value value =
        value_unknown(resolver, "the module %.*s%s is not found", (int)import->level, "..........",
                      import->module == NONE ? "" : module_text(module, import->module));
    return value;
}

struct value import_value(struct resolver *resolver, uint32_t from, const struct import *import)
{
    uint32_t number = import_module(resolver, from, import);
    if (number == MODULES_NONE)
        return no_module(resolver, from, import);
    if (import->name != NONE && number == from) { /* a package's own module */
        struct value own =
            submodule(resolver, number, module_text(resolver_module(resolver, from), import->name),
                      value_of_kind(VALUE_UNBOUND));
        if (own.kind == VALUE_MODULE)
            return own;
    }
    if (import->name != NONE)
        return module_attribute(resolver, number,
                                module_text(resolver_module(resolver, from), import->name));
    if (!import->bind_top)
        return value_module(number);
    const char *dotted = module_text(resolver_module(resolver, from), import->module);
    _cleanup_free_ char *top = strndup(dotted, strcspn(dotted, "."));
    number = top ? modules_find(resolver->modules, from, top) : MODULES_NONE;
    return number == MODULES_NONE ? no_module(resolver, from, import) : value_module(number);
}

/* Whether __all__ lists a name; unknown when it is not a plain list. */
static enum truth exported(struct resolver *resolver, uint32_t module, const char *name)
{
    const struct module *source = resolver_module(resolver, module);
    symbol_id all = module_symbol(source, "__all__");
    if (all == NONE || module_last_event(source, 0, all) == NONE)
        return *name == '_' ? TRUTH_NO : TRUTH_YES;
    struct value value = lookup_in_scope(resolver, module, 0, all);
    if (value.kind != VALUE_SEQUENCE)
        return TRUTH_UNKNOWN;
    const struct module *holder = resolver_module(resolver, value.module);
    const struct expression *list = module_expression(holder, value.number);
    enum truth truth = TRUTH_NO;
    for (uint32_t i = 0; i < list->count; i++) {
        const struct expression *item = module_expression(holder, module_child(holder, list, i));
        if (item->kind != EXPRESSION_STRING)
            truth = TRUTH_UNKNOWN;
        else if (strcmp(module_text(holder, item->text), name) == 0)
            return TRUTH_YES;
    }
    return truth;
}

struct value import_star(struct resolver *resolver, uint32_t from, const struct import *import,
                         const char *name, bool *certain)
{
    struct value unbound = value_of_kind(VALUE_UNBOUND);
    *certain = true;
    uint32_t number = import_module(resolver, from, import);
    if (number == MODULES_NONE || resolver->depth >= RESOLVER_DEEPEST)
        return value_unknown(resolver, "%s may come from a star import that cannot be followed",
                             name);
    modules_load(resolver->modules, number);
    const struct module_entry *entry = resolver_entry(resolver, number);
    if (number == from)
        return unbound;
    if (entry->kind == MODULE_SOURCE && !entry->module.problem) {
        enum truth truth = exported(resolver, number, name);
        *certain = truth == TRUTH_YES;
        if (truth == TRUTH_NO || (truth == TRUTH_UNKNOWN && *name == '_'))
            return unbound;
    } else if (entry->kind == MODULE_TABLE && *name == '_') {
        return unbound;
    }
    if (entry->kind == MODULE_NAMESPACE)
        return unbound;
    resolver->depth++;
    struct value value = module_attribute(resolver, number, name);
    resolver->depth--;
    return value.kind == VALUE_MODULE && value.number != number &&
                   module_symbol(&entry->module, name) == NONE
               ? unbound
               : value;
}

/* Whether a name is there without working out what it is. */
static enum truth has_name(struct resolver *resolver, uint32_t module, const char *name)
{
    const struct module_entry *entry = resolver_entry(resolver, module);
    const struct module *source = &entry->module;
    symbol_id symbol = module_symbol(source, name);
    uint32_t event = module_last_event(source, 0, symbol);
    if (event != NONE && source->events.items[event].block == 0 &&
        source->events.items[event].kind != EVENT_DELETE)
        return TRUTH_YES;
    struct value value = module_attribute(resolver, module, name);
    return value.kind == VALUE_UNBOUND ? TRUTH_NO : TRUTH_YES;
}

enum truth import_succeeds(struct resolver *resolver, uint32_t from, const struct import *import)
{
    uint32_t number = import_module(resolver, from, import);
    if (number == MODULES_NONE)
        return TRUTH_NO;
    if (import->name == NONE || import->name == STAR_NAME)
        return TRUTH_YES;
    modules_load(resolver->modules, number);
    const struct module_entry *entry = resolver_entry(resolver, number);
    const char *name = module_text(resolver_module(resolver, from), import->name);
    if (entry->kind == MODULE_COMPILED || entry->module.problem)
        return TRUTH_UNKNOWN;
    if (entry->kind != MODULE_SOURCE)
        return module_attribute(resolver, number, name).kind == VALUE_UNBOUND ? TRUTH_NO
                                                                              : TRUTH_YES;
    if (resolver->depth >= RESOLVER_DEEPEST)
        return TRUTH_UNKNOWN;
    resolver->depth++;
    enum truth truth = has_name(resolver, number, name);
    resolver->depth--;
    return truth;
}
