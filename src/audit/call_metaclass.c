/* Calls of a metaclass, and the classes that calls make. */
#include "audit/call_internal.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"

struct value make_class(struct resolver *resolver, struct place_of_use place, expression_id call,
                        const struct class_of_call *shape, struct base_list *list)
{
    uint64_t key = ((uint64_t)(place.module + 1) << 35) | ((uint64_t)call << 3) | 1;
    const struct module_entry *entry = resolver->modules->entries.items[place.module];
    _cleanup_free_ char *name =
        text_format("%s.%s", shape->module ? shape->module : entry->name, shape->name);
    class_number number = declare_class(resolver, name, CLASS_FROM_CALL, place.module, call);
    if (number == CLASS_UNKNOWN || !address_map_put(&resolver->made_by_call, key, number)) {
        base_list_free(list);
        return value_unknown(resolver, "there are too many classes");
    }
    struct known_class *class = &resolver->classes.items[number];
    class->defined = true;
    class->names_metaclass = list->names_metaclass;
    class->named_metaclass = list->metaclass;
    class->bases_known = true;
    for (size_t i = 0; i < list->bases.count; i++) {
        class_number base = list->bases.items[i].number;
        if (base == CLASS_UNKNOWN)
            class->bases_known = false;
        else if (!vector_push(&class->bases, base))
            resolver->no_memory = true;
    }
    class->bases_known &= !list->not_checked;
    struct class_facts facts = {
        .file = entry->path,
        .line = module_expression(&entry->module, call)->line,
        .bases = list->bases.items,
        .base_count = list->bases.count,
        .names_metaclass = list->names_metaclass,
        .named_metaclass = list->metaclass,
        .metaclass = CLASS_UNKNOWN,
        .layout = {.kind = LAYOUT_STATEMENT,
                   .has_slots = shape->has_slots,
                   .slots_unknown = shape->slots_unknown,
                   .slots = shape->slots,
                   .base = CLASS_UNKNOWN},
        .not_checked = list->not_checked,
    };
    if (!hierarchy_define(resolver->hierarchy, number, &facts))
        resolver->no_memory = true;
    base_list_free(list);
    return value_class(number);
}

bool call_add_bases(struct resolver *resolver, struct place_of_use place, expression_id id,
                    struct base_list *list)
{
    struct value value = id == NONE ? value_of_kind(VALUE_UNKNOWN) : evaluate(resolver, place, id);
    if (value.kind != VALUE_SEQUENCE)
        return false;
    const struct module *module = resolver_module(resolver, value.module);
    const struct expression bases = *module_expression(module, value.number);
    VECTOR(struct value) values = {0};
    VECTOR(const char *) texts = {0};
    bool plain = true;
    for (uint32_t i = 0; i < bases.count && plain; i++) {
        expression_id item = module_child(module, &bases, i);
        enum expression_kind kind = module_expression(module, item)->kind;
        struct value one = evaluate(resolver, value.place, item);
        plain = kind != EXPRESSION_STARRED && vector_push(&values, one) &&
                vector_push(&texts, expression_written(resolver, module, item));
    }
    if (plain)
        base_list_from_values(resolver, values.items, texts.items, values.count, false, list);
    vector_free(&values);
    vector_free(&texts);
    return plain;
}

/* type.__new__ takes __module__ from the code that calls it: a __new__ of the metaclass's own,
 * which may be that of a base (Objects/typeobject.c: type_new). */
static const char *made_in(struct resolver *resolver, class_number metaclass,
                           const struct base_list *list, bool new_class)
{
    for (size_t i = 0; i < list->bases.count; i++) {
        class_number one = metaclass_of(resolver, list->bases.items[i].number);
        if (one != CLASS_UNKNOWN && derives(resolver, one, metaclass))
            metaclass = one;
    }
    struct value new_method = class_attribute(resolver, metaclass, "__new__", 0);
    if (new_method.kind == VALUE_FUNCTION)
        return modules_name_inside(resolver->modules->entries.items[new_method.module]->name);
    return new_class ? "types" : NULL;
}

struct value call_metaclass(struct resolver *resolver, struct place_of_use place, expression_id id,
                            class_number metaclass, bool new_class)
{
    const struct module *module = resolver_module(resolver, place.module);
    const struct expression call = *module_expression(module, id);
    uint32_t count = call_positional(module, &call);
    if (metaclass == CLASS_TYPE && count == 1 && !new_class) {
        struct value value = evaluate(resolver, place, module_child(module, &call, 1));
        class_number found =
            value.kind == VALUE_CLASS ? metaclass_of(resolver, value.number) : CLASS_UNKNOWN;
        return found == CLASS_UNKNOWN ? call_not_followed(resolver, module, &call)
                                      : value_class(found);
    }
    const char *name = call_text(resolver, place, &call, 0, "name");
    struct base_list list = {.metaclass = metaclass, .names_metaclass = metaclass != CLASS_TYPE};
    expression_id bases = call_value(module, &call, 1, "bases");
    if (!name || (count < 3 && !new_class) ||
        (bases == NONE ? !new_class : !call_add_bases(resolver, place, bases, &list))) {
        base_list_free(&list);
        return call_not_followed(resolver, module, &call);
    }
    list.not_checked = list.not_checked ? list.not_checked : metaclass_departs(resolver, metaclass);
    if (new_class && call_value(module, &call, 2, "kwds") != NONE)
        list.not_checked = "types.new_class() with keywords";
    expression_id body = new_class ? NONE : call_value(module, &call, 2, "dict");
    bool plain = body != NONE && module_expression(module, body)->kind == EXPRESSION_SEQUENCE;
    struct class_of_call shape = {.name = name,
                                  .module = made_in(resolver, metaclass, &list, new_class),
                                  .slots_unknown = !plain,
                                  .has_slots = !plain};
    for (uint32_t i = 0; plain && i < module_expression(module, body)->count; i++) {
        const struct expression *key =
            module_expression(module, module_child(module, module_expression(module, body), i));
        if (key->kind != EXPRESSION_STRING ||
            strcmp(module_text(module, key->text), "__slots__") == 0)
            shape.slots_unknown = shape.has_slots = true;
    }
    return make_class(resolver, place, id, &shape, &list);
}
