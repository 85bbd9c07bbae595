/* Names of a module as others see it: its own, those of the table, what it makes on demand. */
#include "audit/resolver_internal.h"

#include <string.h>

struct value value_module(uint32_t number)
{
    struct value value = value_of_kind(VALUE_MODULE);
    value.number = number;
    return value;
}

struct value submodule(struct resolver *resolver, uint32_t module, const char *name,
                       struct value otherwise)
{
    uint32_t number = modules_find_in(resolver->modules, module, name);
    return number == MODULES_NONE ? otherwise : value_module(number);
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
    if (strcmp(name, "__import__") == 0) {
        struct value value = value_of_kind(VALUE_SPECIAL);
        value.number = SPECIAL_IMPORT_TOP;
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
        {"sys", "implementation", VALUE_OBJECT, SYS_IMPLEMENTATION},
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
        bool certain;
        if (event.kind == EVENT_OPAQUE)
            return value_unknown(resolver, "%s may be bound in line %u: %s", name, event.line,
                                 event.why);
        struct import import = source->imports.items[event.index];
        struct value value = import_star(resolver, module, &import, name, &certain);
        if (value.kind != VALUE_UNBOUND &&
            !never_reached(resolver, module, 0, event.block, event.position))
            return value;
        star = event.previous;
    }
    struct value value =
        value_unknown(resolver, "%s has no name %s", resolver_entry(resolver, module)->name, name);
    value.kind = VALUE_UNBOUND;
    return value;
}

/* Modules whose names are attributes of an object, put there by a statement that is not followed:
 * multiprocessing has those of its context (Lib/multiprocessing/__init__.py, 3.8.18, 3.14.10). */
static struct value from_object(struct resolver *resolver, uint32_t module, const char *name,
                                struct value unbound)
{
    if (strcmp(resolver_entry(resolver, module)->name, "multiprocessing") != 0)
        return unbound;
    class_number context = known_class_named(resolver, "multiprocessing.context", "DefaultContext");
    struct value value = class_attribute(resolver, context, name, 0);
    return value.kind == VALUE_CLASS ? value : unbound;
}

/* def __getattr__(name): … from .there import name, perhaps into a global */
static struct value imported_on_demand(struct resolver *resolver, uint32_t module, const char *name,
                                       struct value otherwise)
{
    const struct module *source = resolver_module(resolver, module);
    symbol_id hook = module_symbol(source, "__getattr__"), symbol = module_symbol(source, name);
    if (hook == NONE || symbol == NONE || module_last_event(source, 0, hook) == NONE ||
        module_last_event(source, 0, symbol) != NONE || resolver->depth >= RESOLVER_DEEPEST)
        return otherwise;
    for (uint32_t i = 0; i < source->imports.count; i++) {
        struct import import = source->imports.items[i];
        if (import.name != symbol)
            continue;
        resolver->depth++;
        struct value value = import_value(resolver, module, &import);
        resolver->depth--;
        return value.kind == VALUE_CLASS ? value : otherwise;
    }
    return otherwise;
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
                         resolver_entry(resolver, module)->name);
}

static struct value source_attribute(struct resolver *resolver, uint32_t module, const char *name)
{
    const struct module_entry *entry = resolver_entry(resolver, module);
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
        value = from_object(resolver, module, name, value);
    if (value.kind != VALUE_CLASS && value.kind != VALUE_MODULE)
        value = imported_on_demand(resolver, module, name, value);
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
    const struct module_entry *entry = resolver_entry(resolver, module);
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
    if (symbol != NONE && set_by_another(resolver, module, symbol))
        return value_unknown(resolver, "another module assigns %s.%s", entry->name, name);
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
