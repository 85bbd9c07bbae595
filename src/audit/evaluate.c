/* Expressions to values. */
#include "audit/resolver_internal.h"

#include <stdlib.h>
#include <string.h>

/* What `A.b = c` somewhere in the module leaves of A.b. */
static struct value set_from_outside(struct resolver *resolver, const struct module *module,
                                     symbol_id name)
{
    return value_unknown(resolver, "%s is an attribute that is assigned from outside",
                         module_text(module, name));
}

/* A name in the body of a class, or of its bases in turn. */
struct value class_attribute(struct resolver *resolver, class_number number, const char *name,
                             unsigned depth)
{
    struct value unbound = value_unknown(resolver, "its class has no attribute %s", name);
    unbound.kind = VALUE_UNBOUND;
    if (number >= resolver->classes.count || depth > 40)
        return unbound;
    struct known_class class = resolver->classes.items[number];
    if (class.origin == CLASS_FROM_TABLE)
        return unbound;
    if (class.origin == CLASS_FROM_STATEMENT) {
        const struct module *module = resolver_module(resolver, class.module);
        symbol_id symbol = module_symbol(module, name);
        uint32_t scope = module->classes.items[class.index].scope;
        if (symbol != NONE && module_last_event(module, scope, symbol) != NONE)
            return module_sets_attribute(module, symbol)
                       ? set_from_outside(resolver, module, symbol)
                       : lookup_in_scope(resolver, class.module, scope, symbol);
    }
    if (!class.bases_known)
        return value_unknown(resolver, "a base that is not known may define %s", name);
    for (size_t i = 0; i < class.bases.count; i++) {
        class_number base = resolver->classes.items[number].bases.items[i];
        struct value value = class_attribute(resolver, base, name, depth + 1);
        if (value.kind != VALUE_UNBOUND)
            return value;
    }
    return unbound;
}

struct value value_attribute(struct resolver *resolver, const struct value *value, const char *name)
{
    switch (value->kind) {
    case VALUE_MODULE:
        return module_attribute(resolver, value->number, name);
    case VALUE_CLASS:
        if (strcmp(name, "__class__") == 0) {
            class_number metaclass = metaclass_of(resolver, value->number);
            if (metaclass != CLASS_UNKNOWN)
                return value_class(metaclass);
        }
        struct value found = class_attribute(resolver, value->number, name, 0);
        if (found.kind == VALUE_FUNCTION)
            return value_unknown(resolver, "%s is a method", name);
        return found.kind == VALUE_UNBOUND
                   ? value_unknown(resolver, "%s is an attribute that is not followed", name)
                   : found;
    case VALUE_VERSION:
        if (strcmp(name, "major") == 0 || strcmp(name, "minor") == 0) {
            struct value part = value_of_kind(VALUE_INTEGER);
            part.number = name[1] == 'a' ? 3 : resolver->minor;
            return part;
        }
        return value_unknown(resolver, "a part of the version");
    case VALUE_OBJECT:
        if (value->text && strcmp(value->text, SYS_IMPLEMENTATION) == 0 &&
            strcmp(name, "name") == 0) {
            struct value text = value_of_kind(VALUE_STRING);
            text.text = "cpython";
            return text;
        }
        return value_unknown(resolver, "%s is an attribute of an object made at run time", name);
    case VALUE_UNKNOWN:
    case VALUE_UNBOUND:
        return value_unknown(resolver, "%s", value->text);
    default:
        return value_unknown(resolver, "%s is an attribute of an object made at run time", name);
    }
}

/* Generic[T], list[int]: what stands for the class as a base. */
static struct value subscripted_class(struct resolver *resolver, const struct value *value)
{
    class_number metaclass = metaclass_of(resolver, value->number);
    if (metaclass == CLASS_UNKNOWN)
        return value_unknown(resolver, "its metaclass is not known, which may define []");
    if (metaclass != CLASS_TYPE) {
        struct value own = class_attribute(resolver, metaclass, "__getitem__", 0);
        if (own.kind != VALUE_UNBOUND)
            return value_unknown(resolver, "its metaclass decides what [] gives");
    }
    struct value hook = class_attribute(resolver, value->number, "__class_getitem__", 0);
    struct value alias = *value;
    alias.kind = VALUE_ALIAS;
    alias.named = false;
    if (hook.kind == VALUE_FUNCTION) {
        const char *module = resolver->modules->entries.items[hook.module]->name;
        if (strcmp(module, "typing") == 0 || strcmp(module, "typing_extensions") == 0)
            return alias;
        if (only_asks_super(resolver, &hook))
            return alias;
        if (decorator_keeps(resolver, &hook, false))
            return *value;
        return value_unknown(resolver, "its __class_getitem__ decides what [] gives");
    }
    return alias;
}

static struct value subscript(struct resolver *resolver, struct place_of_use place,
                              const struct expression *expression)
{
    const struct module *module = resolver_module(resolver, place.module);
    if (strcmp(module_text(module, expression->text), SELF_NAME) == 0)
        return value_module(place.module);
    struct value value = evaluate(resolver, place, module_child(module, expression, 0));
    const struct expression *index = NULL;
    if (expression->count > 1)
        index = module_expression(module, module_child(module, expression, 1));
    if (value.kind == VALUE_CLASS)
        return subscripted_class(resolver, &value);
    if (value.kind == VALUE_ALIAS || value.kind == VALUE_UNKNOWN || value.kind == VALUE_UNBOUND)
        return value;
    if (value.kind == VALUE_SPECIAL && value.number != SPECIAL_NAMED_TUPLE)
        return value;
    if (value.kind == VALUE_VERSION && index) {
        if (index->kind == EXPRESSION_INTEGER && index->number < 2) {
            value = value_of_kind(VALUE_INTEGER);
            value.number = index->number ? resolver->minor : 3;
            return value;
        }
        const char *text = module_text(module, index->text);
        if (index->kind == EXPRESSION_OTHER &&
            (strcmp(text, ":2") == 0 || strcmp(text, ":1") == 0)) {
            value.number = (uint32_t)(text[1] - '0');
            return value;
        }
        return index->kind == EXPRESSION_OTHER ? value
                                               : value_unknown(resolver, "a part of the version");
    }
    if (value.kind == VALUE_STRING && index && index->kind == EXPRESSION_OTHER) {
        const char *text = module_text(module, index->text);
        char *end;
        unsigned long length = *text == ':' ? strtoul(text + 1, &end, 10) : 0;
        if (length && !*end) { /* sys.platform[:4] */
            value.text = resolver_keep(resolver, strndup(value.text, length));
            return value;
        }
    }
    return value_unknown(resolver, "%s is looked up when the program runs",
                         module_text(module, expression->text));
}

static struct value either(struct resolver *resolver, struct place_of_use place,
                           const struct expression *expression)
{
    const struct module *module = resolver_module(resolver, place.module);
    struct value left = evaluate(resolver, place, module_child(module, expression, 0));
    enum truth truth = truth_of(&left);
    bool and = expression->kind == EXPRESSION_AND;
    if (truth == (and? TRUTH_NO : TRUTH_YES))
        return left;
    struct value right = evaluate(resolver, place, module_child(module, expression, 1));
    if (truth != TRUTH_UNKNOWN)
        return right;
    /* Not known and False is False, not known or True is True, as far as truth goes. */
    enum truth other = truth_of(&right);
    if (other == (and? TRUTH_NO : TRUTH_YES) && right.kind != VALUE_CLASS)
        return value_of_kind(and? VALUE_FALSE : VALUE_TRUE);
    return value_unknown(resolver, "an and or an or that is decided when the program runs");
}

static struct value conditional(struct resolver *resolver, struct place_of_use place,
                                const struct expression *expression)
{
    const struct module *module = resolver_module(resolver, place.module);
    enum truth truth = decide(resolver, place, module_child(module, expression, 1));
    if (truth == TRUTH_UNKNOWN) {
        struct value a = evaluate(resolver, place, module_child(module, expression, 0));
        struct value b = evaluate(resolver, place, module_child(module, expression, 2));
        if (a.kind == VALUE_CLASS && value_same(&a, &b))
            return a;
        return value_unknown(resolver, "a condition that is decided when the program runs");
    }
    return evaluate(resolver, place, module_child(module, expression, truth == TRUTH_YES ? 0 : 2));
}

static struct value negated(struct resolver *resolver, struct place_of_use place,
                            const struct expression *expression)
{
    const struct module *module = resolver_module(resolver, place.module);
    enum truth truth = decide(resolver, place, module_child(module, expression, 0));
    if (truth == TRUTH_UNKNOWN)
        return value_unknown(resolver, "a condition that is decided when the program runs");
    return value_of_kind(truth == TRUTH_YES ? VALUE_FALSE : VALUE_TRUE);
}

static struct value evaluate_kind(struct resolver *resolver, struct place_of_use place,
                                  expression_id id)
{
    const struct module *module = resolver_module(resolver, place.module);
    const struct expression expression = *module_expression(module, id);
    struct value value = {.place = place, .module = place.module, .number = id};
    switch (expression.kind) {
    case EXPRESSION_NAME:
        return lookup_name(resolver, place, expression.text);
    case EXPRESSION_ATTRIBUTE:
        value = evaluate(resolver, place, module_child(module, &expression, 0));
        if (module_sets_attribute(module, expression.text) &&
            (value.kind == VALUE_CLASS || value.kind == VALUE_MODULE))
            return set_from_outside(resolver, module, expression.text);
        return value_attribute(resolver, &value, module_text(module, expression.text));
    case EXPRESSION_SUBSCRIPT:
        return subscript(resolver, place, &expression);
    case EXPRESSION_CALL:
        return evaluate_call(resolver, place, id);
    case EXPRESSION_SEQUENCE:
        value.kind = VALUE_SEQUENCE;
        return value;
    case EXPRESSION_STRING:
        value.kind = VALUE_STRING;
        value.text = module_text(module, expression.text);
        return value;
    case EXPRESSION_INTEGER:
        value.kind = VALUE_INTEGER;
        value.number = (uint32_t)expression.number;
        return value;
    case EXPRESSION_TRUE:
        return value_of_kind(VALUE_TRUE);
    case EXPRESSION_FALSE:
        return value_of_kind(VALUE_FALSE);
    case EXPRESSION_NONE:
        return value_of_kind(VALUE_NONE);
    case EXPRESSION_AND:
    case EXPRESSION_OR:
        return either(resolver, place, &expression);
    case EXPRESSION_NOT:
        return negated(resolver, place, &expression);
    case EXPRESSION_CONDITIONAL:
        return conditional(resolver, place, &expression);
    case EXPRESSION_COMPARISON:
        return compare(resolver, place, &expression);
    default:
        return value_unknown(resolver, "%s is worked out when the program runs",
                             module_text(module, expression.text));
    }
}

struct value evaluate(struct resolver *resolver, struct place_of_use place, expression_id id)
{
    if (id == NONE || resolver->depth >= RESOLVER_DEEPEST)
        return value_unknown(resolver, "it leads too far");
    resolver->depth++;
    struct value value = evaluate_kind(resolver, place, id);
    resolver->depth--;
    return value;
}
