/* What a class statement adds to the layout of its instances: __slots__, written or made. */
#include "audit/resolver_internal.h"

#include <string.h>

#define DEEPEST 10 /* lists within one another */

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

static void count_items(struct resolver *resolver, struct place_of_use place, expression_id id,
                        struct class_layout *layout, unsigned depth);

/* A name in a list of slots. */
static void count_item(struct resolver *resolver, struct place_of_use place, expression_id id,
                       struct class_layout *layout, unsigned depth)
{
    const struct module *module = resolver_module(resolver, place.module);
    const struct expression *item = module_expression(module, id);
    if (item->kind == EXPRESSION_STRING) {
        count_slot(module_text(module, item->text), layout);
    } else if (item->kind == EXPRESSION_STARRED || item->kind == EXPRESSION_DOUBLE_STARRED) {
        count_items(resolver, place, module_child(module, item, 0), layout, depth);
    } else {
        struct value value = evaluate(resolver, place, id);
        if (value.kind == VALUE_STRING)
            count_slot(value.text, layout);
        else
            layout->slots_unknown = true;
    }
}

static void count_list(struct resolver *resolver, struct place_of_use place,
                       const struct expression *list, struct class_layout *layout, unsigned depth)
{
    for (uint32_t i = 0; i < list->count; i++)
        count_item(resolver, place, module_child(resolver_module(resolver, place.module), list, i),
                   layout, depth);
}

/* "a b".split() */
static bool count_split(const struct module *module, const struct expression *call,
                        struct class_layout *layout)
{
    const struct expression *head = module_expression(module, module_child(module, call, 0));
    if (head->kind != EXPRESSION_ATTRIBUTE || strcmp(module_text(module, head->text), "split") != 0)
        return false;
    const struct expression *text = module_expression(module, module_child(module, head, 0));
    if (text->kind != EXPRESSION_STRING || call->count > 1)
        return false;
    const char *at = module_text(module, text->text);
    while (*(at += strspn(at, " \t\n"))) {
        layout->slots++;
        at += strcspn(at, " \t\n");
    }
    return true;
}

/* tuple(…), sorted(…), dict.fromkeys(…) and the like have the items of what they are given. */
static bool keeps_items(const struct module *module, expression_id callee)
{
    static const char *const keepers[] = {"tuple", "list",     "set",      "frozenset", "sorted",
                                          "iter",  "reversed", "fromkeys", NULL};
    const struct expression *head = module_expression(module, callee);
    if (head->kind != EXPRESSION_NAME && head->kind != EXPRESSION_ATTRIBUTE)
        return false;
    const char *name = module_text(module, head->text);
    for (const char *const *keeper = keepers; *keeper; keeper++) {
        if (strcmp(*keeper, name) == 0)
            return true;
    }
    return false;
}

static void count_call(struct resolver *resolver, struct place_of_use place, expression_id id,
                       struct class_layout *layout, unsigned depth)
{
    const struct module *module = resolver_module(resolver, place.module);
    const struct expression call = *module_expression(module, id);
    if (count_split(module, &call, layout))
        return;
    if (!keeps_items(module, module_child(module, &call, 0)))
        layout->slots_unknown = true;
    else if (call.count > 1)
        count_items(resolver, place, module_child(module, &call, 1), layout, depth);
}

/* A comprehension has as many items as what it goes through, when it leaves none out. */
static void count_each(struct resolver *resolver, struct place_of_use place, expression_id id,
                       struct class_layout *layout, unsigned depth)
{
    struct class_layout through = {0};
    count_items(resolver, place, id, &through, depth);
    layout->slots += through.slots + through.slot_dict + through.slot_weakref;
    layout->slots_unknown |= through.slots_unknown;
}

static void count_items(struct resolver *resolver, struct place_of_use place, expression_id id,
                        struct class_layout *layout, unsigned depth)
{
    const struct module *module = resolver_module(resolver, place.module);
    const struct expression whole = *module_expression(module, id);
    if (depth > DEEPEST) {
        layout->slots_unknown = true;
        return;
    }
    switch (whole.kind) {
    case EXPRESSION_SEQUENCE:
        count_list(resolver, place, &whole, layout, depth + 1);
        return;
    case EXPRESSION_ADDITION:
        count_items(resolver, place, module_child(module, &whole, 0), layout, depth + 1);
        count_items(resolver, place, module_child(module, &whole, 1), layout, depth + 1);
        return;
    case EXPRESSION_CALL:
        count_call(resolver, place, id, layout, depth + 1);
        return;
    case EXPRESSION_COMPREHENSION:
        count_each(resolver, place, module_child(module, &whole, 0), layout, depth + 1);
        return;
    default:
        break;
    }
    struct value value = evaluate(resolver, place, id);
    if (value.kind == VALUE_STRING) { /* its letters */
        layout->slots += (uint32_t)strlen(value.text);
    } else if (value.kind == VALUE_SEQUENCE) {
        const struct expression list =
            *module_expression(resolver_module(resolver, value.module), value.number);
        count_list(resolver, value.place, &list, layout, depth + 1);
    } else {
        layout->slots_unknown = true;
    }
}

/* __slots__ = …: a text is one name. */
static void count_value(struct resolver *resolver, struct place_of_use place, expression_id id,
                        struct class_layout *layout)
{
    struct value value = evaluate(resolver, place, id);
    if (value.kind == VALUE_STRING)
        count_slot(value.text, layout);
    else
        count_items(resolver, place, id, layout, 0);
}

/* What the class's own binding says. Slots that are known are enough: more of them make the same
 * difference. */
static void read_slots(struct resolver *resolver, uint32_t number,
                       const struct class_statement *statement, uint32_t last,
                       struct class_layout *layout)
{
    const struct module *module = resolver_module(resolver, number);
    const struct event *event = &module->events.items[last];
    layout->has_slots = true;
    if (event->kind == EVENT_OPAQUE && event->previous != NONE) { /* __slots__ += (…) */
        layout->slots_unknown = true;
        event = &module->events.items[event->previous];
    }
    bool plain = event->block == module->scopes.items[statement->scope].body;
    if (plain && event->kind == EVENT_ASSIGN) {
        struct place_of_use place = {number, statement->scope, event->block, event->evaluated_at};
        count_value(resolver, place, event->index, layout);
    } else {
        struct value value = lookup_in_scope(resolver, number, statement->scope, event->name);
        if (value.kind == VALUE_STRING)
            count_slot(value.text, layout);
        else if (value.kind == VALUE_SEQUENCE)
            count_items(resolver, value.place, value.number, layout, 0);
        else
            layout->slots_unknown = true;
    }
    layout->slots_unknown &= !layout->slots;
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
    if (slots != NONE)
        read_slots(resolver, number, statement, slots, layout);
    if (decorated->slots)
        slots_make(resolver, number, module->scopes.items[statement->scope].class_index, decorated,
                   facts);
}
