/* What one binding gives its name: an assignment, a class, a function, an import. */
#include "audit/resolver_internal.h"

#include <stdio.h>

static enum special special_in(const struct module *module, uint32_t scope, const char *module_name,
                               const char *name)
{
    const struct scope *found = &module->scopes.items[scope];
    if (scope == 0)
        return special_for(module_name, name);
    if (found->kind != SCOPE_CLASS || found->parent != 0)
        return SPECIAL_NONE;
    char full[200];
    snprintf(full, sizeof full, "%s.%s", module_text(module, found->name), name);
    return special_for(module_name, full);
}

static struct value event_value(struct resolver *resolver, uint32_t module, struct event event)
{
    const struct module *source = resolver_module(resolver, module);
    struct place_of_use place = {module, source->blocks.items[event.block].scope, event.block,
                                 event.evaluated_at};
    const char *name = module_text(source, event.name);
    const char *module_name = resolver->modules->entries.items[module]->name;
    enum special special = special_in(source, place.scope, module_name, name);
    if (special == SPECIAL_ALIAS_MAKER && event.kind == EVENT_CLASS)
        special = SPECIAL_NONE; /* a class as well: see call_class */
    if (special != SPECIAL_NONE && event.kind != EVENT_IMPORT) {
        struct value value = value_of_kind(VALUE_SPECIAL);
        value.number = special;
        value.module = module;
        return value;
    }
    struct value value;
    switch (event.kind) {
    case EVENT_ASSIGN:
        return evaluate(resolver, place, event.index);
    case EVENT_CLASS:
        return decorated_class(resolver, module, event.index);
    case EVENT_FUNCTION:
        value = value_of_kind(VALUE_FUNCTION);
        value.module = module;
        value.number = event.index;
        return value;
    case EVENT_IMPORT: {
        struct import import = source->imports.items[event.index];
        return import_value(resolver, module, &import);
    }
    case EVENT_DELETE:
        value = value_unknown(resolver, "%s is deleted in line %u", name, event.line);
        value.kind = VALUE_UNBOUND;
        return value;
    default:
        return value_unknown(resolver, "%s (line %u): %s", name, event.line, event.why);
    }
}

/* types.FunctionType = type(f): what the table says of a module that has source, too. */
static struct value type_from_table(struct resolver *resolver, uint32_t module, uint32_t event,
                                    struct value otherwise)
{
    const struct module_entry *entry = resolver->modules->entries.items[module];
    const struct event *found = &entry->module.events.items[event];
    if (entry->table == TEXT_MAP_ABSENT || entry->module.blocks.items[found->block].scope != 0)
        return otherwise;
    uint32_t type = builtins_get(&resolver->modules->builtins, entry->table,
                                 module_text(&entry->module, found->name));
    return type < BUILTIN_UNBOUND ? value_class(class_from_table(resolver, type)) : otherwise;
}

struct value lookup_event(struct resolver *resolver, uint32_t module, uint32_t event)
{
    struct module_memory *memory = resolver_memory(resolver, module);
    if (!memory)
        return value_unknown(resolver, "there is no memory");
    /* TYPE_CHECKING may be remembered as what it is when the program runs. */
    bool other_truth = resolver->type_checking && memory->events[event].kind == VALUE_FALSE;
    if (memory->event_states[event] == 2 && !other_truth)
        return memory->events[event];
    if (memory->event_states[event] == 1 || resolver->depth >= RESOLVER_DEEPEST) {
        resolver->circles++;
        return value_unknown(
            resolver, "%s depends on itself",
            module_text(resolver_module(resolver, module),
                        resolver_module(resolver, module)->events.items[event].name));
    }
    unsigned circles = resolver->circles;
    memory->event_states[event] = 1;
    resolver->depth++;
    struct value value =
        event_value(resolver, module, resolver_module(resolver, module)->events.items[event]);
    if (value.kind != VALUE_CLASS)
        value = type_from_table(resolver, module, event, value);
    resolver->depth--;
    memory = resolver_memory(resolver, module);
    /* What was not known only because it was asked for within itself is asked again. */
    bool lasting = value.kind != VALUE_UNKNOWN || circles == resolver->circles;
    memory->event_states[event] = lasting && !resolver->type_checking ? 2 : 0;
    memory->events[event] = value;
    return value;
}
