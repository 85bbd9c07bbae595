/* What a class statement adds to the layout of its instances: __slots__, written or made. */
#include "audit/resolver_internal.h"

#include <string.h>

uint32_t class_own_event(const struct module *module, const struct class_statement *statement,
                         const char *name)
{
    symbol_id symbol = module_symbol(module, name);
    return symbol == NONE ? NONE : module_last_event(module, statement->scope, symbol);
}

static void count_slot(const char *name, struct class_layout *layout)
{
    if (strcmp(name, "__dict__") == 0)
        layout->slot_dict = true;
    else if (strcmp(name, "__weakref__") == 0)
        layout->slot_weakref = true;
    else
        layout->slots++;
}

static void read_slots(struct resolver *resolver, const struct value *value,
                       struct class_layout *layout)
{
    layout->has_slots = true;
    if (value->kind == VALUE_STRING) {
        count_slot(value->text, layout);
        return;
    }
    layout->slots_unknown = value->kind != VALUE_SEQUENCE;
    if (layout->slots_unknown)
        return;
    const struct module *module = resolver_module(resolver, value->module);
    const struct expression *list = module_expression(module, value->number);
    for (uint32_t i = 0; i < list->count; i++) {
        const struct expression *item = module_expression(module, module_child(module, list, i));
        if (item->kind == EXPRESSION_STRING)
            count_slot(module_text(module, item->text), layout);
        else
            layout->slots_unknown = true;
    }
}

static bool is_empty_slots(const struct module *module, uint32_t event)
{
    const struct event *found = &module->events.items[event];
    if (found->kind != EVENT_ASSIGN)
        return false;
    const struct expression *value = module_expression(module, found->index);
    return value->kind == EXPRESSION_SEQUENCE && !value->count;
}

/* Whether a base has fields or slots, whose names a class that is made anew leaves out of its own
 * __slots__ (Lib/dataclasses.py: _add_slots; attrs). */
static bool fields_above(const struct resolver *resolver, const struct class_facts *facts)
{
    class_numbers left = {0};
    bool found = false;
    for (size_t i = 0; i < facts->base_count; i++)
        found |= !vector_push(&left, facts->bases[i].number);
    for (unsigned steps = 0; left.count && !found; steps++) {
        class_number number = left.items[--left.count];
        if (steps > 1000 || number >= resolver->classes.count) {
            found = true;
            break;
        }
        const struct known_class *class = &resolver->classes.items[number];
        if (class->origin == CLASS_FROM_TABLE)
            continue;
        found = class->origin == CLASS_FROM_CALL || !class->bases_known;
        if (class->origin == CLASS_FROM_STATEMENT) {
            const struct module *module = resolver_module(resolver, class->module);
            const struct class_statement *statement = &module->classes.items[class->index];
            found |= statement->fields;
            uint32_t slots = class_own_event(module, statement, "__slots__");
            found |= slots != NONE && !is_empty_slots(module, slots);
        }
        for (size_t i = 0; i < class->bases.count; i++)
            found |= !vector_push(&left, class->bases.items[i]);
    }
    vector_free(&left);
    return found;
}

void class_set_layout(struct resolver *resolver, uint32_t number,
                      const struct class_statement *statement, const struct decorated *decorated,
                      struct class_facts *facts)
{
    const struct module *module = resolver_module(resolver, number);
    struct class_layout *layout = &facts->layout;
    layout->kind = module->stub ? LAYOUT_UNKNOWN : LAYOUT_STATEMENT;
    layout->base = CLASS_UNKNOWN;
    uint32_t slots = class_own_event(module, statement, "__slots__");
    if (slots != NONE) {
        struct value value =
            lookup_in_scope(resolver, number, statement->scope, module->events.items[slots].name);
        read_slots(resolver, &value, layout);
    }
    if (decorated->slots) {
        bool own = statement->sure_field && !fields_above(resolver, facts);
        layout->has_slots = true;
        layout->slots += own;
        layout->slots_unknown |= statement->fields && !own;
    }
}
