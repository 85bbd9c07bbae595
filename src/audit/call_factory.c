/* Functions that make classes: namedtuple(), make_dataclass(), with_metaclass() and their like. */
#include "audit/call_internal.h"

#include "base/text.h"

struct value make_single_base(struct resolver *resolver, struct place_of_use place,
                              expression_id id, const char *base, bool slots)
{
    const struct module *module = resolver_module(resolver, place.module);
    const struct expression call = *module_expression(module, id);
    const char *name = call_text(resolver, place, &call, 0, "typename");
    struct base_list list = {.metaclass = CLASS_UNKNOWN};
    struct class_base entry = {.number = known_class_named(resolver, "builtins", base)};
    if (!name || !vector_push(&list.bases, entry)) {
        base_list_free(&list);
        return call_not_followed(resolver, module, &call);
    }
    struct class_of_call shape = {.name = name, .has_slots = slots};
    return make_class(resolver, place, id, &shape, &list);
}

struct value make_typed_dict(struct resolver *resolver, struct place_of_use place, expression_id id,
                             uint32_t defined_in)
{
    const struct module *module = resolver_module(resolver, place.module);
    const struct expression call = *module_expression(module, id);
    const char *name = call_text(resolver, place, &call, 0, NULL);
    struct value metaclass = module_attribute(resolver, defined_in, "_TypedDictMeta");
    struct base_list list = {.names_metaclass = true,
                             .metaclass =
                                 metaclass.kind == VALUE_CLASS ? metaclass.number : CLASS_UNKNOWN};
    struct class_base entry = {.number = known_class_named(resolver, "builtins", "dict")};
    if (!name || metaclass.kind != VALUE_CLASS || !vector_push(&list.bases, entry)) {
        base_list_free(&list);
        return call_not_followed(resolver, module, &call);
    }
    struct value value =
        make_class(resolver, place, id, &(struct class_of_call){.name = name}, &list);
    if (value.kind == VALUE_CLASS)
        resolver->classes.items[value.number].typed_dict = true;
    return value;
}

struct value make_dataclass(struct resolver *resolver, struct place_of_use place, expression_id id)
{
    const struct module *module = resolver_module(resolver, place.module);
    const struct expression call = *module_expression(module, id);
    const char *name = call_text(resolver, place, &call, 0, "cls_name");
    struct base_list list = {.metaclass = CLASS_UNKNOWN};
    expression_id bases = call_value(module, &call, NONE, "bases");
    if (!name || (bases != NONE && !call_add_bases(resolver, place, bases, &list))) {
        base_list_free(&list);
        return call_not_followed(resolver, module, &call);
    }
    expression_id told = call_value(module, &call, NONE, "slots");
    expression_id fields = call_value(module, &call, 1, "fields");
    bool slots = told != NONE && decide(resolver, place, told) != TRUTH_NO;
    bool some = bases == NONE && fields != NONE &&
                module_expression(module, fields)->kind == EXPRESSION_SEQUENCE &&
                module_expression(module, fields)->count > 0;
    struct class_of_call shape = {
        .name = name, .has_slots = slots, .slots_unknown = slots && !some, .slots = slots && some};
    return make_class(resolver, place, id, &shape, &list);
}

struct value make_stand_in(struct resolver *resolver, struct place_of_use place,
                           const struct expression *call)
{
    const struct module *module = resolver_module(resolver, place.module);
    struct stand_in stand_in = {0};
    bool plain = call->count > 1;
    for (uint32_t i = 1; plain && i < call->count; i++) {
        expression_id id = module_child(module, call, i);
        enum expression_kind kind = module_expression(module, id)->kind;
        plain = kind != EXPRESSION_STARRED && kind != EXPRESSION_DOUBLE_STARRED &&
                kind != EXPRESSION_KEYWORD;
        if (!plain)
            break;
        struct value value = evaluate(resolver, place, id);
        const char *text = expression_written(resolver, module, id);
        if (i == 1)
            stand_in.metaclass_text = text;
        if (i == 1)
            stand_in.metaclass = value;
        else
            plain = vector_push(&stand_in.bases, value) && vector_push(&stand_in.texts, text);
    }
    if (!plain || !vector_push(&resolver->stand_ins, stand_in)) {
        vector_free(&stand_in.bases);
        vector_free(&stand_in.texts);
        return call_not_followed(resolver, module, call);
    }
    struct value value = value_of_kind(VALUE_STAND_IN);
    value.number = (uint32_t)(resolver->stand_ins.count - 1);
    value.module = place.module;
    return value;
}

struct value make_declarative_base(struct resolver *resolver, struct place_of_use place,
                                   expression_id id, uint32_t defined_in)
{
    const struct module *module = resolver_module(resolver, place.module);
    const struct expression call = *module_expression(module, id);
    static const char *const deciding[] = {"cls", "metaclass", "name"};
    struct value metaclass = module_attribute(resolver, defined_in, "DeclarativeMeta");
    bool plain = metaclass.kind == VALUE_CLASS && call_positional(module, &call) == 0;
    for (size_t i = 0; i < 3; i++)
        plain &= call_value(module, &call, NONE, deciding[i]) == NONE;
    if (!plain)
        return call_not_followed(resolver, module, &call);
    struct base_list list = {.names_metaclass = true, .metaclass = metaclass.number};
    struct class_of_call shape = {.name = "Base",
                                  .module = resolver->modules->entries.items[defined_in]->name};
    return make_class(resolver, place, id, &shape, &list);
}

struct value make_manager(struct resolver *resolver, struct place_of_use place, expression_id id)
{
    const struct module *module = resolver_module(resolver, place.module);
    const struct expression call = *module_expression(module, id);
    const struct expression head = *module_expression(module, module_child(module, &call, 0));
    if (head.kind != EXPRESSION_ATTRIBUTE || call_positional(module, &call) != 1)
        return call_not_followed(resolver, module, &call);
    struct value manager = evaluate(resolver, place, module_child(module, &head, 0));
    struct value queries = evaluate(resolver, place, module_child(module, &call, 1));
    struct base_list list = {.metaclass = CLASS_UNKNOWN};
    struct class_base base = {.number = manager.number};
    if (manager.kind != VALUE_CLASS || queries.kind != VALUE_CLASS ||
        !vector_push(&list.bases, base))
        return call_not_followed(resolver, module, &call);
    char *name = text_format("%sFrom%s", class_short_name(resolver->hierarchy, manager.number),
                             class_short_name(resolver->hierarchy, queries.number));
    struct class_of_call shape = {.name = resolver_keep(resolver, name),
                                  .module = "django.db.models.manager"};
    return make_class(resolver, place, id, &shape, &list);
}
