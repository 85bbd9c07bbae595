/* What the __new__ of a metaclass makes of what it is given: another class than the statement
 * says, perhaps. */
#include "audit/resolver_internal.h"

#include <string.h>

/* The __new__ that is looked at. */
struct maker {
    struct resolver *resolver;
    class_number metaclass;
    uint32_t module, function;
    symbol_id own, bases; /* its first and third parameters; NONE */
};

static const struct module *source_of(const struct maker *maker)
{
    return resolver_module(maker->resolver, maker->module);
}

static bool is_name(const struct module *module, expression_id id, symbol_id name)
{
    const struct expression *expression = module_expression(module, id);
    return expression->kind == EXPRESSION_NAME && expression->text == name;
}

/* Why a call makes something else than the statement says; NULL: it does not, as far as is seen. */
static const char *call_departs(const struct maker *maker, const struct returned *returned,
                                expression_id id)
{
    const struct module *module = source_of(maker);
    const struct expression *call = module_expression(module, id);
    if (call->kind != EXPRESSION_CALL)
        return NULL;
    const struct expression *head = module_expression(module, module_child(module, call, 0));
    bool makes = head->kind == EXPRESSION_ATTRIBUTE &&
                 strcmp(module_text(module, head->text), "__new__") == 0;
    if (head->kind == EXPRESSION_NAME && strcmp(module_text(module, head->text), "type") == 0 &&
        call->count > 3)
        return "its metaclass's __new__ makes it with type()";
    expression_id first = makes ? call_value(module, call, 0, NULL) : NONE;
    expression_id third = makes ? call_value(module, call, 2, NULL) : NONE;
    if (third != NONE && !is_name(module, third, maker->bases))
        return "its metaclass's __new__ changes the bases";
    if (first == NONE || is_name(module, first, maker->own))
        return NULL;
    struct place_of_use place = {maker->module, maker->function, returned->block,
                                 returned->position};
    struct value value = evaluate(maker->resolver, place, first);
    return value.kind == VALUE_CLASS && value.number == maker->metaclass
               ? NULL
               : "its metaclass's __new__ makes it of another metaclass";
}

static const char *return_departs(const struct maker *maker, const struct returned *returned)
{
    if (returned->value == NONE)
        return NULL;
    const struct expression *value = module_expression(source_of(maker), returned->value);
    if (value->kind != EXPRESSION_NAME)
        return call_departs(maker, returned, returned->value);
    const char *why = NULL;
    uint32_t event = module_last_event(source_of(maker), maker->function, value->text);
    for (unsigned steps = 0; event != NONE && !why && steps < 20; steps++) {
        const struct event *found = &source_of(maker)->events.items[event];
        uint32_t next = found->previous;
        if (found->kind == EVENT_ASSIGN)
            why = call_departs(maker, returned, found->index);
        event = next;
    }
    return why;
}

/* A parameter that is bound again is another tuple. */
static bool is_bound_again(const struct module *module, uint32_t function, symbol_id name)
{
    uint32_t event = module_last_event(module, function, name);
    return event != NONE && module->events.items[event].previous != NONE;
}

const char *metaclass_departs(struct resolver *resolver, class_number metaclass)
{
    if (metaclass == CLASS_UNKNOWN || metaclass >= resolver->classes.count ||
        resolver->classes.items[metaclass].origin == CLASS_FROM_TABLE)
        return NULL;
    struct value new_method = class_attribute(resolver, metaclass, "__new__", 0);
    if (new_method.kind != VALUE_FUNCTION)
        return NULL;
    struct maker maker = {resolver, metaclass, new_method.module, new_method.number, NONE, NONE};
    const struct module *module = source_of(&maker);
    const struct scope scope = module->scopes.items[maker.function];
    const struct parameter *parameters = &module->parameters.items[scope.first_parameter];
    if (scope.parameter_count > 0 && parameters[0].kind == ' ')
        maker.own = parameters[0].name;
    if (scope.parameter_count > 2 && parameters[2].kind == ' ')
        maker.bases = parameters[2].name;
    if (maker.bases != NONE && is_bound_again(module, maker.function, maker.bases))
        return "its metaclass's __new__ changes the bases";
    const char *why = NULL;
    uint32_t index = scope.first_return;
    for (uint32_t i = 0; i < scope.return_count && !why && maker.own != NONE; i++) {
        const struct returned *returned =
            function_next_return(source_of(&maker), maker.function, &index);
        if (!returned)
            break;
        const struct returned copy = *returned;
        why = return_departs(&maker, &copy);
    }
    return why;
}
