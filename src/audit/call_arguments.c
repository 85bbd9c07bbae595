/* The arguments of a call. */
#include "audit/call_internal.h"

#include <string.h>

#include "base/text.h"

expression_id call_value(const struct module *module, const struct expression *call,
                         uint32_t position, const char *keyword)
{
    uint32_t at = 0;
    for (uint32_t i = 1; i < call->count; i++) {
        expression_id id = module_child(module, call, i);
        const struct expression *argument = module_expression(module, id);
        if (argument->kind == EXPRESSION_KEYWORD) {
            if (keyword && strcmp(module_text(module, argument->text), keyword) == 0)
                return module_child(module, argument, 0);
        } else if (argument->kind == EXPRESSION_STARRED ||
                   argument->kind == EXPRESSION_DOUBLE_STARRED) {
            return NONE;
        } else if (at++ == position) {
            return id;
        }
    }
    return NONE;
}

uint32_t call_positional(const struct module *module, const struct expression *call)
{
    uint32_t count = 0;
    for (uint32_t i = 1; i < call->count; i++) {
        enum expression_kind kind = module_expression(module, module_child(module, call, i))->kind;
        count += kind != EXPRESSION_KEYWORD && kind != EXPRESSION_DOUBLE_STARRED;
    }
    return count;
}

const char *call_text(struct resolver *resolver, struct place_of_use place,
                      const struct expression *call, uint32_t position, const char *keyword)
{
    const struct module *module = resolver_module(resolver, place.module);
    expression_id id = call_value(module, call, position, keyword);
    struct value value = id == NONE ? value_of_kind(VALUE_UNKNOWN) : evaluate(resolver, place, id);
    return value.kind == VALUE_STRING ? value.text : NULL;
}

struct value call_not_followed(struct resolver *resolver, const struct module *module,
                               const struct expression *call)
{
    return value_unknown(resolver, "%s is worked out when the program runs",
                         module_text(module, call->text));
}

const char *expression_written(struct resolver *resolver, const struct module *module,
                               expression_id id)
{
    const struct expression *expression = module_expression(module, id);
    if (expression->written != NONE)
        return module_text(module, expression->written);
    const char *name = module_text(module, expression->text);
    if (expression->kind != EXPRESSION_ATTRIBUTE || resolver->depth >= RESOLVER_DEEPEST)
        return name;
    resolver->depth++;
    const char *object = expression_written(resolver, module, module_child(module, expression, 0));
    resolver->depth--;
    return resolver_keep(resolver, text_format("%s.%s", object, name));
}
