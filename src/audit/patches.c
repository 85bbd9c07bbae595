/* Names of modules that other modules set: m.T = B, setattr(m, "T", B). */
#include "audit/resolver_internal.h"

static uint64_t key_of(uint32_t module, symbol_id name)
{
    return ((uint64_t)(module + 1) << 35) | ((uint64_t)name << 3) | 1;
}

bool set_by_another(const struct resolver *resolver, uint32_t module, symbol_id name)
{
    return resolver->patches.count &&
           address_map_get(&resolver->patches, key_of(module, name)) != ADDRESS_MAP_ABSENT;
}

/* Whether an expression begins with a name that an import binds: others are hardly modules. */
static bool begins_with_import(const struct module *module, const struct attribute_set *set)
{
    const struct expression *expression = module_expression(module, set->object);
    while (expression->kind == EXPRESSION_ATTRIBUTE)
        expression = module_expression(module, module_child(module, expression, 0));
    if (expression->kind != EXPRESSION_NAME)
        return false;
    for (uint32_t scope = set->scope; scope != NONE; scope = module->scopes.items[scope].parent) {
        uint32_t event = module_last_event(module, scope, expression->text);
        if (event != NONE)
            return module->events.items[event].kind == EVENT_IMPORT;
    }
    return false;
}

static void note_set(struct resolver *resolver, uint32_t number, const struct attribute_set *set)
{
    const struct module *module = resolver_module(resolver, number);
    struct place_of_use place = {number, set->scope, set->block, set->position};
    struct value object = evaluate(resolver, place, set->object);
    if (object.kind != VALUE_MODULE || object.number == MODULES_NONE || object.number == number)
        return;
    const struct module *target = resolver_module(resolver, object.number);
    symbol_id name = module_symbol(target, module_text(module, set->name));
    if (name == NONE || module_last_event(target, 0, name) == NONE ||
        never_reached(resolver, number, set->scope, set->block, set->position))
        return;
    if (!address_map_put(&resolver->patches, key_of(object.number, name), number))
        resolver->no_memory = true;
}

void resolver_note_patches(struct resolver *resolver)
{
    for (uint32_t i = 0; i < resolver->modules->entries.count; i++) {
        const struct module_entry *entry = resolver_entry(resolver, i);
        if (entry->kind != MODULE_SOURCE || !entry->loaded || entry->module.problem)
            continue;
        for (size_t k = 0; k < entry->module.attribute_sets.count; k++) {
            const struct attribute_set set = entry->module.attribute_sets.items[k];
            if (begins_with_import(&entry->module, &set))
                note_set(resolver, i, &set);
        }
    }
}
