/* Calls, by what is called: classes, functions, and a few whose result is known. */
#include "audit/call_internal.h"

#include <string.h>

static struct value call_special(struct resolver *resolver, struct place_of_use place,
                                 expression_id id, const struct value *callee);

/* Enum("Colour", "RED GREEN") makes a subclass; Colour("red") an object. */
static struct value call_class(struct resolver *resolver, struct place_of_use place,
                               expression_id id, class_number callee)
{
    const struct module *module = resolver_module(resolver, place.module);
    const struct expression call = *module_expression(module, id);
    if (derives(resolver, callee, CLASS_TYPE))
        return call_metaclass(resolver, place, id, callee, false);
    struct known_class known = resolver->classes.items[callee];
    if (known.origin == CLASS_FROM_STATEMENT) {
        const struct module_entry *entry = resolver->modules->entries.items[known.module];
        const char *text =
            module_text(&entry->module, entry->module.classes.items[known.index].name);
        struct value special = value_of_kind(VALUE_SPECIAL);
        special.number = special_for(entry->name, text);
        if (special.number == SPECIAL_ALIAS_MAKER)
            return call_special(resolver, place, id, &special);
    }
    class_number enum_type = known_class_named(resolver, "enum", "EnumMeta");
    class_number metaclass = metaclass_of(resolver, callee);
    if (metaclass != CLASS_UNKNOWN && enum_type != CLASS_UNKNOWN &&
        derives(resolver, metaclass, enum_type) && call_positional(module, &call) >= 2) {
        const char *name = call_text(resolver, place, &call, 0, "value");
        struct base_list list = {.metaclass = CLASS_UNKNOWN};
        struct class_base base = {.number = callee};
        if (!name || !vector_push(&list.bases, base) ||
            call_value(module, &call, NONE, "type") != NONE) {
            base_list_free(&list);
            return call_not_followed(resolver, module, &call);
        }
        return make_class(resolver, place, id, &(struct class_of_call){.name = name}, &list);
    }
    struct value value =
        value_unknown(resolver, "%s is an object that is made when the program runs",
                      module_text(module, call.text));
    if (metaclass == CLASS_TYPE)
        return value;
    return value_unknown(resolver, "%s: its metaclass decides what a call gives",
                         module_text(module, call.text));
}

static struct value call_getattr(struct resolver *resolver, struct place_of_use place,
                                 const struct expression *call, bool ask)
{
    const struct module *module = resolver_module(resolver, place.module);
    const char *name = call_text(resolver, place, call, 1, NULL);
    if (!name)
        return call_not_followed(resolver, module, call);
    struct value object = evaluate(resolver, place, module_child(module, call, 1));
    struct value value = value_attribute(resolver, &object, name);
    bool certain = object.kind == VALUE_MODULE;
    if (ask) {
        if (certain && value.kind == VALUE_UNBOUND)
            return value_of_kind(VALUE_FALSE);
        if (certain && value.kind != VALUE_UNKNOWN)
            return value_of_kind(VALUE_TRUE);
        return call_not_followed(resolver, module, call);
    }
    expression_id otherwise = call_value(module, call, 2, NULL);
    if (value.kind == VALUE_UNBOUND && certain && otherwise != NONE)
        return evaluate(resolver, place, otherwise);
    return value;
}

/* import_module("a.b"); `top`: __import__("a.b"), which gives a. Unbound: there is no such module.
 */
static struct value call_import(struct resolver *resolver, struct place_of_use place,
                                const struct expression *call, bool top)
{
    const struct module *module = resolver_module(resolver, place.module);
    const char *name = call_text(resolver, place, call, 0, "name");
    if (!name || *name == '.')
        return call_not_followed(resolver, module, call);
    struct value value = value_of_kind(VALUE_MODULE);
    value.number = modules_find(resolver->modules, place.module, name);
    if (value.number != MODULES_NONE && top)
        value.number = modules_find(resolver->modules, place.module,
                                    resolver_keep(resolver, strndup(name, strcspn(name, "."))));
    if (value.number == MODULES_NONE) {
        value = value_unknown(resolver, "there is no module %s", name);
        value.kind = VALUE_UNBOUND;
    }
    return value;
}

static struct value call_special(struct resolver *resolver, struct place_of_use place,
                                 expression_id id, const struct value *callee)
{
    const struct module *module = resolver_module(resolver, place.module);
    const struct expression call = *module_expression(module, id);
    expression_id first = call_value(module, &call, 0, NULL);
    struct value value;
    switch ((enum special)callee->number) {
    case SPECIAL_NAMEDTUPLE:
    case SPECIAL_NAMED_TUPLE:
        return make_single_base(resolver, place, id, "tuple", true);
    case SPECIAL_TYPED_DICT:
        return make_typed_dict(resolver, place, id, callee->module);
    case SPECIAL_CAST:
        first = call_value(module, &call, 1, "val");
        return first == NONE ? call_not_followed(resolver, module, &call)
                             : evaluate(resolver, place, first);
    case SPECIAL_NEW_CLASS:
        return call_metaclass(resolver, place, id, CLASS_TYPE, true);
    case SPECIAL_MAKE_DATACLASS:
        return make_dataclass(resolver, place, id);
    case SPECIAL_WITH_METACLASS:
        return make_stand_in(resolver, place, &call);
    case SPECIAL_FROM_QUERYSET:
        return make_manager(resolver, place, id);
    case SPECIAL_DECLARATIVE_BASE:
        return make_declarative_base(resolver, place, id, callee->module);
    case SPECIAL_IMPORT_MODULE:
    case SPECIAL_IMPORT_TOP:
        return call_import(resolver, place, &call, callee->number == SPECIAL_IMPORT_TOP);
    case SPECIAL_ALIAS_MAKER:
        value = first == NONE ? value_of_kind(VALUE_UNKNOWN) : evaluate(resolver, place, first);
        if (value.kind != VALUE_CLASS)
            return call_not_followed(resolver, module, &call);
        value.kind = VALUE_ALIAS;
        value.named = true;
        return value;
    case SPECIAL_GETATTR:
    case SPECIAL_HASATTR:
        return call_getattr(resolver, place, &call, callee->number == SPECIAL_HASATTR);
    default:
        return call_not_followed(resolver, module, &call);
    }
}

static bool begins_with(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

/* Whether a text begins with one of those in a tuple; false: they are not all known. */
static bool begins_with_one(const struct resolver *resolver, const char *text,
                            const struct value *texts, bool *yes)
{
    const struct module *module = resolver_module(resolver, texts->module);
    const struct expression *all = module_expression(module, texts->number);
    for (uint32_t i = 0; i < all->count; i++) {
        const struct expression *one = module_expression(module, module_child(module, all, i));
        if (one->kind != EXPRESSION_STRING)
            return false;
        *yes |= begins_with(text, module_text(module, one->text));
    }
    return true;
}

/* sys.platform.startswith("win") and the like. */
static bool call_of_text(struct resolver *resolver, struct place_of_use place,
                         const struct expression *call, struct value *result)
{
    const struct module *module = resolver_module(resolver, place.module);
    const struct expression head = *module_expression(module, module_child(module, call, 0));
    if (head.kind != EXPRESSION_ATTRIBUTE)
        return false;
    const char *method = module_text(module, head.text);
    expression_id prefix = call_value(module, call, 0, NULL);
    if (strcmp(method, "startswith") != 0 || prefix == NONE)
        return false;
    struct value object = evaluate(resolver, place, module_child(module, &head, 0));
    if (object.kind != VALUE_STRING)
        return false;
    struct value texts = evaluate(resolver, place, prefix);
    bool yes = texts.kind == VALUE_STRING && begins_with(object.text, texts.text);
    if (texts.kind == VALUE_SEQUENCE ? !begins_with_one(resolver, object.text, &texts, &yes)
                                     : texts.kind != VALUE_STRING)
        return false;
    *result = value_of_kind(yes ? VALUE_TRUE : VALUE_FALSE);
    return true;
}

/* What functions of the module platform say of the machine that is meant. */
static const char *said_by_platform(const char *name)
{
    if (strcmp(name, "python_implementation") == 0)
        return "CPython";
    return strcmp(name, "system") == 0 ? "Linux" : NULL;
}

static struct value call_function(struct resolver *resolver, struct place_of_use place,
                                  expression_id id, const struct value *callee)
{
    const struct module *source = resolver_module(resolver, callee->module);
    const struct expression call = *module_expression(resolver_module(resolver, place.module), id);
    const char *name = module_text(source, source->scopes.items[callee->number].name);
    const char *module_name = resolver->modules->entries.items[callee->module]->name;
    if (strcmp(module_name, "platform") == 0 && said_by_platform(name)) {
        struct value value = value_of_kind(VALUE_STRING);
        value.text = said_by_platform(name);
        return value;
    }
    if (is_with_metaclass(resolver, callee))
        return make_stand_in(resolver, place, &call);
    return function_result(resolver, callee, place, &call);
}

void resolver_make_called(struct resolver *resolver, uint32_t number)
{
    const struct module *module = resolver_module(resolver, number);
    for (uint32_t i = 0; i < module->events.count; i++) {
        const struct event *event = &module->events.items[i];
        if (event->kind != EVENT_ASSIGN)
            continue;
        const struct expression *call = module_expression(module, event->index);
        const struct block *block = &module->blocks.items[event->block];
        if (call->kind != EXPRESSION_CALL || call->count < 2 ||
            module->scopes.items[block->scope].kind == SCOPE_FUNCTION)
            continue;
        enum expression_kind first = module_expression(module, module_child(module, call, 1))->kind;
        if (first == EXPRESSION_STRING)
            lookup_event(resolver, number, i);
    }
}

struct value evaluate_call(struct resolver *resolver, struct place_of_use place, expression_id id)
{
    const struct module *module = resolver_module(resolver, place.module);
    const struct expression call = *module_expression(module, id);
    uint64_t key = ((uint64_t)(place.module + 1) << 35) | ((uint64_t)id << 3) | 1;
    uint32_t made = address_map_get(&resolver->made_by_call, key);
    if (made != ADDRESS_MAP_ABSENT)
        return value_class(made);
    struct value result;
    if (call_of_text(resolver, place, &call, &result))
        return result;
    struct value callee = evaluate(resolver, place, module_child(module, &call, 0));
    switch (callee.kind) {
    case VALUE_CLASS:
        return call_class(resolver, place, id, callee.number);
    case VALUE_SPECIAL:
        return call_special(resolver, place, id, &callee);
    case VALUE_FUNCTION:
        return call_function(resolver, place, id, &callee);
    default:
        return call_not_followed(resolver, module, &call);
    }
}
