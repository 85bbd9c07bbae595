/* Decorators of a class statement. */
#include "audit/resolver_internal.h"

static bool wants_slots(struct resolver *resolver, struct place_of_use place,
                        const struct expression *call, bool otherwise)
{
    const struct module *module = resolver_module(resolver, place.module);
    expression_id slots = call ? call_value(module, call, NONE, "slots") : NONE;
    return slots == NONE ? otherwise : decide(resolver, place, slots) == TRUTH_YES;
}

static void apply_attrs(struct resolver *resolver, struct place_of_use place,
                        const struct expression *call, enum special special,
                        struct decorated *decorated)
{
    const struct module *module = resolver_module(resolver, place.module);
    expression_id told = call ? call_value(module, call, NONE, "auto_attribs") : NONE;
    decorated->fields = FIELDS_ATTRS;
    decorated->slots |= wants_slots(resolver, place, call, special == SPECIAL_ATTRS);
    decorated->auto_attribs = special == SPECIAL_ATTRS         ? TRUTH_UNKNOWN
                              : special == SPECIAL_ATTRS_TYPED ? TRUTH_YES
                                                               : TRUTH_NO;
    if (told != NONE && module_expression(module, told)->kind != EXPRESSION_NONE)
        decorated->auto_attribs = decide(resolver, place, told);
    decorated->more_fields = call && (call_value(module, call, NONE, "these") != NONE ||
                                      call_value(module, call, NONE, "field_transformer") != NONE);
}

/* Also methods of classes, which are no values otherwise. */
static struct value decorator_value(struct resolver *resolver, struct place_of_use place,
                                    expression_id id)
{
    const struct module *module = resolver_module(resolver, place.module);
    const struct expression expression = *module_expression(module, id);
    if (expression.kind == EXPRESSION_ATTRIBUTE) {
        struct value holder = evaluate(resolver, place, module_child(module, &expression, 0));
        if (holder.kind == VALUE_CLASS)
            return class_attribute(resolver, holder.number, module_text(module, expression.text),
                                   0);
    }
    return evaluate(resolver, place, id);
}

static void apply_decorator(struct resolver *resolver, struct place_of_use place, expression_id id,
                            struct decorated *decorated)
{
    const struct module *module = resolver_module(resolver, place.module);
    struct expression expression = *module_expression(module, id);
    const struct expression *call = expression.kind == EXPRESSION_CALL ? &expression : NULL;
    struct value value =
        decorator_value(resolver, place, call ? module_child(module, call, 0) : id);
    enum special special = value.kind == VALUE_SPECIAL ? value.number : SPECIAL_NONE;
    if (special == SPECIAL_ADD_METACLASS && call && call->count > 1) {
        struct value metaclass = evaluate(resolver, place, module_child(module, call, 1));
        decorated->names_metaclass = true;
        decorated->metaclass = metaclass.kind == VALUE_CLASS ? metaclass.number : CLASS_UNKNOWN;
    } else if (special == SPECIAL_SIMPLE_ENUM && call && call->count > 1) {
        struct value base = evaluate(resolver, place, module_child(module, call, 1));
        if (base.kind == VALUE_CLASS)
            decorated->remade_from = base.number;
    } else if (special == SPECIAL_DATACLASS) {
        decorated->fields = FIELDS_DATACLASS;
        decorated->slots |= wants_slots(resolver, place, call, false);
    } else if (special == SPECIAL_ATTRS || special == SPECIAL_ATTRS_CLASSIC ||
               special == SPECIAL_ATTRS_TYPED) {
        apply_attrs(resolver, place, call, special, decorated);
    } else if (!decorator_keeps(resolver, &value, call)) {
        struct value why = value_unknown(resolver, "its decorator %s may replace it",
                                         module_text(module, expression.text));
        decorated->replaced = why.text;
    }
}

struct decorated decorations(struct resolver *resolver, struct place_of_use place,
                             const struct class_statement *statement)
{
    struct decorated decorated = {.metaclass = CLASS_UNKNOWN, .remade_from = CLASS_UNKNOWN};
    const struct module *module = resolver_module(resolver, place.module);
    if (statement->decorators == NONE)
        return decorated;
    const struct expression all = *module_expression(module, statement->decorators);
    for (uint32_t i = all.count; i > 0; i--)
        apply_decorator(resolver, place, module_child(module, &all, i - 1), &decorated);
    return decorated;
}
