/* Names of other modules. */
#include "audit/resolver_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"

static const struct module_entry *entry_of(const struct resolver *resolver, uint32_t module)
{
    return resolver->modules->entries.items[module];
}

/* The package that `level` dots stand for, as a name; the caller frees; NULL: there is none. */
static char *package_name(const struct resolver *resolver, uint32_t from, unsigned level)
{
    const struct module_entry *entry = entry_of(resolver, from);
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

uint32_t import_module(struct resolver *resolver, uint32_t from, const struct import *import)
{
    const struct module *module = resolver_module(resolver, from);
    const char *name = import->module == NONE ? "" : module_text(module, import->module);
    if (!import->level)
        return modules_find(resolver->modules, from, name);
    _cleanup_free_ char *package = package_name(resolver, from, import->level);
    _cleanup_free_ char *full =
        package ? text_format("%s%s%s", package, *name ? "." : "", name) : NULL;
    if (full)
        return modules_find(resolver->modules, from, full);
    /* A folder of modules without a name around it. */
    return import->level == 1 && *name ? modules_find(resolver->modules, from, name) : MODULES_NONE;
}

static struct value module_value(uint32_t number)
{
    struct value value = value_of_kind(VALUE_MODULE);
    value.number = number;
    return value;
}

static struct value no_module(struct resolver *resolver, uint32_t from, const struct import *import)
{
    const struct module *module = resolver_module(resolver, from);
    struct value value =
        value_unknown(resolver, "the module %.*s%s is not found", (int)import->level, "..........",
                      import->module == NONE ? "" : module_text(module, import->module));
    return value;
}

static struct value submodule(struct resolver *resolver, uint32_t module, const char *name,
                              struct value otherwise)
{
    uint32_t number = modules_find_in(resolver->modules, module, name);
    return number == MODULES_NONE ? otherwise : module_value(number);
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
        return module_value(number);
    const char *dotted = module_text(resolver_module(resolver, from), import->module);
    _cleanup_free_ char *top = strndup(dotted, strcspn(dotted, "."));
    number = top ? modules_find(resolver->modules, from, top) : MODULES_NONE;
    return number == MODULES_NONE ? no_module(resolver, from, import) : module_value(number);
}

/* What an attribute of a module written in C is. */
static struct value from_table(struct resolver *resolver, uint32_t table, const char *module,
                               const char *name)
{
    uint32_t type = builtins_get(&resolver->modules->builtins, table, name);
    if (type < BUILTIN_UNBOUND)
        return value_class(class_from_table(resolver, type));
    struct value value = value_unknown(resolver, "%s.%s is an object written in C", module, name);
    bool bound = type != BUILTIN_UNBOUND || strncmp(name, "__", 2) == 0; /* __doc__ */
    value.kind = bound ? VALUE_OBJECT : VALUE_UNBOUND;
    return value;
}

struct value builtin_value(struct resolver *resolver, const char *name)
{
    uint32_t table = text_map_get(&resolver->modules->builtins.modules, "builtins");
    if (strcmp(name, "getattr") == 0 || strcmp(name, "hasattr") == 0) {
        struct value value = value_of_kind(VALUE_SPECIAL);
        value.number = *name == 'g' ? SPECIAL_GETATTR : SPECIAL_HASATTR;
        return value;
    }
    if (strcmp(name, "__debug__") == 0)
        return value_of_kind(VALUE_TRUE);
    if (table == TEXT_MAP_ABSENT)
        return value_unknown(resolver, "there is no table of builtins");
    return from_table(resolver, table, "builtins", name);
}

/* What no source says. */
static bool well_known(const struct resolver *resolver, const char *module, const char *name,
                       struct value *value)
{
    static const struct {
        const char *module, *name;
        enum value_kind kind;
        const char *text;
    } known[] = {
        {"sys", "version_info", VALUE_VERSION, NULL},
        {"sys", "platform", VALUE_STRING, "linux"},
        {"sys", "byteorder", VALUE_STRING, "little"},
        {"sys", "builtin_module_names", VALUE_BUILTIN_NAMES, NULL},
        {"os", "name", VALUE_STRING, "posix"},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (strcmp(module, known[i].module) == 0 && strcmp(name, known[i].name) == 0) {
            *value = value_of_kind(known[i].kind);
            value->text = known[i].text;
            return true;
        }
    }
    bool typing = strcmp(module, "typing") == 0 || strcmp(module, "typing_extensions") == 0;
    if (typing && strcmp(name, "TYPE_CHECKING") == 0) {
        *value = value_of_kind(resolver->type_checking ? VALUE_TRUE : VALUE_FALSE);
        return true;
    }
    return false;
}

static struct value lookup_source(struct resolver *resolver, uint32_t module, const char *name)
{
    const struct module *source = resolver_module(resolver, module);
    symbol_id symbol = module_symbol(source, name);
    if (symbol != NONE)
        return lookup_in_scope(resolver, module, 0, symbol);
    /* A name that the module does not write may come with a star import. */
    uint32_t star = module_last_event(source, 0, STAR_NAME);
    while (star != NONE) {
        const struct event event = source->events.items[star];
        struct import import = source->imports.items[event.index];
        struct value value = import_star(resolver, module, &import, name);
        if (value.kind != VALUE_UNBOUND &&
            !never_reached(resolver, module, 0, event.block, event.position))
            return value;
        star = event.previous;
    }
    struct value value =
        value_unknown(resolver, "%s has no name %s", entry_of(resolver, module)->name, name);
    value.kind = VALUE_UNBOUND;
    return value;
}

/* Modules that make names on demand declare them for type checkers. */
static struct value made_on_demand(struct resolver *resolver, uint32_t module, const char *name,
                                   struct value unbound)
{
    const struct module *source = resolver_module(resolver, module);
    symbol_id hook = module_symbol(source, "__getattr__");
    if (hook == NONE || module_last_event(source, 0, hook) == NONE)
        return unbound;
    if (!resolver->type_checking) {
        resolver->type_checking = true;
        struct value value = lookup_source(resolver, module, name);
        resolver->type_checking = false;
        if (value.kind != VALUE_UNBOUND && value.kind != VALUE_UNKNOWN)
            return value;
    }
    struct value other = submodule(resolver, module, name, unbound);
    if (other.kind == VALUE_MODULE)
        return other;
    return value_unknown(resolver, "%s makes its names on demand (__getattr__)",
                         entry_of(resolver, module)->name);
}

static struct value source_attribute(struct resolver *resolver, uint32_t module, const char *name)
{
    const struct module_entry *entry = entry_of(resolver, module);
    if (entry->module.problem)
        return value_unknown(resolver, "%s %s", entry->path, entry->module.problem);
    symbol_id self = module_symbol(&entry->module, SELF_NAME);
    if (self != NONE && module_last_event(&entry->module, 0, self) != NONE) {
        struct value other = lookup_in_scope(resolver, module, 0, self);
        if (other.kind == VALUE_MODULE && other.number != module)
            return module_attribute(resolver, other.number, name);
    }
    /* A star import rarely brings a name that hides a module of the package itself. */
    struct value value = value_of_kind(VALUE_UNBOUND);
    if (module_last_event(&entry->module, 0, module_symbol(&entry->module, name)) == NONE)
        value = submodule(resolver, module, name, value);
    if (value.kind == VALUE_UNBOUND)
        value = lookup_source(resolver, module, name);
    if (value.kind == VALUE_UNBOUND)
        value = submodule(resolver, module, name, value);
    if (value.kind == VALUE_UNBOUND)
        value = made_on_demand(resolver, module, name, value);
    if (entry->table != TEXT_MAP_ABSENT && value.kind != VALUE_CLASS) {
        struct value known = from_table(resolver, entry->table, entry->name, name);
        if (known.kind == VALUE_CLASS)
            return known;
    }
    return value;
}

struct value module_attribute(struct resolver *resolver, uint32_t module, const char *name)
{
    struct value value;
    modules_load(resolver->modules, module);
    const struct module_entry *entry = entry_of(resolver, module);
    if (well_known(resolver, entry->name, name, &value))
        return value;
    if (entry->kind == MODULE_TABLE)
        return from_table(resolver, entry->table, entry->name, name);
    if (entry->kind == MODULE_COMPILED)
        return value_unknown(resolver, "%s is compiled and has no stub", entry->name);
    if (entry->kind == MODULE_NAMESPACE) {
        value = value_unknown(resolver, "%s has no module %s", entry->name, name);
        value.kind = VALUE_UNBOUND;
        return submodule(resolver, module, name, value);
    }
    symbol_id symbol = module_symbol(&entry->module, name);
    if (symbol == NONE || resolver->type_checking || resolver->depth >= RESOLVER_DEEPEST)
        return source_attribute(resolver, module, name);
    uint64_t key = ((uint64_t)(module + 1) << 35) | ((uint64_t)symbol << 3) | 1;
    uint32_t known = address_map_get(&resolver->attributes, key);
    if (known != ADDRESS_MAP_ABSENT)
        return resolver->attribute_values.items[known];
    unsigned circles = resolver->circles;
    resolver->depth++;
    value = source_attribute(resolver, module, name);
    resolver->depth--;
    if (value.kind != VALUE_UNKNOWN || circles == resolver->circles) {
        uint32_t index = (uint32_t)resolver->attribute_values.count;
        if (!vector_push(&resolver->attribute_values, value) ||
            !address_map_put(&resolver->attributes, key, index))
            resolver->no_memory = true;
    }
    return value;
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
                         const char *name)
{
    struct value unbound = value_of_kind(VALUE_UNBOUND);
    uint32_t number = import_module(resolver, from, import);
    if (number == MODULES_NONE || resolver->depth >= RESOLVER_DEEPEST)
        return value_unknown(resolver, "%s may come from a star import that cannot be followed",
                             name);
    modules_load(resolver->modules, number);
    const struct module_entry *entry = entry_of(resolver, number);
    if (number == from)
        return unbound;
    if (entry->kind == MODULE_SOURCE && !entry->module.problem) {
        enum truth truth = exported(resolver, number, name);
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
    const struct module_entry *entry = entry_of(resolver, module);
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
    const struct module_entry *entry = entry_of(resolver, number);
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
