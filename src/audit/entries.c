/* What stands between the parentheses of a class statement. */
#include "audit/resolver_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

typedef VECTOR(struct value) value_list;
typedef VECTOR(const char *) text_list;

void base_list_free(struct base_list *list)
{
    vector_free(&list->bases);
}

static void add_base(struct resolver *resolver, struct base_list *list, class_number number,
                     const char *text, enum base_form form)
{
    struct class_base base = {number, text, form};
    if (!vector_push(&list->bases, base))
        resolver->no_memory = true;
}

/* Whether a base counts as generic for the aliases of typing that stand before it. */
static bool is_generic(const struct resolver *resolver, const struct value *value,
                       class_number generic, bool alias_only)
{
    if (value->kind == VALUE_ALIAS)
        return value->named || derives(resolver, value->number, generic);
    return !alias_only && value->kind == VALUE_CLASS && derives(resolver, value->number, generic);
}

static bool generic_follows(const struct resolver *resolver, const struct value *values,
                            size_t from, size_t count, class_number generic, bool alias_only)
{
    for (size_t i = from; i < count; i++) {
        if (is_generic(resolver, &values[i], generic, alias_only))
            return true;
    }
    return false;
}

static bool has_class(const struct value *values, size_t count, class_number number)
{
    for (size_t i = 0; i < count; i++) {
        if (values[i].kind == VALUE_CLASS && values[i].number == number)
            return true;
    }
    return false;
}

/* __mro_entries__ of what Generic[T], List[int], Repo[int] and list[int] give
 * (Lib/typing.py: _BaseGenericAlias, _GenericAlias; Objects/genericaliasobject.c). */
static void add_alias(struct resolver *resolver, struct base_list *list, const struct value *values,
                      const char *const *texts, size_t at, size_t count)
{
    class_number generic = known_class_named(resolver, "typing", "Generic");
    class_number protocol = known_class_named(resolver, "typing", "Protocol");
    class_number origin = values[at].number;
    if (values[at].named) {
        if (!has_class(values, count, origin))
            add_base(resolver, list, origin, texts[at], BASE_NAMED);
        if (!generic_follows(resolver, values, at + 1, count, generic, false))
            add_base(resolver, list, generic, "Generic", BASE_IMPLICIT);
        return;
    }
    if (origin == generic && (has_class(values, count, protocol) ||
                              generic_follows(resolver, values, at + 1, count, generic, true)))
        return;
    add_base(resolver, list, origin, texts[at], BASE_ALIAS);
}

static void add_unknown(struct resolver *resolver, struct base_list *list,
                        const struct value *value, const char *text)
{
    if (!list->not_checked) {
        const char *why = value->text;
        if (value->kind != VALUE_UNKNOWN && value->kind != VALUE_UNBOUND)
            why = "it is no class";
        struct value reason =
            value_unknown(resolver, "its base %s: %s", text ? text : "?", why ? why : "unknown");
        list->not_checked = reason.text;
    }
    add_base(resolver, list, CLASS_UNKNOWN, text, BASE_PLAIN);
}

/* six.with_metaclass(M, A): the class statement's own bases count for nothing. */
static void take_stand_in(struct resolver *resolver, struct base_list *list, uint32_t number)
{
    const struct stand_in *stand_in = &resolver->stand_ins.items[number];
    struct value metaclass = stand_in->metaclass;
    size_t count = stand_in->bases.count;
    value_list values = {0};
    text_list texts = {0};
    for (size_t i = 0; i < count; i++) {
        if (!vector_push(&values, stand_in->bases.items[i]) ||
            !vector_push(&texts, stand_in->texts.items[i]))
            resolver->no_memory = true;
    }
    list->bases.count = 0;
    list->not_checked = NULL;
    list->names_metaclass = true;
    list->metaclass = metaclass.kind == VALUE_CLASS ? metaclass.number : CLASS_UNKNOWN;
    list->metaclass_text = stand_in->metaclass_text;
    if (metaclass.kind != VALUE_CLASS)
        list->not_checked = "its metaclass is not known";
    base_list_from_values(resolver, values.items, texts.items, texts.count, false, list);
    vector_free(&values);
    vector_free(&texts);
}

static void add_special(struct resolver *resolver, struct base_list *list,
                        const struct value *value, const char *text)
{
    if (value->number == SPECIAL_NAMED_TUPLE) {
        list->named_tuple = true;
    } else if (value->number == SPECIAL_TYPED_DICT) {
        list->typed_dict = true;
        list->typed_dict_module = value->module;
    } else {
        add_unknown(resolver, list, value, text);
    }
}

void base_list_from_values(struct resolver *resolver, const struct value *values,
                           const char *const *texts, size_t count, bool type_parameters,
                           struct base_list *list)
{
    for (size_t i = 0; i < count; i++) {
        const struct value *value = &values[i];
        switch (value->kind) {
        case VALUE_CLASS:
            add_base(resolver, list, value->number, texts[i], BASE_PLAIN);
            break;
        case VALUE_ALIAS:
            add_alias(resolver, list, values, texts, i, count);
            break;
        case VALUE_SPECIAL:
            add_special(resolver, list, value, texts[i]);
            break;
        case VALUE_STAND_IN:
            take_stand_in(resolver, list, value->number);
            return;
        default:
            add_unknown(resolver, list, value, texts[i]);
            break;
        }
    }
    /* Asked for only where it matters: Protocol itself derives from Generic. */
    if (type_parameters &&
        !has_class(values, count, known_class_named(resolver, "typing", "Protocol")))
        add_base(resolver, list, known_class_named(resolver, "typing", "Generic"), "Generic",
                 BASE_IMPLICIT);
}

static void add_value(struct resolver *resolver, value_list *values, text_list *texts,
                      struct value value, const char *text)
{
    if (!vector_push(values, value) || !vector_push(texts, text))
        resolver->no_memory = true;
}

/* *names: those of a tuple or list that is written out. */
static void add_starred(struct resolver *resolver, struct place_of_use place, expression_id id,
                        const char *text, value_list *values, text_list *texts)
{
    struct value value = evaluate(resolver, place, id);
    if (value.kind != VALUE_SEQUENCE) {
        value = value_unknown(resolver, "its elements are known when the program runs");
        add_value(resolver, values, texts, value, text);
        return;
    }
    const struct module *module = resolver_module(resolver, value.module);
    const struct expression list = *module_expression(module, value.number);
    for (uint32_t i = 0; i < list.count; i++)
        add_value(resolver, values, texts,
                  evaluate(resolver, value.place, module_child(module, &list, i)), text);
}

static void take_keyword(struct resolver *resolver, struct place_of_use place,
                         const struct expression *argument, struct base_list *list)
{
    const struct module *module = resolver_module(resolver, place.module);
    const char *written = module_text(module, argument->written);
    if (strcmp(module_text(module, argument->text), "metaclass") != 0) {
        list->keywords =
            list->keywords ? resolver_keep(resolver, text_format("%s, %s", list->keywords, written))
                           : written;
        return;
    }
    list->metaclass_text = written + strcspn(written, "=") + 1;
    list->metaclass_text += strspn(list->metaclass_text, " ");
    struct value value = evaluate(resolver, place, module_child(module, argument, 0));
    list->names_metaclass = true;
    list->metaclass = value.kind == VALUE_CLASS ? value.number : CLASS_UNKNOWN;
    if (value.kind == VALUE_CLASS)
        return;
    struct value reason = value_unknown(
        resolver, "its metaclass: %s",
        value.kind == VALUE_UNKNOWN || value.kind == VALUE_UNBOUND ? value.text : "it is no class");
    list->not_checked = reason.text;
}

void base_list_fill(struct resolver *resolver, struct place_of_use place, expression_id arguments,
                    bool type_parameters, struct base_list *list)
{
    const struct module *module = resolver_module(resolver, place.module);
    const struct expression all = *module_expression(module, arguments);
    value_list values = {0};
    text_list texts = {0};
    for (uint32_t i = 0; i < all.count; i++) {
        expression_id id = module_child(module, &all, i);
        const struct expression argument = *module_expression(module, id);
        const char *text = argument.written == NONE ? NULL : module_text(module, argument.written);
        if (argument.kind == EXPRESSION_KEYWORD)
            take_keyword(resolver, place, &argument, list);
        else if (argument.kind == EXPRESSION_DOUBLE_STARRED)
            list->not_checked = "its keywords (**) may name a metaclass";
        else if (argument.kind == EXPRESSION_STARRED)
            add_starred(resolver, place, module_child(module, &argument, 0), text, &values, &texts);
        else
            add_value(resolver, &values, &texts, evaluate(resolver, place, id), text);
    }
    base_list_from_values(resolver, values.items, texts.items, texts.count, type_parameters, list);
    vector_free(&values);
    vector_free(&texts);
}
