/* What functions return, as far as their source shows it. */
#include "audit/resolver_internal.h"

#include <string.h>

static const struct scope *scope_of(const struct resolver *resolver, const struct value *function)
{
    return &resolver_module(resolver, function->module)->scopes.items[function->number];
}

static struct place_of_use place_of(const struct resolver *resolver, const struct value *function,
                                    const struct returned *returned)
{
    (void)resolver;
    return (struct place_of_use){function->module, function->number, returned->block,
                                 returned->position};
}

const struct returned *function_next_return(const struct module *module, uint32_t scope,
                                            uint32_t *index)
{
    while (*index < module->returns.count) {
        const struct returned *returned = &module->returns.items[(*index)++];
        if (returned->scope == scope)
            return returned;
    }
    return NULL;
}

/* The class or object that a call without regard to its arguments returns. */
struct value function_result(struct resolver *resolver, const struct value *function,
                             struct place_of_use place, const struct expression *call)
{
    (void)place;
    const struct module *module = resolver_module(resolver, function->module);
    const struct scope scope = *scope_of(resolver, function);
    const char *name = module_text(module, scope.name);
    (void)call;
    if (scope.generator || scope.return_count != 1 || scope.decorators != NONE)
        return value_unknown(resolver, "what %s() returns is known when it runs", name);
    uint32_t index = scope.first_return;
    const struct returned *returned = function_next_return(module, function->number, &index);
    if (!returned || returned->value == NONE || resolver->depth >= RESOLVER_DEEPEST)
        return value_unknown(resolver, "what %s() returns is known when it runs", name);
    struct value value =
        evaluate(resolver, place_of(resolver, function, returned), returned->value);
    value.from_call = true;
    if (value.kind == VALUE_CLASS || value.kind == VALUE_STRING || value.kind == VALUE_TRUE ||
        value.kind == VALUE_FALSE)
        return value;
    return value_unknown(resolver, "what %s() returns is known when it runs", name);
}

/* ---- decorators ------------------------------------------------------------------------------ */

/* The class that it was given, a function that gives it back, the one or the other. */
enum given { GIVES_OTHER = 0, GIVES_CLASS = 1, GIVES_KEEPER = 2, GIVES_EITHER = 3 };

#define DEEPEST_DECORATOR 5

static enum given what_returns(struct resolver *resolver, const struct value *function,
                               unsigned depth);

/* Whether a function is looked up in a class, which then is its first argument. */
static bool is_bound(const struct module *module, const struct scope *function)
{
    if (function->parent == NONE || module->scopes.items[function->parent].kind != SCOPE_CLASS ||
        strcmp(module_text(module, function->name), "__class_getitem__") == 0)
        return false;
    if (function->decorators == NONE)
        return true;
    const struct expression *all = module_expression(module, function->decorators);
    for (uint32_t i = 0; i < all->count; i++) {
        const struct expression *one = module_expression(module, module_child(module, all, i));
        if (one->kind == EXPRESSION_NAME &&
            strcmp(module_text(module, one->text), "staticmethod") == 0)
            return false;
    }
    return true;
}

/* Whether `name` is the first parameter (`kind` ' '), or what takes all (*), never bound again. */
static bool is_parameter(const struct module *module, uint32_t scope, symbol_id name, char kind)
{
    const struct scope *self = &module->scopes.items[scope];
    uint32_t index = is_bound(module, self);
    if (self->parameter_count <= index)
        return false;
    const struct parameter *first = &module->parameters.items[self->first_parameter + index];
    if (first->kind != kind || first->name != name)
        return false;
    uint32_t event = module_last_event(module, scope, name);
    return event != NONE && module->events.items[event].previous == NONE;
}

/* The function of that name within a function; false: it is none. */
static bool inner_function(const struct resolver *resolver, const struct value *function,
                           symbol_id name, struct value *inner)
{
    const struct module *module = resolver_module(resolver, function->module);
    uint32_t event = module_last_event(module, function->number, name);
    if (event == NONE || module->events.items[event].kind != EVENT_FUNCTION)
        return false;
    *inner = *function;
    inner->number = module->events.items[event].index;
    return true;
}

/* partial(decorator, …) in the decorator itself. */
static bool is_partial_of(const struct module *module, const struct scope *function,
                          const struct expression *head, const struct expression *first)
{
    bool named = head->kind == EXPRESSION_NAME || head->kind == EXPRESSION_ATTRIBUTE;
    return named && strcmp(module_text(module, head->text), "partial") == 0 &&
           first->kind == EXPRESSION_NAME && first->text == function->name;
}

/* return decorator(cls) */
static enum given what_call_gives(struct resolver *resolver, const struct value *function,
                                  const struct returned *returned, const struct expression *value,
                                  unsigned depth)
{
    const struct module *module = resolver_module(resolver, function->module);
    if (value->count < 2)
        return GIVES_OTHER;
    struct value inner;
    const struct expression *head = module_expression(module, module_child(module, value, 0));
    const struct expression *first = module_expression(module, module_child(module, value, 1));
    if (is_partial_of(module, scope_of(resolver, function), head, first))
        return GIVES_KEEPER;
    char kind = ' ';
    if (first->kind == EXPRESSION_STARRED) { /* return decorator(*args) */
        kind = '*';
        first = module_expression(module, module_child(module, first, 0));
    }
    if (first->kind != EXPRESSION_NAME ||
        !is_parameter(module, function->number, first->text, kind))
        return GIVES_OTHER;
    if (head->kind != EXPRESSION_NAME)
        return GIVES_OTHER;
    if (!inner_function(resolver, function, head->text, &inner)) {
        inner = lookup_name(resolver, place_of(resolver, function, returned), head->text);
        if (inner.kind != VALUE_FUNCTION)
            return GIVES_OTHER;
    }
    return what_returns(resolver, &inner, depth + 1) & GIVES_CLASS;
}

static enum given what_one_returns(struct resolver *resolver, const struct value *function,
                                   const struct returned *returned, expression_id id,
                                   unsigned depth)
{
    const struct module *module = resolver_module(resolver, function->module);
    if (id == NONE || depth > DEEPEST_DECORATOR)
        return GIVES_OTHER;
    const struct expression *value = module_expression(module, id);
    struct value inner;
    enum given one, other;
    switch (value->kind) {
    case EXPRESSION_NAME:
        if (is_parameter(module, function->number, value->text, ' '))
            return GIVES_CLASS;
        return inner_function(resolver, function, value->text, &inner) &&
                       what_returns(resolver, &inner, depth + 1) & GIVES_CLASS
                   ? GIVES_KEEPER
                   : GIVES_OTHER;
    case EXPRESSION_CONDITIONAL: /* wrap if cls is None else wrap(cls) */
        one = what_one_returns(resolver, function, returned, module_child(module, value, 0),
                               depth + 1);
        other = what_one_returns(resolver, function, returned, module_child(module, value, 2),
                                 depth + 1);
        return one && other ? one | other : GIVES_OTHER;
    case EXPRESSION_CALL:
        return what_call_gives(resolver, function, returned, value, depth);
    default:
        return GIVES_OTHER;
    }
}

/* All that the returns of a function give; GIVES_OTHER when one of them gives something else. */
static enum given what_returns(struct resolver *resolver, const struct value *function,
                               unsigned depth)
{
    const struct module *module = resolver_module(resolver, function->module);
    const struct scope scope = *scope_of(resolver, function);
    if (depth > DEEPEST_DECORATOR || scope.generator)
        return GIVES_OTHER;
    enum given all = GIVES_OTHER;
    uint32_t index = scope.first_return;
    for (uint32_t i = 0; i < scope.return_count; i++) {
        const struct returned *returned = function_next_return(module, function->number, &index);
        if (!returned)
            break;
        enum given one = what_one_returns(resolver, function, returned, returned->value, depth);
        if (one == GIVES_OTHER)
            return GIVES_OTHER;
        all |= one;
    }
    return all;
}

/* return super().__class_getitem__(…), and nothing else. */
bool only_asks_super(const struct resolver *resolver, const struct value *function)
{
    const struct module *module = resolver_module(resolver, function->module);
    const struct scope *scope = scope_of(resolver, function);
    uint32_t index = scope->first_return;
    for (uint32_t i = 0; i < scope->return_count; i++) {
        const struct returned *returned = function_next_return(module, function->number, &index);
        if (!returned || returned->value == NONE)
            return false;
        const struct expression *call = module_expression(module, returned->value);
        if (call->kind != EXPRESSION_CALL)
            return false;
        const struct expression *head = module_expression(module, module_child(module, call, 0));
        if (head->kind != EXPRESSION_ATTRIBUTE || head->text != scope->name)
            return false;
    }
    return scope->return_count > 0;
}

bool decorator_keeps(struct resolver *resolver, const struct value *function, bool called)
{
    if (function->kind == VALUE_SPECIAL)
        return called ? function->number == SPECIAL_IDENTITY_MAKER
                      : function->number == SPECIAL_IDENTITY;
    if (function->kind != VALUE_FUNCTION)
        return false;
    return what_returns(resolver, function, 0) & (called ? GIVES_KEEPER : GIVES_CLASS);
}

/* ---- with_metaclass -------------------------------------------------------------------------- */

/*
 * def with_metaclass(meta, *bases):
 *     class name(type or meta):
 *         def __new__(cls, name, this_bases, d):
 *             return meta(name, bases, d)
 *     return type.__new__(name, …) or name(…)
 */
static bool calls_with(const struct module *module, const struct returned *returned,
                       symbol_id metaclass, symbol_id bases)
{
    if (returned->value == NONE)
        return false;
    const struct expression *call = module_expression(module, returned->value);
    if (call->kind != EXPRESSION_CALL || call->count != 4)
        return false;
    const struct expression *head = module_expression(module, module_child(module, call, 0));
    const struct expression *second = module_expression(module, module_child(module, call, 2));
    return head->kind == EXPRESSION_NAME && head->text == metaclass &&
           second->kind == EXPRESSION_NAME && second->text == bases;
}

bool is_with_metaclass(struct resolver *resolver, const struct value *function)
{
    const struct module *module = resolver_module(resolver, function->module);
    const struct scope *scope = scope_of(resolver, function);
    if (scope->parameter_count != 2 || scope->return_count != 1)
        return false;
    const struct parameter *parameters = &module->parameters.items[scope->first_parameter];
    if (parameters[0].kind != ' ' || parameters[1].kind != '*')
        return false;
    symbol_id new_method = module_symbol(module, "__new__");
    for (size_t i = function->number + 1; i < module->scopes.count && new_method != NONE; i++) {
        const struct scope *inner = &module->scopes.items[i];
        if (inner->name != new_method || inner->kind != SCOPE_FUNCTION || inner->parent == NONE)
            continue;
        if (module->scopes.items[inner->parent].parent != function->number)
            continue;
        uint32_t index = inner->first_return;
        for (uint32_t k = 0; k < inner->return_count; k++) {
            const struct returned *returned = function_next_return(module, (uint32_t)i, &index);
            if (returned && calls_with(module, returned, parameters[0].name, parameters[1].name))
                return true;
        }
    }
    return false;
}
